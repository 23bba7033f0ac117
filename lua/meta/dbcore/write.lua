---@meta _
-- What insert, update and delete have in common.

--- What a write has done.
---@class dbcore.Result
---@field changes integer rows that were changed
---@field last_id? integer of an insert: the rowid of the last row that it brought in; not when
--- there was none, and not of a table without rowids. Of an upsert ask returning() for the key

--- What insert, update and delete have in common.
---@class dbcore.Write: dbcore.Runnable
local Write = {}

--- Does it. `db:delete(posts):where(posts.id:eq(7)):run().changes`
---@param parameters? dbcore.Parameters
---@return dbcore.Result
function Write:run(parameters) end

--- Gives the rows as they are afterwards: end it with all, one, value … instead of run.
---@param ... string|dbcore.Expr|table as select(); nothing: every column
---@return self
function Write:returning(...) end
