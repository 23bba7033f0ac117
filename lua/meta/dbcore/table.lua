---@meta _
-- Tables and views. A table has columns and nothing else.

--- What a table may have beside its columns.
---@alias dbcore.Item dbcore.Index|dbcore.Key|dbcore.Check|dbcore.ForeignKey|dbcore.Trigger
---|dbcore.Rule

--- A table, a view or a full-text index. It has columns and nothing else: `users.email` is an
--- expression, a name that is none raises `schema` with the nearest. It never changes.
---
--- A full-text index has two columns more than it declares, to be read: `rowid`, the key of the row
--- of its table, and `rank`, how well a row fits the search (less is better).
---@class dbcore.Table
---@field [string] dbcore.Expr

---@class dbcore
local dbcore = {}

--- Describes a table. `d.table("users", { d.integer "id" :primary_key(), d.text "name" })`
---@param name string
---@param list (dbcore.Column|dbcore.Item)[] in order
---@param options? { strict?: boolean, without_rowid?: boolean, prefix?: string, comment?: string,
--- shard_by?: string, renamed_from?: string } prefix: put before the name in the database
---@return dbcore.Table
function dbcore.table(name, list, options) end

--- Describes a view: a query under a name, its columns declared so that they have types.
---@param name string
---@param list (dbcore.Column|dbcore.Trigger)[] triggers stand INSTEAD OF a write
---@param query string|dbcore.Query values in it are written into the text
---@param options? { prefix?: string, comment?: string, renamed_from?: string }
---@return dbcore.Table
function dbcore.view(name, list, query, options) end

--- The same table under another name, for a second time in a query. `d.alias(users, "boss")`
---@param table dbcore.Table
---@param name string
---@return dbcore.Table
function dbcore.alias(table, name) end
