-- Writing migrations: from where the migrations lead to what the schema wants, with the way back.
-- A migration is run in memory, up and down, before its file is written.
local native = require("dbcore.native")
local check = require("dbcore.check")
local base = require("dbcore.migrate.migrator")
local code = require("dbcore.migrate.code")
local folder = require("dbcore.migrate.folder")
local schema_module = require("dbcore.schema")

local Migrator = base.Migrator

-- What a file is called when nobody says it.
local NAMES = {
  table_added = "create_%s", table_dropped = "drop_%s", table_renamed = "rename_%s",
  column_added = "add_%2$s_to_%1$s", column_dropped = "drop_%2$s_from_%1$s",
  column_renamed = "rename_%2$s_of_%1$s", index_added = "index_%1$s", view_added = "create_%2$s",
}

local function name_for(differences)
  local first = differences[1]
  local pattern = NAMES[first.kind] or "change_%1$s"
  local words = { first.table or first.name or "schema", first.name or "" }
  local name = pattern:gsub("%%(%d?)%$?s", function(digit)
    return words[tonumber(digit) or 1]
  end)
  return folder.name(name)
end

-- Whether there are rows is for the database to say where it is run: here all of them count, and
-- what would go with them needs an answer.
local function find_losses(findings)
  for _, one in ipairs(findings) do
    if (one.code == "D1" or one.code == "D2") and one.answers then
      local name = one.column and one.table .. "." .. one.column or one.table
      one.level = "refusal"
      one.message = ("%s would be dropped with all that is in it"):format(one.column
        and ("column %s of %s"):format(check.quote(one.column), check.quote(one.table))
        or "table " .. check.quote(one.table))
      one.fix = ("allow the loss of %s, or say what it was renamed to"):format(name)
    end
  end
  return findings
end

local function column_of(catalog, table_name, name)
  local object = catalog:find("table", table_name)
  for _, def in ipairs(object and object.description and object.description.columns or {}) do
    if def.name:lower() == name:lower() then
      return def
    end
  end
  return nil
end

-- Whether rows that are there get a value by themselves.
local function has_value(def)
  return def.default ~= nil or def.default_sql ~= nil or def.default_now or def.generated
end

local function is_filled(described, hints, one)
  for _, hint in ipairs(hints) do
    if (hint.kind == "backfill" or hint.kind == "copy") and hint.name == one.name
      and hint.table == one.table then
      return true
    end
  end
  for _, def in ipairs(described or {}) do
    for _, column in ipairs(def.name == one.table and def.columns or {}) do
      if column.name == one.name and (column.backfill or column.copy) then
        return true
      end
    end
  end
  return false
end

-- Adds what rows will lack, if there are any: a value for a column that is to be NOT NULL.
local function find_gaps(findings, work)
  for _, one in ipairs(work.differences) do
    local is_new = one.kind == "column_added"
    local def = (is_new or one.kind == "column_changed")
      and column_of(work.to, one.table, one.name)
    local old = def and not is_new and column_of(work.from, one.table, one.name)
    if def and def.not_null and not (old and old.not_null) and not (is_new and has_value(def))
      and not is_filled(work.described, work.hints, one) then
      table.insert(findings, { code = "F1", level = "warning", table = one.table,
        column = one.name, message = ("column %s of %s %s NOT NULL: rows without a value there "
        .. "stop the migration"):format(check.quote(one.name), check.quote(one.table),
        is_new and "is new and" or "becomes"), fix = 'give them one with :backfill "SQL"',
        answers = { { kind = "backfill", table = one.table, name = one.name } } })
    end
  end
  return findings
end

-- Raises what a plan cannot do without an answer.
local function refuse(findings)
  for _, one in ipairs(findings) do
    if one.level == "refusal" then
      local fix = one.fix and ": " .. one.fix or ""
      native.raise("refused", one.message .. fix, { table = one.table,
        columns = one.column and { one.column } or nil, findings = findings })
    end
  end
end

-- The same way back: what was renamed gets its old name.
local function reversed_hints(differences)
  local hints = { { kind = "allow_loss" } }
  for _, one in ipairs(differences) do
    if one.kind == "table_renamed" then
      table.insert(hints, { kind = "rename_table", table = one.table, value = one.old_name })
    elseif one.kind == "column_renamed" then
      table.insert(hints, { kind = "rename_column", table = one.table, name = one.name,
        value = one.old_name })
    elseif one.kind == "index_renamed" then
      table.insert(hints, { kind = "rename_index", name = one.name, value = one.old_name })
    end
  end
  return hints
end

local function function_text(name, body)
  return ("  %s = function(m)\n%s\n  end,\n"):format(name, body)
end

-- The whole file.
local function file_text(id, differences, up, down, loses)
  local head = { ("-- %s:\n"):format(id) }
  for _, one in ipairs(differences) do
    head[#head + 1] = "--   " .. one.words:gsub("%c", " ") .. "\n"
  end
  local body = function_text("up", up) .. "\n"
  if down and down ~= "" then
    body = body .. function_text("down", down)
  else
    body = body .. "  irreversible = true,\n"
  end
  if (up .. (down or "")):find("%f[%w_]d%.") then
    head[#head + 1] = 'local d = require("dbcore")\n'
  end
  head[#head + 1] = "\nreturn {\n"
  if not loses then
    head[#head + 1] = "  loses = false,\n"
  end
  return table.concat(head) .. body .. "}\n"
end

-- Runs the migrations with the new one in memory. Returns where up and down lead.
local function try(self, version, name, text)
  local one = folder.parse(version, name, text)
  local with = { _options = self._options, _handle = self._handle, _migrations = {} }
  table.move(self._migrations, 1, #self._migrations, 1, with._migrations)
  table.insert(with._migrations, one)
  with._box = base.build(with)
  local scratch <close> = base.end_state(with)
  local up = native.catalog(scratch):fingerprint()
  if not one.down then
    return up
  end
  base.rehearse(with, scratch, { kind = "down", count = 1 })
  return up, native.catalog(scratch):fingerprint()
end

-- The file in words, or in CREATE statements where words do not lead to the target; without a way
-- back where that does not lead to where it came from.
local function compose(self, work)
  local problem
  for _, plain in ipairs { false, true } do
    local up, loses = code.write(work.differences, work.to,
      { from = work.from, hints = work.hints, described = work.described, plain = plain })
    for _, way_back in ipairs { "words", "plain", "none" } do
      local down = way_back ~= "none" and code.write(work.back, work.from, { from = work.to,
        hints = work.back_hints, plain = way_back == "plain", is_back = true }) or nil
      local text = file_text(work.id, work.differences, up, down, loses)
      local good, reached, returned = pcall(try, self, work.version, work.name, text)
      if good and reached == work.to:fingerprint()
        and (not down or returned == work.from:fingerprint()) then
        return text, loses, down == nil
      elseif not good then
        problem = problem or reached
      elseif reached ~= work.to:fingerprint() then
        break -- another way back does not help
      end
    end
  end
  return native.raise("unsupported", "the migration cannot be written: "
    .. (problem and (type(problem) == "table" and problem.message or tostring(problem))
      or "what was generated does not lead to the schema"), { cause = problem })
end

local function described_tables(schema)
  if type(schema) ~= "userdata" then
    return nil
  end
  local list = {}
  for i, def in ipairs(schema_module.describe(schema).tables) do
    list[i] = check.copy(def)
    list[i].name = (def.prefix or "") .. def.name
    list[i].prefix = nil
  end
  return list
end

-- Writes what was composed, or only gives it back.
local function finish(self, work, given)
  local text, loses, is_irreversible = compose(self, work)
  local result = { id = work.id, text = text, differences = work.differences, loses = loses,
    irreversible = is_irreversible, findings = work.findings }
  return base.write(self, result, ".lua", given)
end

local function prepare(self, from, to, described, given)
  local hints = given.hints or {}
  local plan = native.plan_between(self._handle, from, to, { hints = hints })
  local differences = plan:differences()
  if #differences == 0 then
    return nil
  end
  local findings = find_losses(plan:findings())
  refuse(findings)
  local back_hints = reversed_hints(differences)
  local back = native.plan_between(self._handle, to, from, { hints = back_hints })
  local version = folder.next_version(self._migrations)
  local name = given.name and folder.name(given.name) or name_for(differences)
  local work = { from = from, to = to, hints = hints, differences = differences,
    described = described, back = back:differences(), back_hints = back_hints, version = version,
    name = name, id = base.id_of(version, name) }
  work.findings = find_gaps(findings, work)
  return work
end

local GENERATE = { name = "string", hints = "table", dry_run = "boolean", schema = "any" }

local function check_folder(self, what)
  if not self._options.dir then
    check.fail("%s writes into a folder: give the migrator its \"dir\"", what)
  end
end

--- Writes the migration that leads from the end of those that are there to the schema, with its way
--- back, after it was run in memory. What would be lost without a trace is refused until a hint
--- allows it.
---@param options? { name: string, hints: table[], dry_run: boolean, schema: dbcore.Schema|string }
--- hints: { kind =, table =, name =, value = }, kinds "rename_table", "rename_column",
--- "rename_index", "backfill", "copy", "data", "ignore", "allow_loss"; dry_run: write no file
---@return dbcore.GeneratedMigration? result nil when there is nothing to do
function Migrator:generate(options)
  check_folder(self, "generate()")
  local given = check.options(options, GENERATE, "generate()")
  local schema = given.schema or self._options.schema
  if schema == nil then
    check.fail('generate() needs to know what is wanted: give the migrator a "schema"')
  end
  self:load()
  local scratch <close> = base.end_state(self)
  local work = prepare(self, native.catalog(scratch), native.catalog_of(self._handle, schema),
    described_tables(schema), given)
  return work and finish(self, work, given) or nil
end

--- Writes a migration of what was changed in the database by hand, and marks it as applied there.
---@param options? { name: string, dry_run: boolean }
---@return dbcore.GeneratedMigration? result nil when nothing was
function Migrator:adopt(options)
  check_folder(self, "adopt()")
  local given = check.options(options, { name = "string", dry_run = "boolean" }, "adopt()")
  self:load()
  local scratch <close> = base.end_state(self)
  local work = prepare(self, native.catalog(scratch), native.catalog(self._handle), nil,
    { name = given.name or "adopt", hints = { { kind = "allow_loss" } }, dry_run = given.dry_run })
  if not work then
    return nil
  end
  local result = finish(self, work, given)
  if not given.dry_run then
    native.baseline(self._box, self._handle, work.version, nil)
  end
  return result
end

return { function_text = function_text, check_folder = check_folder, refuse = refuse }
