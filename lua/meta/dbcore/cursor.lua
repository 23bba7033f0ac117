---@meta _
-- Rows that are read one by one.

--- Rows that are read one by one: a function for `for`, and its closing value. It holds a read lock
--- until it is at its end or closed. At its end it gives nil; closed it raises `closed`.
---@class dbcore.Cursor
---@overload fun(): dbcore.Row?
local Cursor = {}

--- The rows that are left, and closes.
---@return dbcore.Row[]
function Cursor:all() end

--- The next row or nil, and closes.
---@return dbcore.Row?
function Cursor:one() end

--- The only row that is left, and closes: `not_found`, `invalid`.
---@return dbcore.Row
function Cursor:single() end

--- The first output of the next row, and closes.
---@return any
function Cursor:value() end

--- The first output of all rows that are left, and closes.
---@return any[]
function Cursor:list() end

--- Itself, for a loop.
---@return dbcore.Cursor cursor
---@return nil
---@return nil
---@return dbcore.Cursor closing
function Cursor:rows() end

--- Gives the statement back; again is no mistake.
function Cursor:close() end
