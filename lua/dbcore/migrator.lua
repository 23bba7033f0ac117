-- Migrators: `d.migrator(db, { dir = "migrations", schema = schema }):up()`.
local check = require("dbcore.check")
local native = require("dbcore.native")
local base = require("dbcore.migrate.migrator")

-- These add methods to it.
require("dbcore.migrate.status")
require("dbcore.migrate.generate")
require("dbcore.migrate.mend")
require("dbcore.migrate.merge")

-- Migrations that are given as a list, for programs in one piece.
local function read_list(list)
  local checksum = require("dbcore.migrate.checksum")
  local migrations = {}
  local rules = { version = "any", name = "string", sql = "string", up = "function",
    down = "function", checksum = "string", source = "string", irreversible = "boolean",
    replaces = "table", merges = "table", loses = "boolean" }
  for i = 1, check.list(list, "migrations") do
    local given = check.options(list[i], rules, ("item %d of migrations"):format(i))
    local one = check.copy(given)
    one.version = tostring(given.version)
    one.id = base.id_of(one.version, tostring(given.name))
    if not one.sql and not one.checksum then
      one.checksum = one.source and checksum.lua(one.source) or native.sha256(one.id)
    end
    migrations[i] = one
  end
  table.sort(migrations, require("dbcore.migrate.folder").before)
  return migrations
end

--- A migrator for a database: it takes migrations out of a folder, or out of a list.
---@param handle dbcore.Conn|dbcore.Tx
---@param options { dir: string, migrations: table[], schema: dbcore.Schema|string,
--- whole: boolean, out_of_order: boolean, drift_check: boolean, lock_timeout: number,
--- backup: string|boolean, keep: integer, ignore: string[], progress: function, done: function,
--- set_up: function } dir: the folder; migrations: instead of it, a list of { version =, name =,
--- sql = | up =, down = }; schema: what they should lead to; set_up: called with each database in
--- memory that they are tried out in, to make functions and collations known
---@return dbcore.Migrator
return function(handle, options)
  check.handle(handle, "migrator")
  if not native.migrator then
    native.raise("denied", "a script in a sandbox cannot migrate: let the program do it")
  end
  local given = check.options(options, base.OPTIONS, "migrator()")
  if (given.dir == nil) == (given.migrations == nil) then
    check.fail('migrator() takes either "dir", a folder of migrations, or "migrations", a list')
  end
  local self = setmetatable({ _handle = handle, _options = given }, base.Migrator_mt)
  self._migrations = given.migrations and read_list(given.migrations) or {}
  return self
end
