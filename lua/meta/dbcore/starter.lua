---@meta _
-- Where queries and writes begin, with a connection or without one.

--- Where queries and writes begin: a connection, a transaction, or what with() returned.
---@class dbcore.Starter
local Starter = {}

--- Begins a query. `db:from(users)`
---@param source dbcore.Table|dbcore.Source|string a string: a CTE of with(), or a table of the
--- schema
---@return dbcore.Query
function Starter:from(source) end

--- Begins an insert. `db:insert(users):values { name = "Ada" }:run()`
---@param target dbcore.Table|string
---@return dbcore.Insert
function Starter:insert(target) end

--- Begins an update. `db:update(users):set { name = "Ada" }:where(users.id:eq(1)):run()`
---@param target dbcore.Table|string
---@return dbcore.Update
function Starter:update(target) end

--- Begins a delete. `db:delete(users):where(users.id:eq(1)):run()`
---@param target dbcore.Table|string
---@return dbcore.Delete
function Starter:delete(target) end

--- A CTE: `WITH name AS (query)`, then go on with from, insert, update, delete or another with.
---@param name string
---@param query dbcore.Query|fun(itself: dbcore.Source): dbcore.Query a function: recursive, it
--- gets the CTE itself as a source
---@return dbcore.With
function Starter:with(name, query) end

--- What with() returns: a query or a write begun with it knows the CTE.
---@class dbcore.With: dbcore.Starter

---@class dbcore
local dbcore = {}

--- A CTE without a connection.
---@param name string
---@param query dbcore.Query|fun(itself: dbcore.Source): dbcore.Query
---@return dbcore.With
function dbcore.with(name, query) end
