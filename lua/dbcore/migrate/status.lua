-- Where a database stands, what is due, and whether all of it fits together. Nothing here changes
-- anything but databases in memory.
local native = require("dbcore.native")
local check = require("dbcore.check")
local base = require("dbcore.migrate.migrator")
local diff = require("dbcore.migrate.diff")
local folder = require("dbcore.migrate.folder")
local problem = require("dbcore.migrate.problem")

local Migrator = base.Migrator

-- What was edited since it was applied; nil when one of the two texts is not known.
local function edit_of(entry, file)
  local source = file and (file.source or file.sql)
  if entry.state == "edited" and entry.applied_source and source then
    return diff.unified(entry.applied_source, source, entry.id .. " (applied)",
      file.path or entry.id)
  end
end

-- The entries of a history with what the files add to them.
local function entries_of(self, history)
  local files, entries = {}, {}
  for _, one in ipairs(self._migrations) do
    files[one.id] = one
  end
  for i, found in ipairs(history.entries) do
    found.id = base.id_of(found.version, found.name)
    found.path = files[found.id] and files[found.id].path
    found.diff = edit_of(found, files[found.id])
    entries[i] = found
  end
  return entries
end

--- Where the database stands: a list of all migrations with their states, the last one that is
--- applied, and what is wrong.
---@return dbcore.MigrationStatus
function Migrator:status()
  self:load()
  local history = native.history(self._box, self._handle)
  local status = { entries = entries_of(self, history), applied = 0, pending = 0, problems = {} }
  for _, entry in ipairs(status.entries) do
    table.insert(status.problems, problem.of_entry(entry))
    if entry.state == "applied" or entry.state == "edited" then
      status.applied, status.current = status.applied + 1, entry.id
    elseif entry.state == "pending" or entry.state == "out_of_order" then
      status.pending = status.pending + 1
    end
  end
  return status
end

---------------------------------------------------------------------------------------------------
-- What would be done

-- The CREATE statements of everything in a database.
local function statements_of(handle)
  local list = {}
  for i, object in ipairs(native.catalog(handle):objects()) do
    list[i] = object.sql
  end
  return list
end

-- A copy of the database without its rows, but with its ledger.
local function empty_copy(self)
  local scratch = base.scratch(self, statements_of(self._handle))
  local there = self._handle:query("SELECT sql FROM sqlite_master WHERE name = 'dbcore_migrations'")
    :value()
  if there then
    scratch:exec(there)
    for row in self._handle:query("SELECT * FROM dbcore_migrations ORDER BY id") do
      local names, values = check.sorted_keys(row), {}
      for i, name in ipairs(names) do
        values[i] = row[name]
      end
      scratch:exec(("INSERT INTO dbcore_migrations (%s) VALUES (%s)"):format(
        table.concat(names, ", "), ("?"):rep(#names, ", ")), table.unpack(values))
    end
  end
  return scratch
end

-- The number of the last row of the ledger; 0 when there is none.
local function last_row(handle)
  if not handle:query("SELECT 1 FROM sqlite_master WHERE name = 'dbcore_migrations'"):value() then
    return 0
  end
  return handle:query("SELECT coalesce(max(id), 0) FROM dbcore_migrations"):value()
end

-- The statements of a text, without blanks around them.
local function statements_in(text)
  local list = {}
  for _, sql in ipairs(native.split_sql(text)) do
    if sql:find("%S") then
      list[#list + 1] = sql:match("^%s*(.-)%s*$")
    end
  end
  return list
end

--- What up() would do, or down(n) and to(version): the migrations in order with their SQL, found
--- out by running them in memory, where there are no rows. One that needs rows ends the list with
--- what it said in `unknown`.
---@param options? { to: string|integer, down: integer, version: string|integer,
--- out_of_order: boolean } as up() takes them; `down`: as down() does; `version`: as to() does
---@return dbcore.MigrationPlan
function Migrator:plan(options)
  local given = base.options_of(self, options, "plan()",
    { to = "any", down = "integer", version = "any" })
  local goal = { kind = given.down and "down" or given.version and "to" or "up",
    count = given.down, version = given.version and tostring(given.version)
      or given.to and tostring(given.to) }
  self:load()
  native.next_migration(self._box, self._handle, goal, { out_of_order = given.out_of_order })
  local scratch <close> = empty_copy(self)
  local before = last_row(scratch)
  local good, err = pcall(base.rehearse, self, scratch, goal)
  local plan = { steps = {} }
  for row in last_row(scratch) > before and scratch:query("SELECT * FROM dbcore_migrations WHERE "
    .. "id > ? AND direction IN ('up', 'down') ORDER BY id", before) or function() end do
    table.insert(plan.steps, { id = base.id_of(row.version, row.name), direction = row.direction,
      sql = statements_in(row.plan or "") })
  end
  if not good then
    plan.unknown = type(err) == "table" and err.message or tostring(err)
  end
  return plan
end

---------------------------------------------------------------------------------------------------
-- Drift

local function is_ignored(difference, patterns)
  for _, pattern in ipairs(patterns or {}) do
    local text = "^" .. pattern:gsub("[%^%$%(%)%%%.%[%]%+%-]", "%%%0"):gsub("%*", ".*")
      :gsub("%?", ".") .. "$"
    if (difference.table or ""):find(text) or (difference.name or ""):find(text) then
      return true
    end
  end
  return false
end

-- Differences that are not to be overlooked.
local function kept(differences, patterns)
  local list = {}
  for _, one in ipairs(differences) do
    if not is_ignored(one, patterns) then
      list[#list + 1] = one
    end
  end
  return list
end

--- How the database differs from what its last migration left: each difference in words, the SQL
--- that would undo it (`repair`), and the SQL that it came by (`adopt`).
---@param options? { ignore: string[] } patterns of names that do not count
---@return dbcore.Drift
function Migrator:drift(options)
  local given = base.options_of(self, options, "drift()")
  self:load()
  local history = native.history(self._box, self._handle)
  local drift = { differences = {}, repair = {}, adopt = {} }
  local now = native.catalog(self._handle)
  if not history.fingerprint or now:fingerprint() == history.fingerprint then
    return drift
  end
  local before = native.catalog_of(self._handle, history.schema)
  local there = native.plan_between(self._handle, before, now)
  local back = native.plan_between(self._handle, now, before)
  drift.differences = kept(there:differences(), given.ignore)
  if #drift.differences > 0 then
    for _, step in ipairs(there:steps()) do
      table.insert(drift.adopt, step.sql)
    end
    for _, step in ipairs(back:steps()) do
      table.insert(drift.repair, step.sql)
    end
  end
  return drift
end

---------------------------------------------------------------------------------------------------
-- Verifying

local function compare_schema(self, problems, scratch)
  local schema = self._options.schema
  if not schema then
    return
  end
  local wanted = native.catalog_of(self._handle, schema)
  local reached = native.catalog(scratch)
  if wanted:fingerprint() ~= reached:fingerprint() then
    local first = native.plan_between(self._handle, reached, wanted):differences()[1]
    table.insert(problems, problem.new("H5", nil,
      ("the migrations do not lead to the schema: %s"):format(first and first.words
        or "they differ"), "write the missing migration with generate"))
  end
end

-- Whether two databases differ by nothing but the order of columns: a column that comes back stands
-- behind the others, and nobody would copy a table for that.
local function is_same(self, wanted, found)
  wanted, found = native.catalog(wanted), native.catalog(found)
  if wanted:fingerprint() == found:fingerprint() then
    return true
  end
  for _, one in ipairs(native.plan_between(self._handle, found, wanted):differences()) do
    if one.kind ~= "columns_reordered" then
      return false
    end
  end
  return true
end

-- Up, down and up again must come to the same at every step that has a way back.
local function check_ways_back(self, problems, scratch)
  for i = #self._migrations, 1, -1 do
    local one = self._migrations[i]
    local before = self._migrations[i - 1]
    if not native.history(self._box, scratch).entries[i].reversible then
      return
    end
    local expected <close> = base.end_state(self, before and before.version or "0")
    base.rehearse(self, scratch, { kind = "to", version = before and before.version or "0" })
    if not is_same(self, expected, scratch) then
      table.insert(problems, problem.new("H6", one.id, "does not undo with `down` what `up` does",
        "mend its `down`, or take it out and mark it as irreversible"))
      return
    end
  end
end

-- Squashes and merges stand beside what they replace; their ways back are not compared.
local function is_plain(self)
  for _, one in ipairs(self._migrations) do
    if one.replaces or one.merges then
      return false
    end
  end
  return true
end

--- Checks everything without changing anything: the history, the list of checksums, drift of the
--- database, that the migrations lead to the schema, and that their ways back are right.
---@param options? { ignore: string[] }
---@return { ok: boolean, problems: dbcore.MigrationProblem[] }
function Migrator:verify(options)
  local status = self:status()
  local problems = status.problems
  if self._options.dir then
    for _, one in ipairs(folder.compare_sums(self._options.dir, self._migrations)) do
      table.insert(problems, problem.new("H2", nil, one.message,
        ("write %s anew with repair"):format(folder.SUMS)))
    end
  end
  for _, one in ipairs(self:drift(options).differences) do
    table.insert(problems, problem.new("H7", nil,
      "the database was changed since its last migration: " .. one.words,
      "adopt it in a migration, ignore it by its name, or undo it with repair { drift = true }"))
  end
  local good, scratch = pcall(base.end_state, self)
  if not good then
    local words = type(scratch) == "table" and scratch.message or tostring(scratch)
    table.insert(problems, problem.new("H8", nil,
      "the migrations cannot be run in memory: " .. words,
      "let the migration do without rows, or make its functions known with the option set_up"))
  else
    local _ <close> = scratch
    compare_schema(self, problems, scratch)
    if is_plain(self) then
      check_ways_back(self, problems, scratch)
    end
  end
  return { ok = #problems == 0, problems = problems }
end

return { statements_of = statements_of, is_ignored = is_ignored }
