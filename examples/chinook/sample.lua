-- The database that is asked: the sample in memory, or a whole one as it is.
local d = require "dbcore"
local t = require "schema"

local sample = {}

--- The whole Chinook database, only read.
---@param path string
---@return dbcore.Conn
function sample.open(path)
  return d.open(path, { schema = t.schema, readonly = true })
end

--- The sample, created from the schema and filled with the rows in `path`.
---@param path string
---@return dbcore.Conn
function sample.load(path)
  local file <close> = assert(io.open(path, "r"))
  local db = d.open(":memory:", { schema = t.schema })
  db:create()
  db:exec("BEGIN; PRAGMA defer_foreign_keys = ON")
  db:exec(file:read("a"))
  db:exec("COMMIT")
  return db
end

return sample
