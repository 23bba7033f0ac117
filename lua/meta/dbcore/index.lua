---@meta _
-- Indexes, which a table has beside its columns.

--- An index: what d.index() returns. Without on() it is refused.
---@class dbcore.Index
local Index = {}

--- What is indexed, in order. `d.index "by_day" :on({ "day", desc = true }, d.raw "lower(name)")`
---@param ... string|dbcore.Expr|table a column's name; an expression; or { "column",
--- desc = true, collate = "nocase" }
---@return dbcore.Index
function Index:on(...) end

--- Refuses a second row with the same values.
---@return dbcore.Index
function Index:unique() end

--- Leaves out the rows for which the condition does not hold. `:where "deleted_at IS NULL"`
---@param sql string|dbcore.Expr
---@return dbcore.Index
function Index:where(sql) end

--- Kept with the schema for migrations: the name it had before.
---@param name string
---@return dbcore.Index
function Index:renamed_from(name) end

---@class dbcore
local dbcore = {}

--- An index; an item of a table. `d.index "posts_author" :on("author_id")`
---@param name string
---@return dbcore.Index
function dbcore.index(name) end
