---@meta _
-- Writes that change rows. Each step returns a new one; the old one stays as it was.

--- Changes rows. Without where() or everywhere() it is refused as `invalid`.
---@class dbcore.Update: dbcore.Write
local Update = {}

--- `:set { views = posts.views + 1 }`; can be called again.
---@param values table<string, dbcore.Value>
---@return dbcore.Update
function Update:set(values) end

--- Which rows.
---@param ... dbcore.Condition|table<string, dbcore.Value>
---@return dbcore.Update
function Update:where(...) end

--- Says that every row is meant.
---@return dbcore.Update
function Update:everywhere() end

---@class dbcore
local dbcore = {}

--- Begins an update without a connection.
---@param target dbcore.Table
---@return dbcore.Update
function dbcore.update(target) end
