---@meta _
-- Keys and checks, which a table has beside its columns.

--- What the database does with a row that breaks a constraint ("abort" by default).
---@alias dbcore.ConflictAction "abort"|"fail"|"ignore"|"replace"|"rollback"

--- What happens to a row when the one it refers to goes or changes its key.
---@alias dbcore.KeyAction "cascade"|"no_action"|"restrict"|"set_default"|"set_null"

--- A primary key or a unique constraint over several columns.
---@class dbcore.Key
local Key = {}

--- The name of the constraint.
---@param name string
---@return dbcore.Key
function Key:name(name) end

--- What happens to a row that breaks it.
---@param word dbcore.ConflictAction
---@return dbcore.Key
function Key:on_conflict(word) end

--- A foreign key over several columns: what d.foreign_key() returns. Without references() it is
--- refused.
---@class dbcore.ForeignKey
local ForeignKey = {}

--- The table and the columns that are meant; without columns its primary key.
---@param name string
---@param ... string
---@return dbcore.ForeignKey
function ForeignKey:references(name, ...) end

--- What happens when the row that is meant is deleted ("no_action" by default).
---@param action dbcore.KeyAction
---@return dbcore.ForeignKey
function ForeignKey:on_delete(action) end

--- What happens when its key changes.
---@param action dbcore.KeyAction
---@return dbcore.ForeignKey
function ForeignKey:on_update(action) end

--- Checked at commit ("deferred"), or at once but so that it can be deferred ("immediate").
---@param word "deferred"|"immediate"
---@return dbcore.ForeignKey
function ForeignKey:deferrable(word) end

--- The name of the constraint.
---@param name string
---@return dbcore.ForeignKey
function ForeignKey:name(name) end

--- A condition that every row must meet: what d.check() returns.
---@class dbcore.Check

---@class dbcore
local dbcore = {}

--- No two rows have the same values in these columns; an item of a table.
---@param ... string
---@return dbcore.Key
function dbcore.unique(...) end

--- A primary key over several columns; an item of a table.
---@param ... string
---@return dbcore.Key
function dbcore.primary_key(...) end

--- A foreign key over several columns; an item of a table.
--- `d.foreign_key("org", "user") :references("members", "org", "user")`
---@param ... string
---@return dbcore.ForeignKey
function dbcore.foreign_key(...) end

--- A condition every row must meet; an item of a table.
---@param name string the constraint's name; may be left out
---@param sql? string|dbcore.Expr
---@return dbcore.Check
function dbcore.check(name, sql) end
