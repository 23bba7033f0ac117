-- Putting a history in order: baselines, repairs, merges of two heads, squashes.
local native = require("dbcore.native")
local check = require("dbcore.check")
local base = require("dbcore.migrate.migrator")
local folder = require("dbcore.migrate.folder")
local generate = require("dbcore.migrate.generate")
local status = require("dbcore.migrate.status")

local Migrator = base.Migrator

--- Marks migrations as applied without running them, for a database that was made otherwise. It
--- must be what they lead to, unless `force` is given.
---@param options? { to: string|integer, force: boolean } to: the last one to be marked
---@return { marked: string[] }
function Migrator:baseline(options)
  local given = check.options(options, { to = "any", force = "boolean" }, "baseline()")
  local version = given.to and tostring(given.to) or nil
  self:load()
  local before, fingerprint = self:status(), nil
  if not given.force then
    local scratch <close> = base.end_state(self, version)
    local wanted, now = native.catalog(scratch), native.catalog(self._handle)
    fingerprint = wanted:fingerprint()
    if now:fingerprint() ~= fingerprint then
      local first = native.plan_between(self._handle, now, wanted):differences()[1]
      native.raise("drift", ("the database is not what the migrations lead to: %s; nothing was "
        .. "marked as applied"):format(first and first.words or "they differ"))
    end
  end
  native.baseline(self._box, self._handle, version, fingerprint)
  local marked = {}
  for i, entry in ipairs(self:status().entries) do
    if entry.state == "applied" and before.entries[i].state ~= "applied" then
      marked[#marked + 1] = entry.id
    end
  end
  return { marked = marked }
end

-- Whether an edit changed only what does not count.
local function is_same_text(self, entry)
  for _, one in ipairs(self._migrations) do
    if one.id == entry.id and entry.applied_source then
      if one.sql then
        return native.sql_checksum(one.sql) == native.sql_checksum(entry.applied_source)
      end
      return require("dbcore.migrate.checksum").lua(one.source)
        == require("dbcore.migrate.checksum").lua(entry.applied_source)
    end
  end
  return false
end

local function check_edits(self)
  for _, entry in ipairs(self:status().entries) do
    if entry.state == "edited" and not is_same_text(self, entry) then
      native.raise("refused", ("%s says something else than when it was applied; give { force = "
        .. "true } to accept it as it is now"):format(entry.id))
    elseif entry.state == "missing" or entry.state == "newer" then
      native.raise("refused", ("%s is applied, but there is no such file; give { force = true } to "
        .. "forget that it was"):format(entry.id))
    end
  end
end

-- Brings the database back to what its last migration left.
local function undo_drift(self, given)
  local history = native.history(self._box, self._handle)
  if #self:drift().differences == 0 then
    return {}
  end
  local wanted = native.catalog_of(self._handle, history.schema)
  local plan = native.plan(self._handle, wanted,
    { hints = given.allow_loss and { { kind = "allow_loss" } } or nil })
  local words = {}
  for i, one in ipairs(plan:differences()) do
    words[i] = one.words
  end
  plan:apply(self._handle)
  return words
end

--- Brings the ledger and the list of checksums in line with the files. Edits are accepted when only
--- their layout differs, or with `force`, which also forgets migrations whose files are gone. With
--- `drift` the database is brought back to what its last migration left; what that would lose needs
--- `allow_loss`. With `accept` it is taken as it is.
---@param options? { force: boolean, drift: boolean, accept: boolean, allow_loss: boolean }
---@return { mended: integer, undone: string[] }
function Migrator:repair(options)
  local given = check.options(options, { force = "boolean", drift = "boolean", accept = "boolean",
    allow_loss = "boolean" }, "repair()")
  self:load()
  if not given.force then
    check_edits(self)
  end
  local result = { undone = given.drift and undo_drift(self, given) or {} }
  result.mended = native.mend(self._box, self._handle, { checksums = true,
    missing = given.force, schema = given.accept })
  if given.accept and result.mended == 0 then
    result.mended = native.mend(self._box, self._handle, { schema = true })
  end
  if self._options.dir and folder.sums(self._options.dir) then
    folder.write_sums(self._options.dir, self._migrations)
  end
  return result
end

-- Those of one version of which there are several, and that nothing merges.
local function heads_of(list)
  local heads, merged = {}, {}
  for _, one in ipairs(list) do
    for _, name in ipairs(one.merges or {}) do
      merged[name] = true
    end
  end
  for i, one in ipairs(list) do
    local number = one.version:gsub("^0+", "")
    for _, other in ipairs { list[i - 1] or {}, list[i + 1] or {} } do
      if other.version and other.version:gsub("^0+", "") == number and not merged[one.id] then
        heads[one.id] = true
      end
    end
  end
  return check.sorted_keys(heads)
end

-- Another migrator of the same options, with these migrations.
local function with(self, list)
  local other = { _options = self._options, _handle = self._handle, _migrations = list }
  other._box = base.build(other)
  return other
end

-- What comes out when the head `late` is run after all others, and the merge last.
local function fingerprint_with(self, list, late)
  local scratch <close> = base.scratch(self)
  local early = {}
  for _, one in ipairs(list) do
    if one.id ~= late and not one.merges then
      early[#early + 1] = one
    end
  end
  local good, err = pcall(function()
    base.rehearse(with(self, early), scratch, { kind = "up" })
    base.rehearse(with(self, list), scratch, { kind = "up" })
  end)
  if not good and type(err) == "table" and err.code ~= "conflict" then
    native.raise("conflict", ("the heads cannot be merged: with %s after the others, %s"):format(
      late, err.message), { cause = err })
  elseif not good then
    error(err, 0)
  end
  return native.catalog(scratch):fingerprint()
end

-- Two heads may come in either order when that makes no difference.
local function prove_order(self, list, heads)
  local first = fingerprint_with(self, list, heads[1])
  for i = 2, #heads do
    if fingerprint_with(self, list, heads[i]) ~= first then
      native.raise("conflict", ("the heads %s come to something else in another order: give one of "
        .. "them a later version"):format(table.concat(heads, " and ")))
    end
  end
end

--- Writes a migration that only says that two heads may come in either order, after both orders
--- were tried in memory and came to the same.
---@param options? { name: string, dry_run: boolean }
---@return { id: string, heads: string[], path: string? }? result nil when there is one head only
function Migrator:merge(options)
  generate.check_folder(self, "merge()")
  local given = check.options(options, { name = "string", dry_run = "boolean" }, "merge()")
  local list = folder.load(self._options.dir)
  local heads = heads_of(list)
  if #heads == 0 then
    return nil
  end
  local version, name = folder.next_version(list), folder.name(given.name or "merge")
  local id = base.id_of(version, name)
  local text = ("-- merges: %s\n"):format(table.concat(heads, " "))
  local merged = table.move(list, 1, #list, 1, {})
  table.insert(merged, { version = version, name = name, id = id, sql = text, merges = heads })
  if #heads == 2 then
    prove_order(self, merged, heads)
  end
  local result = { id = id, heads = heads, text = text }
  if not given.dry_run then
    result.path = folder.write(self._options.dir, id .. ".sql", text)
    self:load()
  end
  return result
end

-- CREATE statements as the text of a migration.
local function squashed_text(ids, statements)
  local lines = { ("-- replaces: %s\n-- up\n"):format(table.concat(ids, " ")) }
  for _, sql in ipairs(statements) do
    lines[#lines + 1] = sql:gsub(";?%s*$", "") .. ";\n"
  end
  return table.concat(lines)
end

--- Writes one migration that makes in one go what all those up to `to` make, proved equal in
--- memory. It stands for them: a database that has them has it, a new one runs it in their place.
--- The old files may go when every database is beyond them. Rows that migrations write are not in
--- it: give them as `data`.
---@param options? { to: string|integer, name: string, data: string, dry_run: boolean } data: SQL
---@return { id: string, replaces: string[], text: string, path: string? }? result nil when there is
--- nothing to squash
function Migrator:squash(options)
  generate.check_folder(self, "squash()")
  local given = check.options(options, { to = "any", name = "string", data = "string",
    dry_run = "boolean" }, "squash()")
  self:load()
  local version = given.to and tostring(given.to) or nil
  local ids = {}
  for _, one in ipairs(self._migrations) do
    if not version or not folder.before({ version = version, name = "\255" }, one) then
      ids[#ids + 1] = one.id
    end
  end
  if #ids < 2 then
    return nil
  end
  local old <close> = base.end_state(self, version)
  local text = squashed_text(ids, status.statements_of(old)) .. (given.data or "")
  local new <close> = base.scratch(self)
  for _, sql in ipairs(native.split_sql(text)) do
    new:exec(sql)
  end
  if native.catalog(new):fingerprint() ~= native.catalog(old):fingerprint() then
    native.raise("unsupported", "the squashed migration does not lead to the same database")
  end
  local id = base.id_of(folder.next_version(self._migrations), folder.name(given.name or "squash"))
  local result = { id = id, replaces = ids, text = text }
  if not given.dry_run then
    result.path = folder.write(self._options.dir, id .. ".sql", text)
    self:load()
  end
  return result
end

return Migrator
