---@meta _
-- Transactions and savepoints.

--- How a transaction begins. "immediate" takes the lock for writing at once, "deferred" when it is
--- needed; "exclusive" lets nobody read meanwhile, where there is no write-ahead log; "read" sees
--- one state of the database and refuses writing.
---@alias dbcore.Mode "deferred"|"immediate"|"exclusive"|"read"

--- A transaction, or a savepoint inside one. Over, everything but is_open raises `closed`.
---@class dbcore.Tx: dbcore.Handle
local Tx = {}

--- Commits. Not in the function of transaction(), which commits by returning. On `busy` it stays
--- open and can be tried again.
function Tx:commit() end

--- Rolls back. In the function of transaction() it leaves it, and transaction() returns the values.
---@param ... any only in the function of transaction()
function Tx:rollback(...) end

--- Whether it is open.
---@return boolean
function Tx:is_open() end
