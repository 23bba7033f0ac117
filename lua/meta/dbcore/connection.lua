---@meta _
-- Connections.

--- A connection: used by one thread at a time. Close it with `<close>`, with close(), or leave it
--- to the collector. Closed, everything but close and is_open raises `closed`.
---@class dbcore.Conn: dbcore.Handle
local Conn = {}

--- Puts the connection itself under the policies of its tables (see as), for good: every handle of
--- it, and what a host in C runs on it, has only the rows that the context may reach, and SQL text
--- is `denied`. Said again, it narrows further. `db:restrict { org_id = 7 }`
---@param context table<string, any>
---@param options? { raw?: boolean, tables?: "open"|"closed" } as of as()
function Conn:restrict(context, options) end

--- Closes it; a transaction that is open is rolled back, a cursor raises `closed` from then on.
--- Again is no mistake. `invalid` from a function of yours that one of its statements has called.
function Conn:close() end

--- Whether it is open.
---@return boolean
function Conn:is_open() end

--- Calls `fn` after every statement that ran. It cannot use the connection; an error in it is a
--- warning.
---@param fn? fun(event: dbcore.Event) nil ends it
---@return function? before
function Conn:on_query(fn) end
