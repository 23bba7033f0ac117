-- Opening a database: the options that only Lua knows, and then the connection.
local native = require("dbcore.native")
local observe = require("dbcore.observe")

--- Opens the database at `path`; ":memory:" is one in memory. It closes at the end of its block
--- (`local db <close> = d.open(…)`), by db:close(), or when it is forgotten.
---
--- Options, each with its default:
---   schema               none: what d.schema() returned; for queries and relations by name
---   readonly             false
---   create               true: false refuses a file that is missing
---   durability           "full": every acknowledged commit is on the disk; "normal": a power cut
---                        may cost the last commits; "off": it may cost the file
---   busy_timeout         5000: milliseconds to wait for another connection
---   foreign_keys         true
---   defensive            true: no writing into the schema and the shadow tables
---   trusted_schema       false: the schema in the file may not call functions that do harm; old
---                        versions of SQLite count those of JSON among them, unless `schema`
---                        has them
---   pragmas              none: { cache_size = -64000 }, set last
---   statement_cache      128: shapes of queries that are kept prepared
---   mmap_size            256 MiB, in bytes
---   vfs                  none: the name of one
---   driver               SQLite: or what d.mock() returned
---   slow, on_slow        none: seconds from which a statement is reported, and who is told (a
---                        line on standard error)
---   detect_n_plus_one    false: true, or { threshold = 10 }: tells once when so many runs of
---                        one query are among the last twice as many statements
---   on_n_plus_one        who is told (a line on standard error)
---@param path string
---@param options? table
---@return dbcore.Conn
local function open(path, options)
  if type(options) ~= "table" then
    return native.open(path, options)
  end
  local rest, watch = observe.split(options)
  local conn = native.open(path, rest)
  observe.start(conn, watch)
  return conn
end

return open
