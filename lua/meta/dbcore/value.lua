---@meta _
-- Values as they are bound and read, and rows of them.

--- A row: column → value. NULL is absent, or dbcore.null behind nulls(). A join without select()
--- gives one table for each source: `row.posts.title`.
---@alias dbcore.Row table<string, any>

--- What a bound value may be; dbcore.null is NULL. A query is a scalar subquery.
---@alias dbcore.Value string|number|boolean|table|dbcore.Null|dbcore.Expr|dbcore.Query

--- A condition, or (for where, join and case) anything that is true or false in SQL.
---@alias dbcore.Condition dbcore.Expr|dbcore.Query

--- Values of d.param, by name. One that is missing or not asked for is `invalid`.
---@alias dbcore.Parameters table<string, any>

--- NULL as a value: written by it, read as it behind nulls() and inside JSON and lists.
---@class dbcore.Null

---@class dbcore
local dbcore = {}

--- The same table, marked as a JSON array: then an empty one is [].
---@param list? table
---@return table
function dbcore.array(list) end
