---@meta _
-- The ways from table to table, and conditions that follow them.

--- One table's way to another: d.one or d.many.
---@class dbcore.Relation
local Relation = {}

--- The relation goes over a table between the two. `d.many "tags" :through "post_tags"`
---@param through string|dbcore.Table
---@param options? { from: string|string[], to: string|string[] } columns of that table: `from`
--- meets the table where the relation starts, `to` the one where it ends
---@return dbcore.Relation
function Relation:through(through, options) end

--- The relations of one table: an item of d.schema().
---@class dbcore.Relations

---@class dbcore
local dbcore = {}

--- The relations of a table. `d.relations(posts, { author = d.one "users" })`
---@param source string|dbcore.Table
---@param map table<string, dbcore.Relation>
---@return dbcore.Relations
function dbcore.relations(source, map) end

--- At most one row of `target` belongs to a row. The keys come from the foreign keys.
---@param target string|dbcore.Table
---@param options? { from: string|string[], to: string|string[], where: dbcore.Expr } columns here
--- and there; where: only rows of `target` for which it is true are related
---@return dbcore.Relation
function dbcore.one(target, options) end

--- Any number of rows of `target` belong to a row.
---@param target string|dbcore.Table
---@param options? { from: string|string[], to: string|string[], where: dbcore.Expr }
---@return dbcore.Relation
function dbcore.many(target, options) end

--- Whether a row of the table that the query around reads from has relatives. The relation is
--- looked up when that query is run; a misspelt one raises `schema` with the nearest name.
--- `:where(d.has("posts", d.from(posts):where(posts.views:gt(9))))`
---@param relation string a path: "posts.comments" is true when one post has a comment
---@param query? dbcore.Query only these
---@return dbcore.Expr
function dbcore.has(relation, query) end

--- Whether it has none.
---@param relation string
---@param query? dbcore.Query
---@return dbcore.Expr
function dbcore.has_not(relation, query) end
