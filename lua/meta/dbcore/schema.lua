---@meta _
-- Tables, relations and whatever else a database is made of, as one description.

--- Tables and relations, checked as a whole; `schema.users` is a table. It never changes.
---@class dbcore.Schema
---@field [string] dbcore.Table

--- A part of a schema that is written as SQL: what d.define() returns.
---@class dbcore.Definition

---@class dbcore
local dbcore = {}

--- Puts tables and relations together and checks them as a whole.
---@param list (dbcore.Table|dbcore.Relations|dbcore.Policy|dbcore.Definition)[] in any order
---@return dbcore.Schema
function dbcore.schema(list) end

--- A part of a schema as the CREATE statement that makes it: what the other words cannot say. It is
--- created behind all tables. Queries reach such a table through a d.table() of the columns they
--- need, which is left out of the schema.
--- `d.define [[CREATE VIRTUAL TABLE places USING rtree(id, west, east)]]`
---@param sql string CREATE TABLE, VIRTUAL TABLE, INDEX, VIEW or TRIGGER
---@return dbcore.Definition an item of d.schema()
function dbcore.define(sql) end

--- All that is known of a table, or of a schema: { tables = …, relations = …, definitions =
--- { { kind =, name =, sql = }, … } }.
---@param value dbcore.Table|dbcore.Schema
---@return table
function dbcore.describe(value) end
