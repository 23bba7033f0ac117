---@meta _
-- Writes that remove rows. Each step returns a new one; the old one stays as it was.

--- Removes rows. Without where() or everywhere() it is refused as `invalid`.
---@class dbcore.Delete: dbcore.Write
local Delete = {}

--- Which rows.
---@param ... dbcore.Condition|table<string, dbcore.Value>
---@return dbcore.Delete
function Delete:where(...) end

--- Says that every row is meant.
---@return dbcore.Delete
function Delete:everywhere() end

---@class dbcore
local dbcore = {}

--- Begins a delete without a connection.
---@param target dbcore.Table
---@return dbcore.Delete
function dbcore.delete(target) end
