-- What a command works on: the project's settings with the command line's over them, and from
-- there the database, the schema and the folder of migrations.
local dbcore = require("dbcore")
local check = require("dbcore.check")
local native = require("dbcore.native")
local config = require("dbscript.project.config")
local file = require("dbscript.file")
local outcome = require("dbscript.project.outcome")
local report = require("dbscript.report")

local Workspace = {}
local Workspace_mt = { __name = "dbscript.workspace", __index = Workspace }

local workspace = {}

--- The settings of a run.
---@param given table the arguments
---@return dbscript.Workspace
function workspace.new(given)
  local settings = config.read(given.config, given.config == "dbcore.lua")
  if #given.schema > 0 then
    settings.schema = given.schema
  end
  settings.database = given.database or settings.database
  settings.migrations = given.migrations or settings.migrations
  return setmetatable({ settings = settings }, Workspace_mt)
end

--- The path of the database, which must have been said.
---@return string
function Workspace:database_path()
  local path = self.settings.database
  if not path then
    outcome.stop(outcome.WRONG_USAGE,
      'no database is named: give --database FILE, or write database = "app.db" into dbcore.lua, '
        .. "which dbscript init makes")
  elseif path == "" or path:find("/$") then
    outcome.stop(outcome.WRONG_USAGE, "%s is no name of a file: --database takes the database",
      check.quote(path))
  end
  local found = file.about(path)
  if found and found.kind ~= "file" then
    outcome.stop(outcome.FAILED, "%s is %s and no database", check.quote(path),
      found.kind == "folder" and "a folder" or "no plain file")
  end
  return path
end

--- The same for a file that must be there.
---@return string
function Workspace:existing_database_path()
  local path = self:database_path()
  if not file.about(path) then
    outcome.stop(outcome.FAILED, "there is no database %s: dbscript migrate or push makes it",
      check.quote(path))
  end
  return path
end

local function read_file(path)
  local handle, problem = io.open(path, "rb")
  if not handle and not file.about(path) then
    outcome.stop(outcome.FAILED, "there is no schema %s: dbscript init makes one, dbscript pull "
      .. "writes it from a database, --schema names another file", check.quote(path))
  elseif not handle then
    outcome.stop(outcome.FAILED, "cannot read the schema: %s", problem)
  end
  local content
  content, problem = handle:read("a")
  handle:close()
  if not content then
    outcome.stop(outcome.FAILED, "cannot read the schema: %s: %s", path, problem)
  end
  return (content:gsub("^\xEF\xBB\xBF", ""))
end

-- Runs a chunk. What it raises goes on as it is, but for what says neither where nor why.
local function run_chunk(chunk, path)
  local ok, value = pcall(chunk)
  if not ok and type(value) ~= "string" and (type(value) ~= "table" or not value.code) then
    outcome.stop(outcome.FAILED, "%s fails: %s", path, report.message(value))
  elseif not ok then
    error(value, 0)
  end
  return value
end

local function load_schema(path)
  local chunk, problem = load(read_file(path), "@" .. path, "t")
  if not chunk then
    outcome.stop(outcome.FAILED, "%s", problem)
  end
  local schema = run_chunk(chunk, path)
  if type(schema) ~= "userdata" or not pcall(function()
    return dbcore.describe(schema).tables[1]
  end) then
    outcome.stop(outcome.FAILED, "%s must return d.schema { … }, it returned %s", check.quote(path),
      check.describe(schema))
  end
  return schema
end

-- The schema's files, those in Lua apart from those in SQL.
local function split_files(self)
  local lua, sql = {}, {}
  for _, path in ipairs(self.settings.schema) do
    local list = path:lower():find("%.sql$") and sql or lua
    list[#list + 1] = path
  end
  if #lua > 1 then
    outcome.stop(outcome.WRONG_USAGE,
      "the schema has two files in Lua, %s and %s: let one require the other", check.quote(lua[1]),
      check.quote(lua[2]))
  end
  return lua[1], sql
end

--- The schema: what its file in Lua returns, if it has one, and the texts of its files in SQL.
---@return dbcore.Schema? schema
---@return { path: string, sql: string }[] texts
function Workspace:schema()
  if not self._texts then
    local lua, sql = split_files(self)
    self._schema, self._texts = lua and load_schema(lua), {}
    for i, path in ipairs(sql) do
      self._texts[i] = { path = path, sql = read_file(path) }
    end
  end
  return self._schema, self._texts
end

--- The schema of commands that need the words of Lua.
---@return dbcore.Schema
function Workspace:lua_schema()
  local schema = self:schema()
  if not schema then
    outcome.stop(outcome.WRONG_USAGE,
      "this needs a schema in Lua: dbscript pull writes one from a database")
  end
  return schema
end

-- A schema in Lua and texts in SQL as one schema.
local function join(schema, texts)
  local descriptors, definitions = {}, {}
  for _, descriptor in pairs(schema) do
    descriptors[#descriptors + 1] = descriptor
  end
  for _, one in ipairs(dbcore.describe(schema).definitions) do
    definitions[#definitions + 1] = one.sql
  end
  for _, one in ipairs(texts) do
    for _, sql in ipairs(native.split_sql(one.sql)) do
      definitions[#definitions + 1] = sql
    end
  end
  return native.schema(descriptors, {}, definitions)
end

--- What the database should be: a schema, or the text of one.
---@return dbcore.Schema|string
function Workspace:target()
  local schema, texts = self:schema()
  if schema then
    return #texts > 0 and join(schema, texts) or schema
  end
  local all = {}
  for i, one in ipairs(texts) do
    all[i] = one.sql
  end
  return table.concat(all, "\n;\n")
end

-- Runs a statement, or what `mend` makes of one that fails, or says why it failed.
local function define(db, sql, mend)
  while sql do
    local ok, problem = pcall(db.exec, db, sql)
    if ok then
      return nil
    end
    problem = problem.message or tostring(problem)
    sql = mend and mend(sql, problem)
    if not sql then
      return problem
    end
  end
end

--- A database in memory with the schema in it, empty. To be closed by the caller.
---@param mend? fun(sql: string, problem: string): string? for a statement in SQL that fails: what
--- to run in its place
---@return dbcore.Conn
function Workspace:scratch(mend)
  local schema, texts = self:schema()
  local db = dbcore.open(":memory:", { schema = schema, foreign_keys = false,
    trusted_schema = true })
  if schema then
    db:create(schema)
  end
  for _, one in ipairs(texts) do
    for _, sql in ipairs(native.split_sql(one.sql)) do
      local problem = define(db, sql, mend)
      if problem then
        db:close()
        outcome.stop(outcome.FAILED, "%s: %s", one.path, problem)
      end
    end
  end
  return db
end

-- Whether a file that is there keeps a rollback journal: opening it must not make that a log.
local function keeps_journal(path)
  local handle = io.open(path, "rb")
  local head = handle and handle:read(100)
  if handle then
    handle:close()
  end
  return head ~= nil and head:sub(1, 16) == "SQLite format 3\0" and head:byte(19) == 1
end

--- Opens a database and leaves its journal mode as it is. Its schema is the project's own and is
--- trusted: old versions of SQLite read no other with functions of JSON in it.
---@param path string
---@param options? table as for dbcore.open
---@return dbcore.Conn
function workspace.open(path, options)
  local all = { trusted_schema = true }
  for key, value in pairs(options or {}) do
    all[key] = value
  end
  if not all.readonly and keeps_journal(path) then
    all.pragmas = { journal_mode = "delete" }
  end
  return dbcore.open(path, all)
end

--- Opens the project's database only to see what would be done: one that is not there yet is an
--- empty one in memory.
---@param options? table as for dbcore.open
---@return dbcore.Conn
function Workspace:preview(options)
  local path = self:database_path()
  if path == ":memory:" or not file.about(path) then
    return dbcore.open(":memory:", options)
  end
  return self:open(options)
end

--- Opens the project's database, to be closed by the caller.
---@param options? table as for dbcore.open; create = true makes a missing file
---@return dbcore.Conn
function Workspace:open(options)
  local all = { create = false }
  for key, value in pairs(options or {}) do
    all[key] = value
  end
  local path = all.create and self:database_path() or self:existing_database_path()
  return workspace.open(path, all)
end

return workspace
