---@meta _
-- Queries. Each step returns a new one; the old one stays as it was.

--- A subquery (`q:as "t"`) or a CTE under a name; its outputs are fields: `t.total`.
---@class dbcore.Source
---@field [string] dbcore.Expr

--- What a query and a write with returning() have in common. Without a connection (d.from(…))
--- these raise `invalid`, all but to_sql. What the database refuses is raised with its code, the
--- statement in `sql`.
---@class dbcore.Runnable
local Runnable = {}

--- All rows. `for i, row in ipairs(q:all()) do … end`
---@param parameters? dbcore.Parameters
---@return dbcore.Row[]
function Runnable:all(parameters) end

--- The first row, or nil.
---@param parameters? dbcore.Parameters
---@return dbcore.Row?
function Runnable:one(parameters) end

--- The only row: `not_found` when there is none, `invalid` when there are more. A write of which
--- that is not true is undone.
---@param parameters? dbcore.Parameters
---@return dbcore.Row
function Runnable:single(parameters) end

--- The first output of the first row; nil when there is none or it is NULL.
---@param parameters? dbcore.Parameters
---@return any
function Runnable:value(parameters) end

--- The first output of every row. NULL keeps its place as dbcore.null.
---@param parameters? dbcore.Parameters
---@return any[]
function Runnable:list(parameters) end

--- Row by row: `for row in q:rows() do … end`. The loop closes the cursor at its end, at `break`
--- and at an error. A write is done whole before the first row.
---@param parameters? dbcore.Parameters
---@return dbcore.Cursor cursor
---@return nil
---@return nil
---@return dbcore.Cursor closing
function Runnable:rows(parameters) end

--- Reads NULL as dbcore.null, so that a row has every key.
---@return self
function Runnable:nulls() end

--- A handle that keeps its statement between runs: `local p <close> = q:prepare()`. You close it.
---@return dbcore.Prepared
function Runnable:prepare() end

--- The SQL text and what is bound to its placeholders, in order; a d.param is ":name".
---@return string sql
---@return any[] values
function Runnable:to_sql() end

--- The engine's plan: a line for each step, what belongs to a step two spaces deeper.
---@return string
function Runnable:explain() end

--- A query that reads: what from() returns.
---@class dbcore.Query: dbcore.Runnable
local Query = {}

--- Adds a source. Without select() rows then have one table for each source.
--- `:join(users, users.id:eq(posts.author_id))`, `:join "author"`
---@param what dbcore.Table|dbcore.Source|string a string: a CTE, or a relation of the table of
--- from(), which brings its condition
---@param on? dbcore.Condition|table<string, dbcore.Value> a table: equalities of columns of `what`
---@return dbcore.Query
function Query:join(what, on) end

--- The same; keeps rows that nothing fits to. Their part of a row is absent.
---@param what dbcore.Table|dbcore.Source|string
---@param on? dbcore.Condition|table<string, dbcore.Value>
---@return dbcore.Query
function Query:left_join(what, on) end

--- The same; keeps what is joined even where nothing fits. SQLite from 3.39 on, else `unsupported`.
---@param what dbcore.Table|dbcore.Source|string
---@param on? dbcore.Condition|table<string, dbcore.Value>
---@return dbcore.Query
function Query:right_join(what, on) end

--- The same; keeps both sides. SQLite from 3.39 on, else `unsupported`.
---@param what dbcore.Table|dbcore.Source|string
---@param on? dbcore.Condition|table<string, dbcore.Value>
---@return dbcore.Query
function Query:full_join(what, on) end

--- Every row with every other.
---@param what dbcore.Table|dbcore.Source|string
---@return dbcore.Query
function Query:cross_join(what) end

--- Loads relations with every row: `row.posts` is then a list of rows; of a relation to one it is
--- a row, or absent (dbcore.null behind nulls()). A path loads all on its way. A query says which
--- rows, in which order and with which columns, and may load on; its limit and offset hold for each
--- row. Of two queries for one relation the last one counts. One statement for each relation,
--- however many rows there are; all of them see one state of the database. Rows that several rows
--- have in common are one table. Read by all, one, single, rows and page; value, list and count
--- leave relations out.
--- `:with("author", "posts.tags")`, `:with { posts = d.from(posts):limit(5):with "tags" }`
---@param ... string|dbcore.Query|table<integer|string, string|true|dbcore.Query> paths; a path and
--- its query; tables of both
---@return dbcore.Query
function Query:with(...) end

--- Adds how many relatives each row has, as `posts_count`, beside the other outputs; order_by knows
--- it by that name. `:with_count("posts", d.from(posts):where(posts.views:gt(9)), "popular")`
---@param relation string a path: "posts.comments" counts the comments of all posts
---@param query? dbcore.Query|string only these, by conditions and joins; may be left out before a
--- name
---@param name? string of the output
---@return dbcore.Query
function Query:with_count(relation, query, name) end

--- The same: whether there is one, as `posts_exists`.
---@param relation string
---@param query? dbcore.Query|string
---@param name? string
---@return dbcore.Query
function Query:with_exists(relation, query, name) end

--- The sum of a column of the relatives, as `posts_sum_views`; nil when there are none.
---@param relation string
---@param column string|dbcore.Expr
---@param query? dbcore.Query|string
---@param name? string
---@return dbcore.Query
function Query:with_sum(relation, column, query, name) end

--- The mean, as `posts_avg_views`.
---@param relation string
---@param column string|dbcore.Expr
---@param query? dbcore.Query|string
---@param name? string
---@return dbcore.Query
function Query:with_avg(relation, column, query, name) end

--- The smallest value, as `posts_min_views`.
---@param relation string
---@param column string|dbcore.Expr
---@param query? dbcore.Query|string
---@param name? string
---@return dbcore.Query
function Query:with_min(relation, column, query, name) end

--- The largest value, as `posts_max_views`.
---@param relation string
---@param column string|dbcore.Expr
---@param query? dbcore.Query|string
---@param name? string
---@return dbcore.Query
function Query:with_max(relation, column, query, name) end

--- Keeps the rows for which all conditions hold; can be called again. `:where { role = "admin" }`
---@param ... dbcore.Condition|table<string, dbcore.Value> one table instead: equalities of columns
--- of the table of from(), or of the only joined table that has one of that name; dbcore.null is
--- IS NULL, a list is refused (in_ is meant)
---@return dbcore.Query
function Query:where(...) end

--- What the rows hold, instead of every column. A list keeps its order and the names of its items;
--- named outputs come sorted by name. Can be called again. `:select { n = d.count(), posts.title }`
---@param ... string|dbcore.Expr|dbcore.Query|table a string: a column of the table of from(),
--- or of the only joined table that has one of that name
---@return dbcore.Query
function Query:select(...) end

--- One row for each combination of values.
---@param ... string|dbcore.Expr|dbcore.Expr[] a string: an output or a column of from()'s table
---@return dbcore.Query
function Query:group_by(...) end

--- Keeps the groups for which all conditions hold. `:having(d.count():gt(3))`
---@param ... dbcore.Condition
---@return dbcore.Query
function Query:having(...) end

--- The order; can be called again for lesser terms. `:order_by(posts.views:desc(), "id")`
---@param ... string|dbcore.Expr|dbcore.Expr[] a string: an output or a column of from()'s table
---@return dbcore.Query
function Query:order_by(...) end

--- At most so many rows.
---@param count integer|dbcore.Expr a number or d.param
---@return dbcore.Query
function Query:limit(count) end

--- Skips so many rows.
---@param count integer|dbcore.Expr a number or d.param
---@return dbcore.Query
function Query:offset(count) end

--- Equal rows once.
---@return dbcore.Query
function Query:distinct() end

--- Rows of both, equal ones once. Order and limit behind it are those of the whole.
---@param other dbcore.Query
---@return dbcore.Query
function Query:union(other) end

--- Rows of both, all of them.
---@param other dbcore.Query
---@return dbcore.Query
function Query:union_all(other) end

--- Rows that both have.
---@param other dbcore.Query
---@return dbcore.Query
function Query:intersect(other) end

--- Rows that the other one does not have.
---@param other dbcore.Query
---@return dbcore.Query
function Query:except(other) end

--- The query as a source for from and join: `local t = q:as "t"`, then `t.total`.
---@param name string
---@return dbcore.Source
function Query:as(name) end

--- How many rows it has, counted by the database.
---@param parameters? dbcore.Parameters
---@return integer
function Query:count(parameters) end

--- Whether it has a row.
---@param parameters? dbcore.Parameters
---@return boolean
function Query:exists(parameters) end

--- What page() gives.
---@class dbcore.Page
---@field rows dbcore.Row[]
---@field next? string the token of the page behind; nil when there is none
---@field previous? string the token of the page before; nil when there is none

--- One page. The next begins behind the last row of this one, wherever that stands by then, so rows
--- that come or go are neither skipped nor shown twice. Equal rows are told apart by primary keys,
--- or by `key`. A token of another query, or a damaged one, is `invalid`.
--- `q:order_by(posts.views:desc()):page { size = 20, after = token }`
---@param options? { size?: integer, after?: string, before?: string, key?: dbcore.Expr[],
--- parameters?: dbcore.Parameters } size: 50 rows by default
---@return dbcore.Page
function Query:page(options) end

---@class dbcore
local dbcore = {}

--- A CTE of with() as a source; its fields are looked up when the query is run.
---@param name string
---@param alias? string
---@return dbcore.Source
function dbcore.ref(name, alias) end

--- Begins a query without a connection: to be kept, nested, or run by none.
---@param source dbcore.Table|dbcore.Source
---@return dbcore.Query
function dbcore.from(source) end
