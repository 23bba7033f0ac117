-- Putting a history in order: baselines, repairs, squashes.
local native = require("dbcore.native")
local check = require("dbcore.check")
local base = require("dbcore.migrate.migrator")
local folder = require("dbcore.migrate.folder")
local generate = require("dbcore.migrate.generate")
local problem = require("dbcore.migrate.problem")
local status = require("dbcore.migrate.status")

local Migrator = base.Migrator

-- Raises unless the database is what its migrations lead to. Returns the fingerprint of that.
local function check_end(self, version)
  local scratch <close> = base.end_state(self, version)
  local wanted, now = native.catalog(scratch), native.catalog(self._handle)
  local fingerprint = wanted:fingerprint()
  if now:fingerprint() ~= fingerprint then
    local differences = native.plan_between(self._handle, wanted, now):differences()
    local first = differences[1] and differences[1].words or "they differ"
    problem.raise("drift", problem.new("H7", nil,
      ("the database is not what the migrations lead to: %s%s"):format(first,
        #differences > 1 and (", and %d more"):format(#differences - 1) or ""),
      "nothing was marked as applied"), { differences = differences })
  end
  return fingerprint
end

--- Marks migrations as applied without running them, for a database that was made otherwise. It
--- must be what they lead to, unless `force` is given.
---@param options? { to: string|integer, force: boolean, dry_run: boolean } to: the last one to be
--- marked; dry_run: only tells which
---@return { marked: string[] }
function Migrator:baseline(options)
  local given = check.options(options, { to = "any", force = "boolean", dry_run = "boolean" },
    "baseline()")
  local version = given.to and tostring(given.to) or nil
  self:load()
  local before, marked = self:status(), {}
  local fingerprint = not given.force and check_end(self, version) or nil
  self._handle:transaction(function(tx)
    native.baseline(self._box, tx, version, fingerprint)
    for i, entry in ipairs(native.history(self._box, tx).entries) do
      if entry.state == "applied" and before.entries[i].state ~= "applied" then
        marked[#marked + 1] = base.id_of(entry.version, entry.name)
      end
    end
    if given.dry_run then
      tx:rollback()
    end
  end)
  if not given.dry_run then
    base.note(self, marked)
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
    local one = problem.of_entry(entry)
    if entry.state == "edited" and not is_same_text(self, entry) then
      one.message = ("%s says something else than when it was applied"):format(entry.id)
      one.fix = "give { force = true } to accept it as it is now"
      problem.raise("refused", one)
    elseif entry.state == "missing" or entry.state == "newer" then
      one.message = ("%s is applied, but there is no such file"):format(entry.id)
      one.fix = "give { force = true } to forget that it was"
      problem.raise("refused", one)
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
  local hints = table.move(given.hints or {}, 1, #(given.hints or {}), 1, {})
  if given.allow_loss then
    table.insert(hints, { kind = "allow_loss" })
  end
  for _, object in ipairs(native.catalog(self._handle):objects()) do
    if status.is_ignored({ table = object.table }, self._options.ignore) then
      table.insert(hints, { kind = "ignore", table = object.table })
    end
  end
  local plan = native.plan(self._handle, wanted, { hints = hints })
  generate.refuse(plan:findings())
  local words = {}
  for i, one in ipairs(plan:differences()) do
    words[i] = one.words
  end
  plan:apply(self._handle)
  return words
end

-- Writes the list of checksums where it lacks something, or holds what is no line of it, such as
-- what a merge of branches left. Whether it did.
local function list_anew(self)
  local dir = self._options.dir
  if not dir or not self._migrations[1] then
    return false
  end
  local good, differences = pcall(folder.compare_sums, dir, self._migrations)
  if good and folder.sums(dir) and #differences == 0 then
    return false
  end
  folder.write_sums(dir, self._migrations)
  return true
end

--- Brings the ledger and the list of checksums in line with the files. Edits are accepted when only
--- their layout differs, or with `force`, which also forgets migrations whose files are gone. With
--- `drift` the database is brought back to what its last migration left; what that would lose needs
--- `allow_loss`, or `hints` as generate() takes them. With `accept` it is taken as it is.
---@param options? { force: boolean, drift: boolean, accept: boolean, allow_loss: boolean,
--- hints: table[] }
---@return { mended: integer, undone: string[], listed: boolean } listed: the list was written
function Migrator:repair(options)
  local given = check.options(options, { force = "boolean", drift = "boolean", accept = "boolean",
    allow_loss = "boolean", hints = "table" }, "repair()")
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
  result.listed = list_anew(self)
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
  return base.write(self, { id = id, replaces = ids, text = text }, ".sql", given)
end

return Migrator
