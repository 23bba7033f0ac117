---@meta _
-- Triggers, which a table has beside its columns.

--- A trigger: what d.trigger() returns.
---@class dbcore.Trigger

---@class dbcore
local dbcore = {}

--- A trigger; an item of a table. It is there for changes of other tables, too.
---@param name string
---@param sql string what follows CREATE TRIGGER name: "AFTER UPDATE ON … BEGIN … END"
---@return dbcore.Trigger
function dbcore.trigger(name, sql) end
