-- What a command works on: the project's settings with the command line's over them, and from
-- there the database, the schema and the folder of migrations.
local dbcore = require("dbcore")
local check = require("dbcore.check")
local config = require("dbscript.project.config")
local file = require("dbscript.file")
local outcome = require("dbscript.project.outcome")

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
      'no database is named: give --database FILE, or write database = "app.db" into dbcore.lua')
  end
  return path
end

--- The same for a file that must be there.
---@return string
function Workspace:existing_database_path()
  local path = self:database_path()
  local found = file.about(path)
  if not found then
    outcome.stop(outcome.FAILED, "there is no database %s: dbscript migrate or push makes it",
      check.quote(path))
  elseif found.kind ~= "file" then
    outcome.stop(outcome.FAILED, "%s is a folder and no database", check.quote(path))
  end
  return path
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

--- Opens a database and leaves its journal mode as it is.
---@param path string
---@param options? table as for dbcore.open
---@return dbcore.Conn
function workspace.open(path, options)
  local all = {}
  for key, value in pairs(options or {}) do
    all[key] = value
  end
  if not all.readonly and keeps_journal(path) then
    all.pragmas = { journal_mode = "delete" }
  end
  return dbcore.open(path, all)
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
