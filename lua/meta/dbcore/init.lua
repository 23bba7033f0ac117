---@meta dbcore
-- What `require "dbcore"` gives, for editors that read LuaCATS: a file for each noun, with every
-- function and method, its parameters, results and errors. A function of the module stands with
-- what it makes. None of it is ever loaded; spec/lua/meta_spec.lua holds it to what exists. Point
-- the editor's library at the folder around this one: `"workspace.library": ["lua/meta"]`.

--- The module: `local d = require "dbcore"`.
---
--- All that goes wrong is raised as a dbcore.Error. `invalid` and `schema` are mistakes of the
--- program and carry the place; they can come from every function and are said only where they mean
--- something special.
---@class dbcore
---@field version string
---@field null dbcore.Null
local dbcore = {}

--- What d.open() takes; all of it may be left out.
---@class dbcore.OpenOptions
---@field schema? dbcore.Schema for tables and relations by name
---@field readonly? boolean
---@field create? boolean false refuses a file that is missing (`cannot_open`)
---@field durability? "full"|"normal"|"off" "full": an acknowledged commit is on the disk; "normal":
--- a power cut may cost the last commits; "off": it may cost the file
---@field busy_timeout? integer milliseconds to wait for another connection (5000)
---@field foreign_keys? boolean true by default
---@field defensive? boolean true by default: no writing into the schema and shadow tables
---@field trusted_schema? boolean false by default: the file's schema calls only harmless functions
---@field pragmas? table<string, string|integer|boolean> set last, in the order of their names
---@field statement_cache? integer shapes of queries that are kept prepared (128)
---@field mmap_size? integer bytes (256 MiB)
---@field vfs? string
---@field driver? dbcore.Mock
---@field slow? number seconds from which a statement is reported
---@field on_slow? fun(event: dbcore.Event) who is told; a line on standard error by default
---@field detect_n_plus_one? boolean|{ threshold: integer } tells once when so many runs (10) of one
--- query are among the last twice as many statements
---@field on_n_plus_one? fun(event: { sql: string, shape: integer, runs: integer })

--- Opens the database at `path`; ":memory:" is one in memory. You close it.
--- `local db <close> = d.open("app.db", { schema = schema })`
--- Errors: `cannot_open`, `corrupt`, `busy`, `readonly`.
---@param path string
---@param options? dbcore.OpenOptions
---@return dbcore.Conn
function dbcore.open(path, options) end

--- Calls `f(...)`: what it returns, or nil and the error it raised.
---@param f function
---@param ... any
---@return any ...
function dbcore.try(f, ...) end

return dbcore
