---@meta dbcore
-- luacheck: ignore 211 212 241
-- What `require "dbcore"` gives, for editors that read LuaCATS: every function and method with
-- its parameters, results and errors. It is never loaded; spec/lua/meta_spec.lua holds it to what
-- exists. Point the editor's library at this folder: `"workspace.library": ["lua/meta"]`.
--
-- All that goes wrong is raised as a dbcore.Error. `invalid` and `schema` are mistakes of the
-- program and carry the place; they can come from every function here and are said only where
-- they mean something special.

---------------------------------------------------------------------------------------------------
-- Words

--- What kind of error it is. `callback`: a function of yours failed inside a statement, its error
--- is `cause`. `broken`: only close is left. `drift`: the database is not what the schema says.
---@alias dbcore.ErrorCode
---| "invalid" # the call is wrong as it was made
---| "no_memory"
---| "limit"
---| "schema" # the schema does not allow it
---| "syntax" # the text of SQL or of a search is wrong
---| "unsupported" # this database cannot do that
---| "closed"
---| "busy" # another connection holds the lock
---| "readonly"
---| "corrupt"
---| "full"
---| "io"
---| "cannot_open"
---| "interrupted"
---| "timeout"
---| "denied"
---| "not_found" # there is no such row
---| "conflict"
---| "validation" # a value breaks a rule of its column; see `fields`
---| "drift"
---| "broken"
---| "outcome_unknown"
---| "database"
---| "callback"
---| "refused"
---| "script"
---| "constraint.unique"
---| "constraint.foreign_key"
---| "constraint.not_null"
---| "constraint.check"
---| "constraint.type"
---| "constraint.trigger"
---| "constraint"

---@alias dbcore.ConflictAction "abort"|"fail"|"ignore"|"replace"|"rollback"
---@alias dbcore.KeyAction "cascade"|"no_action"|"restrict"|"set_default"|"set_null"
---@alias dbcore.Mode "deferred"|"immediate"|"exclusive"|"read"
---@alias dbcore.TypeWord "integer"|"real"|"text"|"blob"|"boolean"|"json"|"numeric"|"timestamp"
---|"timestamp_ms"|"datetime"|"date"|"uuid"|"any"

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

---------------------------------------------------------------------------------------------------
-- Errors

--- What is raised. `tostring(err)` is "file:line: message" for a mistake of the program, else the
--- message.
---@class dbcore.Error
---@field code dbcore.ErrorCode
---@field message string one line: what is wrong, and mostly how to mend it
---@field where? string "file:line" of the caller, when the program has to be mended
---@field table? string
---@field columns? string[]
---@field constraint? string its name or expression
---@field sql? string the statement
---@field native? integer SQLite's extended code
---@field offset? integer byte in `sql` where it is wrong, from 1
---@field row? integer which row of a bulk write, from 1
---@field rolled_back? boolean true when the transaction is gone because of this
---@field fields? dbcore.FieldError[] of `validation`: every broken rule
---@field cause? any what your function raised, of `callback`
---@field findings? dbcore.Finding[] of `refused`, where migrations are generated: those that have
--- the level "refusal" are in the way
---@field problem? dbcore.MigrationProblem what does not fit, where migrations are put in order
---@field differences? { kind: string, table: string, name: string?, words: string }[] of a `drift`
--- that baseline() raises

---@class dbcore.FieldError
---@field path string "name"; inside JSON "settings.tags[2]"; of a rule or check of the row its word
---@field column? string nil for what concerns the whole row
---@field rule string "type", "not_null", "enum", "range", "length", "pattern", "validate",
--- "generated", "check", "unknown" (no such column, or no such field of a JSON column), or the name
--- of a d.rule()
---@field constraint? string of a check: its name or expression
---@field message string

---------------------------------------------------------------------------------------------------
-- Columns, as they are described. Each verb returns a new description.

---@class dbcore.Column
local Column = {}

--- Makes it the primary key. `autoincrement`: no id is ever given out twice (integer only).
--- `d.integer "id" :primary_key()`
---@param options? { autoincrement?: boolean, desc?: boolean, on_conflict?: dbcore.ConflictAction }
---@return dbcore.Column
function Column:primary_key(options) end

--- Refuses NULL (`validation`; by raw SQL `constraint.not_null`). `d.text "name" :not_null()`
---@param options? { on_conflict?: dbcore.ConflictAction }
---@return dbcore.Column
function Column:not_null(options) end

--- Refuses a value that another row has (`constraint.unique`). `d.text "email" :unique()`
---@param options? { on_conflict?: dbcore.ConflictAction }
---@return dbcore.Column
function Column:unique(options) end

--- What a row gets that does not mention it, written into the table's definition. A column has one
--- of default, default_sql, default_now, generated. `d.integer "views" :default(0)`
---@param value any of the column's type, or dbcore.null
---@return dbcore.Column
function Column:default(value) end

--- The same, computed by the database. `d.text "at" :default_sql "datetime('now')"`
---@param sql string an expression
---@return dbcore.Column
function Column:default_sql(sql) end

--- The same, computed here for each inserted row that is silent. `:default_fn(new_token)`
---@param fn fun(): any
---@return dbcore.Column
function Column:default_fn(fn) end

--- The time of the insert, by the database's clock, as the type has it. `:default_now()`
---@return dbcore.Column
function Column:default_now() end

--- What every update() that does not mention the column sets it to. `:on_update("changed")`
---@param value any a value, or a function that returns one
---@return dbcore.Column
function Column:on_update(value) end

--- The same with the time, by the database's clock. `:on_update_now()`
---@return dbcore.Column
function Column:on_update_now() end

--- A foreign key (`constraint.foreign_key`). The target may be described later; d.schema() checks
--- it. `d.integer "author_id" :references("users.id", { on_delete = "cascade" })`
---@param target string|{ table: string, columns?: string[] } "users.id", or "users" for its key
---@param options? { on_delete?: dbcore.KeyAction, on_update?: dbcore.KeyAction,
--- deferrable?: "deferred"|"immediate", name?: string } "deferred": checked at commit
---@return dbcore.Column
function Column:references(target, options) end

--- Computed by the database from other columns; cannot be written. `:generated("lower(name)")`
---@param sql string an expression over the row
---@param storage? "virtual"|"stored" computed when read (default), or kept
---@return dbcore.Column
function Column:generated(sql, storage) end

--- How its text compares and sorts: "nocase", "rtrim", "binary", or one of create_collation().
---@param name string
---@return dbcore.Column
function Column:collate(name) end

--- The SQL type it is kept under, instead of the type's own: `:storage "VARCHAR(80)"`; "" declares
--- none. A strict table knows INT, INTEGER, REAL, TEXT, BLOB and ANY only.
---@param type string
---@return dbcore.Column
function Column:storage(type) end

--- A condition every row must meet (`constraint.check`). `:check("age_positive", "age > 0")`
---@param name string the constraint's name; may be left out
---@param sql? string an expression
---@return dbcore.Column
function Column:check(name, sql) end

--- The texts that are allowed. `d.text "role" :enum { "admin", "reader" }`
---@param values string[]
---@return dbcore.Column
function Column:enum(values) end

--- The least and the greatest length: characters of text, bytes of a blob. `:length(1, 80)`
---@param min? integer
---@param max? integer
---@return dbcore.Column
function Column:length(min, max) end

--- The least and the greatest value, both allowed. `d.integer "age" :range(0, 150)`
---@param min? number
---@param max? number
---@return dbcore.Column
function Column:range(min, max) end

--- A Lua pattern the text must match before it is written (`validation`); anchor it with ^ and $.
---@param pattern string
---@return dbcore.Column
function Column:pattern(pattern) end

--- A check of your own before a value is written (`validation`): false and what is wrong, or raise.
---@param fn fun(value: any): boolean?, string?
---@return dbcore.Column
function Column:validate(fn) end

--- The key it has in rows, instead of its name.
---@param name string
---@return dbcore.Column
function Column:as(name) end

--- A remark that is kept with the schema.
---@param text string
---@return dbcore.Column
function Column:comment(text) end

--- Kept with the schema for migrations: the name it had before.
---@param name string
---@return dbcore.Column
function Column:renamed_from(name) end

--- Kept with the schema for migrations: what rows without a value get, an SQL expression.
---@param sql string
---@return dbcore.Column
function Column:backfill(sql) end

--- Kept with the schema for migrations: how to fill it from the old row, an SQL expression.
---@param sql string
---@return dbcore.Column
function Column:copy(sql) end

---------------------------------------------------------------------------------------------------
-- What a table has beside its columns

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

---@class dbcore.Check
---@class dbcore.Trigger

--- A rule over a whole row, in Lua.
---@class dbcore.Rule
local Rule = {}

--- The columns it is about: it is called for rows that have a value in all of them, and what it
--- refuses is told of the first. `d.rule("later", fn):on("starts", "ends")`
---@param ... string
---@return dbcore.Rule
function Rule:on(...) end

--- What a table may have beside its columns.
---@alias dbcore.Item dbcore.Index|dbcore.Key|dbcore.Check|dbcore.ForeignKey|dbcore.Trigger
---|dbcore.Rule

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

---------------------------------------------------------------------------------------------------
-- Tables, sources and schemas

--- A table, a view or a full-text index. It has columns and nothing else: `users.email` is an
--- expression, a name that is none raises `schema` with the nearest. It never changes.
---
--- A full-text index has two columns more than it declares, to be read: `rowid`, the key of the row
--- of its table, and `rank`, how well a row fits the search (less is better).
---@class dbcore.Table
---@field [string] dbcore.Expr

--- A subquery (`q:as "t"`) or a CTE under a name; its outputs are fields: `t.total`.
---@class dbcore.Source
---@field [string] dbcore.Expr

--- Tables and relations, checked as a whole; `schema.users` is a table. It never changes.
---@class dbcore.Schema
---@field [string] dbcore.Table

---------------------------------------------------------------------------------------------------
-- Expressions

--- A column, a condition, a function call. Each method returns a new one. `a == b`, `a < b` and
--- `a > b` compare in Lua and cannot mean SQL: use eq, lt, gt. nil is refused everywhere.
---@class dbcore.Expr
---@operator add(dbcore.Expr|number): dbcore.Expr
---@operator sub(dbcore.Expr|number): dbcore.Expr
---@operator mul(dbcore.Expr|number): dbcore.Expr
---@operator div(dbcore.Expr|number): dbcore.Expr
---@operator mod(dbcore.Expr|number): dbcore.Expr
---@operator concat(dbcore.Expr|string): dbcore.Expr
---@operator band(dbcore.Condition): dbcore.Expr
---@operator bor(dbcore.Condition): dbcore.Expr
---@operator bnot: dbcore.Expr
---@operator unm: dbcore.Expr
local Expr = {}

--- `=`. With dbcore.null it is IS NULL. `users.name:eq "Ada"`
---@param value dbcore.Value
---@return dbcore.Expr
function Expr:eq(value) end

--- `<>`. With dbcore.null it is IS NOT NULL; rows where either side is NULL are left out.
---@param value dbcore.Value
---@return dbcore.Expr
function Expr:ne(value) end

--- `<`
---@param value dbcore.Value
---@return dbcore.Expr
function Expr:lt(value) end

--- `<=`
---@param value dbcore.Value
---@return dbcore.Expr
function Expr:le(value) end

--- `>`
---@param value dbcore.Value
---@return dbcore.Expr
function Expr:gt(value) end

--- `>=`
---@param value dbcore.Value
---@return dbcore.Expr
function Expr:ge(value) end

--- `IS`: as eq, but NULL is equal to NULL.
---@param value dbcore.Value
---@return dbcore.Expr
function Expr:is(value) end

--- `IS NOT`: as ne, but NULL differs from every value.
---@param value dbcore.Value
---@return dbcore.Expr
function Expr:is_not(value) end

--- `IN`. A list of any length is one parameter; an empty one is false. `posts.id:in_ { 1, 2 }`
---@param set any[]|dbcore.Query|dbcore.Expr a list, a query of one column, or d.param
---@return dbcore.Expr
function Expr:in_(set) end

--- `NOT IN`; of an empty list true.
---@param set any[]|dbcore.Query|dbcore.Expr
---@return dbcore.Expr
function Expr:not_in(set) end

--- `BETWEEN`, both ends included. `posts.views:between(10, 20)`
---@param low dbcore.Value
---@param high dbcore.Value
---@return dbcore.Expr
function Expr:between(low, high) end

--- `NOT BETWEEN`
---@param low dbcore.Value
---@param high dbcore.Value
---@return dbcore.Expr
function Expr:not_between(low, high) end

--- `LIKE`: % any text, _ one character; ASCII letters match in either case.
---@param pattern dbcore.Value
---@param escape? string a character that takes the meaning from % and _
---@return dbcore.Expr
function Expr:like(pattern, escape) end

--- `NOT LIKE`
---@param pattern dbcore.Value
---@param escape? string
---@return dbcore.Expr
function Expr:not_like(pattern, escape) end

--- `GLOB`: * any text, ? one character, [abc] one of them; case counts.
---@param pattern dbcore.Value
---@return dbcore.Expr
function Expr:glob(pattern) end

--- `MATCH`: a search in the columns of d.fts(). `index.body:match "fox AND hound"`
---@param pattern dbcore.Value in FTS5's language; a wrong one is an error of the statement
---@return dbcore.Expr
function Expr:match(pattern) end

--- `REGEXP`: needs a function "regexp" of your own, see create_function().
---@param pattern dbcore.Value
---@return dbcore.Expr
function Expr:regexp(pattern) end

--- The text has this in it; % and _ mean themselves. As LIKE does, it ignores the case of ASCII.
---@param text string
---@return dbcore.Expr
function Expr:contains(text) end

--- The text begins with this; % and _ mean themselves.
---@param text string
---@return dbcore.Expr
function Expr:starts_with(text) end

--- The text ends with this; % and _ mean themselves.
---@param text string
---@return dbcore.Expr
function Expr:ends_with(text) end

--- `IS NULL`
---@return dbcore.Expr
function Expr:is_null() end

--- `IS NOT NULL`
---@return dbcore.Expr
function Expr:is_not_null() end

--- For order_by: ascending. NULL comes first unless said. `users.age:asc { nulls = "last" }`
---@param options? { nulls: "first"|"last" }
---@return dbcore.Expr
function Expr:asc(options) end

--- For order_by: descending. NULL comes last unless said.
---@param options? { nulls: "first"|"last" }
---@return dbcore.Expr
function Expr:desc(options) end

--- The name it has in the row. `d.count():as "n"`
---@param name string
---@return dbcore.Expr
function Expr:as(name) end

--- Compares and sorts by a collation. `users.name:collate "nocase"`
---@param name string
---@return dbcore.Expr
function Expr:collate(name) end

--- `CAST`; the result has that type in rows. `posts.title:cast "integer"`
---@param kind dbcore.TypeWord
---@return dbcore.Expr
function Expr:cast(kind) end

--- What is at a place in JSON. `users.settings:json "theme"`, `users.settings:json "$.a.b[0]"`
---@param path string a key, or a path that begins with $
---@return dbcore.Expr
function Expr:json(path) end

--- Of a column of a full-text index, in a query that searches it: a piece of the text around what
--- was found. `posts_text.body:snippet { open = "<b>", close = "</b>" }`
---@param options? dbcore.SnippetOptions
---@return dbcore.Expr
function Expr:snippet(options) end

--- Of a column of a full-text index, in a query that searches it: the whole text, with what was
--- found between `open` and `close`. The text itself is as it was written: escape it before it
--- becomes HTML.
---@param open string
---@param close string
---@return dbcore.Expr
function Expr:highlight(open, close) end

--- Of an aggregate: each value once. `d.count(posts.author_id):distinct()`
---@return dbcore.Expr
function Expr:distinct() end

--- Of an aggregate: only the rows for which it holds. `d.count():filter(posts.views:gt(9))`
---@param condition dbcore.Condition
---@return dbcore.Expr
function Expr:filter(condition) end

--- Of a window function or an aggregate: the window. `d.row_number():over { order_by = posts.id }`
---@param options? { partition_by?: dbcore.Expr|dbcore.Expr[], order_by?: dbcore.Expr|dbcore.Expr[],
--- frame?: string } frame: "rows between 1 preceding and current row"
---@return dbcore.Expr
function Expr:over(options) end

--- Of d.case(): one branch more.
---@param condition dbcore.Condition|dbcore.Value of d.case(base) a value to compare it with
---@param value dbcore.Value
---@return dbcore.Expr
function Expr:when(condition, value) end

--- Of d.case(): what it is when no branch holds; without it NULL.
---@param value dbcore.Value
---@return dbcore.Expr
function Expr:otherwise(value) end

---@class dbcore.SnippetOptions
---@field open? string stands before each word that was found; ""
---@field close? string stands behind it; ""
---@field ellipsis? string stands for what is left out; "..."
---@field words? integer at most so many, 1 to 64; 16

---------------------------------------------------------------------------------------------------
-- Queries and writes. Each step returns a new one; the old one stays as it was.

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
---@param query? dbcore.Query only these, by conditions and joins
---@param name? string of the output
---@return dbcore.Query
function Query:with_count(relation, query, name) end

--- The same: whether there is one, as `posts_exists`.
---@param relation string
---@param query? dbcore.Query
---@param name? string
---@return dbcore.Query
function Query:with_exists(relation, query, name) end

--- The sum of a column of the relatives, as `posts_sum_views`; nil when there are none.
---@param relation string
---@param column string|dbcore.Expr
---@param query? dbcore.Query
---@param name? string
---@return dbcore.Query
function Query:with_sum(relation, column, query, name) end

--- The mean, as `posts_avg_views`.
---@param relation string
---@param column string|dbcore.Expr
---@param query? dbcore.Query
---@param name? string
---@return dbcore.Query
function Query:with_avg(relation, column, query, name) end

--- The smallest value, as `posts_min_views`.
---@param relation string
---@param column string|dbcore.Expr
---@param query? dbcore.Query
---@param name? string
---@return dbcore.Query
function Query:with_min(relation, column, query, name) end

--- The largest value, as `posts_max_views`.
---@param relation string
---@param column string|dbcore.Expr
---@param query? dbcore.Query
---@param name? string
---@return dbcore.Query
function Query:with_max(relation, column, query, name) end

--- Keeps the rows for which all conditions hold; can be called again. `:where { role = "admin" }`
---@param ... dbcore.Condition|table<string, dbcore.Value> one table instead: equalities of columns
--- of the table of from(); dbcore.null is IS NULL, a list is refused (in_ is meant)
---@return dbcore.Query
function Query:where(...) end

--- What the rows hold, instead of every column. A list keeps its order and the names of its items;
--- named outputs come sorted by name. Can be called again. `:select { n = d.count(), posts.title }`
---@param ... string|dbcore.Expr|dbcore.Query|table a string: a column of the table of from()
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

---@class dbcore.Result
---@field changes integer rows that were changed
---@field last_id? integer of an insert: the rowid of the last row

--- What insert, update and delete have in common.
---@class dbcore.Write: dbcore.Runnable
local Write = {}

--- Does it. `db:delete(posts):where(posts.id:eq(7)):run().changes`
---@param parameters? dbcore.Parameters
---@return dbcore.Result
function Write:run(parameters) end

--- Gives the rows as they are afterwards: end it with all, one, value … instead of run.
---@param ... string|dbcore.Expr|table as select(); nothing: every column
---@return self
function Write:returning(...) end

--- Rows into a table. All rows of one call are one savepoint: when one fails nothing is kept, and
--- err.row says which. Errors: `validation`, `constraint.…`; `schema` for a key that is no
--- column.
---@class dbcore.Insert: dbcore.Write
local Insert = {}

--- What is inserted. A key that is missing gets the column's default; dbcore.null writes NULL; {}
--- is one row of defaults. A function is called for row after row until it gives nil.
--- `:values { { name = "A" }, { name = "B" } }`
---@param rows dbcore.Row|dbcore.Row[]|fun(): dbcore.Row?
---@return dbcore.Insert
function Insert:values(rows) end

--- Inside a transaction the rows of this call then have no savepoint of their own, which a large
--- import pays for dearly. A row that fails takes the whole transaction with it: it is rolled back
--- at once, and err.rolled_back says so. Outside of a transaction it changes nothing.
---@return dbcore.Insert
function Insert:without_savepoint() end

--- Inserts the rows of a query. Its outputs are columns by their names.
---@param query dbcore.Query
---@return dbcore.Insert
function Insert:from(query) end

--- What to do when a row is there already: go on with ignore or update.
--- `:on_conflict("email"):update { name = d.excluded "name" }`
---@param ... string|dbcore.Expr|string[] the columns of the key; nothing: any constraint
---@return dbcore.Insert
function Insert:on_conflict(...) end

--- Behind on_conflict: the row that is there stays, the new one is dropped.
---@return dbcore.Insert
function Insert:ignore() end

--- The same as ignore.
---@return dbcore.Insert
function Insert:nothing() end

--- Behind on_conflict with columns: the row that is there is changed; d.excluded is the new one.
---@param values table<string, dbcore.Value>
---@return dbcore.Insert
function Insert:update(values) end

--- Behind update: only rows for which it holds are changed.
---@param ... dbcore.Condition|table<string, dbcore.Value>
---@return dbcore.Insert
function Insert:where(...) end

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

--- A query that keeps its statement between runs. It holds no lock between them. You close it; the
--- collector would, too. Closed, everything but close raises `closed`.
---@class dbcore.Prepared
local Prepared = {}

--- As of the query.
---@param parameters? dbcore.Parameters
---@return dbcore.Row[]
function Prepared:all(parameters) end

--- As of the query.
---@param parameters? dbcore.Parameters
---@return dbcore.Row?
function Prepared:one(parameters) end

--- As of the query.
---@param parameters? dbcore.Parameters
---@return dbcore.Row
function Prepared:single(parameters) end

--- As of the query.
---@param parameters? dbcore.Parameters
---@return any
function Prepared:value(parameters) end

--- As of the query.
---@param parameters? dbcore.Parameters
---@return any[]
function Prepared:list(parameters) end

--- As of the query; only for reading.
---@param parameters? dbcore.Parameters
---@return dbcore.Cursor cursor
---@return nil
---@return nil
---@return dbcore.Cursor closing
function Prepared:rows(parameters) end

--- Of a write.
---@param parameters? dbcore.Parameters
---@return dbcore.Result
function Prepared:run(parameters) end

--- Gives the statement back; again is no mistake.
function Prepared:close() end

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

---------------------------------------------------------------------------------------------------
-- Connections and transactions

--- Where queries and writes begin: a connection, a transaction, or what with() returned.
---@class dbcore.Starter
local Starter = {}

--- Begins a query. `db:from(users)`
---@param source dbcore.Table|dbcore.Source|string a string: a CTE of with(), or a table of the
--- schema
---@return dbcore.Query
function Starter:from(source) end

--- Begins an insert. `db:insert(users):values { name = "Ada" }:run()`
---@param target dbcore.Table|string
---@return dbcore.Insert
function Starter:insert(target) end

--- Begins an update. `db:update(users):set { name = "Ada" }:where(users.id:eq(1)):run()`
---@param target dbcore.Table|string
---@return dbcore.Update
function Starter:update(target) end

--- Begins a delete. `db:delete(users):where(users.id:eq(1)):run()`
---@param target dbcore.Table|string
---@return dbcore.Delete
function Starter:delete(target) end

--- A CTE: `WITH name AS (query)`, then go on with from, insert, update, delete or another with.
---@param name string
---@param query dbcore.Query|fun(itself: dbcore.Source): dbcore.Query a function: recursive, it
--- gets the CTE itself as a source
---@return dbcore.With
function Starter:with(name, query) end

---@class dbcore.With: dbcore.Starter

---@class dbcore.Stats
---@field statements integer runs
---@field rows integer
---@field prepared integer statements the engine prepared
---@field hits integer runs that found their statement kept
---@field misses integer
---@field shape_hits integer
---@field shape_misses integer
---@field text_hits integer
---@field text_misses integer
---@field busy_retries integer
---@field live_statements integer that are in use now
---@field transaction_depth integer
---@field time number seconds inside the engine; counted only while on_query() is set

---@class dbcore.Event
---@field sql string
---@field seconds number
---@field rows integer
---@field shape integer the same for runs that differ only by their values
---@field code? dbcore.ErrorCode when it failed

---@class dbcore.Advice
---@field kind "scan"|"sort"|"join"|"foreign_key"
---@field table? string
---@field columns? string[]
---@field message string
---@field sql? string the CREATE INDEX that helps; nil when none would

--- What a connection and a transaction have in common.
---@class dbcore.Handle: dbcore.Starter
local Handle = {}

--- Runs SQL text: one statement with values for its `?`, or several without. `syntax` and what the
--- statement meets. `db:exec("UPDATE posts SET views = ?", 0).changes`
---@param sql string
---@param ... string|number|boolean|dbcore.Null
---@return { changes: integer, last_id: integer }
function Handle:exec(sql, ...) end

--- Runs one statement that gives rows. Two columns of one name are refused: say AS.
--- `for row in db:query("SELECT id FROM posts WHERE views > ?", 9) do … end`; or `:all()`
---@param sql string
---@param ... string|number|boolean|dbcore.Null
---@return dbcore.Cursor cursor
---@return nil
---@return nil
---@return dbcore.Cursor closing
function Handle:query(sql, ...) end

--- Calls `body`; commits when it returns and returns what it returned, rolls back when it raises
--- and raises the same. Inside another transaction it is a savepoint. On `busy` all is rolled back
--- and `body` called again, so it should change nothing but the database; a yield out of it is
--- `invalid`. `db:transaction(function(tx) … end, { mode = "immediate" })`
---@param body fun(tx: dbcore.Tx): ...
---@param options? { mode?: dbcore.Mode, retries?: integer, timeout?: number } mode: "immediate" by
--- default; retries: at most so many; timeout: seconds from the start in which it tries again (10)
---@return any ... what `body` returned, or was given to tx:rollback()
function Handle:transaction(body, options) end

--- A transaction that you end: `local tx <close> = db:begin()` rolls back unless committed. Inside
--- another one it is a savepoint. Errors: `busy`, `readonly`.
---@param mode? dbcore.Mode|{ mode: dbcore.Mode } "immediate" by default
---@return dbcore.Tx
function Handle:begin(mode) end

--- A handle under the policies of its tables (see d.policy): whatever is started from it, also in
--- its transactions, has only the rows that the context may reach; what cannot be held is `denied`.
--- There is no way back, and as() of such a handle gives a narrower one. Rules are called now, once
--- each, with a copy of the context; one that reads a key the context does not have makes each use
--- of its table `invalid`. close() ends the handle, not the connection.
--- `local mine <close> = db:as { org_id = 7 }`
---@param context table<string, any>
---@param options? { raw?: boolean, tables?: "open"|"closed" } raw: SQL text is let through, not
--- filtered; tables: those of the schema without a policy are "open" (default) or "closed"
---@return dbcore.Conn
function Handle:as(context, options) end

--- Whether a transaction is open.
---@return boolean
function Handle:in_transaction() end

--- Rows that the last write changed.
---@return integer
function Handle:changes() end

--- The rowid of the last insert.
---@return integer
function Handle:last_id() end

--- The path it was opened with.
---@return string
function Handle:path() end

--- The schema it was opened with, or nil.
---@return dbcore.Schema?
function Handle:schema() end

--- Creates all tables of the schema, or none; when all are there, just so, it does nothing. `drift`
--- when some are missing or one is different: nothing is changed then.
---@param schema? dbcore.Schema that of d.open() by default
---@return self
function Handle:create(schema) end

--- Stops what runs on the connection: a cursor that is open raises `interrupted` at its next row.
function Handle:interrupt() end

--- From now on a statement that runs longer fails with `timeout`.
---@param seconds? number 0 or nothing: no limit
---@return number before the limit that was set, in seconds; 0: none
function Handle:set_timeout(seconds) end

--- Calls `body(...)` with that limit for each of its statements; the limit before holds again
--- afterwards, whatever happens. `db:with_timeout(0.5, function() return q:all() end)`
---@param seconds number more than 0
---@param body fun(...): ...
---@param ... any what `body` gets
---@return any ... what `body` returns
function Handle:with_timeout(seconds, body, ...) end

--- Figures since the opening.
---@return dbcore.Stats
function Handle:stats() end

--- Copies the database to a file while others go on with it. The copy is verified and then renamed
--- into place: `path` is the old file or the whole new one. Not inside a transaction that writes.
--- `db:backup("copy.db", { progress = function(done, total) … end })`
---@param path string
---@param options? { progress: fun(done: integer, total: integer): boolean? } pages; false or an
--- error stops it (`interrupted`)
function Handle:backup(path, options) end

--- Replaces the content of the database by that of a file, all or nothing. Not inside a transaction
--- and not while a cursor is open. `corrupt` when the file is no database.
---@param path string
---@param options? { progress: fun(done: integer, total: integer): boolean? }
function Handle:restore(path, options) end

--- Brings the write-ahead log into the file.
---@param mode? "full"|"restart"|"truncate" "truncate" by default: the log has length 0 then
---@return { busy: boolean, log_pages: integer, done_pages: integer } busy: others kept it from
--- being complete
function Handle:checkpoint(mode) end

--- Brings the planner's statistics up to date, where it pays. Cheap; good before closing.
function Handle:optimize() end

--- Rewrites the file without the room that deleted rows left. It needs as much free disk as the
--- database has and locks it meanwhile; not inside a transaction.
function Handle:vacuum() end

--- Reads the whole file and checks it, indexes and foreign keys included.
---@return boolean sound
---@return string[] problems a line each, the first hundred
function Handle:integrity_check() end

--- The engine's plan of a query or a text.
---@param query dbcore.Runnable|string
---@return string
function Handle:explain(query) end

--- What could be faster, and the index that would help: one is only named when the engine uses it
--- in an empty copy of the schema. Changes nothing.
---@param query? dbcore.Runnable|string without one only foreign keys are looked at
---@param options? { min_rows: integer } tables with fewer rows are left alone (1000)
---@return dbcore.Advice[]
function Handle:advise(query, options) end

---@class dbcore.FunctionOptions
---@field args? integer how many arguments it takes, 0 to 127; any number by default
---@field deterministic? boolean the same for the same arguments: it may stand in an index
---@field innocuous? boolean views and triggers of the file may call it, too

--- A function of SQL, as long as the connection is open. It gets values, NULL as nil, and cannot
--- use the connection. What it raises fails the statement: `callback`, with the error as `cause`.
--- `db:create_function("shout", function(s) return s:upper() .. "!" end, { args = 1 })`
---@param name string
---@param fn fun(...): any
---@param options? dbcore.FunctionOptions
function Handle:create_function(name, fn, options) end

--- An aggregate. A state is made by `begin`, changed by `step` for each row (what step returns,
--- when it returns something, is the new state), and read by `value`; without value it is the
--- result.
---@param name string
---@param functions { begin?: (fun(): any), step: (fun(state: any, ...): any), value?: fun(state:
--- any): any }
---@param options? dbcore.FunctionOptions
function Handle:create_aggregate(name, functions, options) end

--- An aggregate that can be used with over(): `inverse` takes a row out again.
---@param name string
---@param functions { begin?: (fun(): any), step: (fun(state: any, ...): any), inverse: (fun(state:
--- any, ...): any), value?: fun(state: any): any }
---@param options? dbcore.FunctionOptions
function Handle:create_window(name, functions, options) end

--- An order of texts for collate(). `db:create_collation("by_length", function(a, b) … end)`
---@param name string
---@param fn fun(a: string, b: string): number below, equal to or above 0
function Handle:create_collation(name, fn) end

--- Hears of every row that is changed through this connection. It cannot use the connection; an
--- error in it is a warning.
---@param fn? fun(kind: "insert"|"update"|"delete", table: string, rowid: integer, database: string)
--- nil ends it
---@return function? before
function Handle:on_update(fn) end

--- Is asked before every commit: false or an error turns it into a rollback, `callback`. It
--- cannot use the connection.
---@param fn? fun(): boolean? nil ends it
---@return function? before
function Handle:on_commit(fn) end

--- Hears of every rollback of a whole transaction. It cannot use the connection; an error in it
--- is a warning.
---@param fn? fun() nil ends it
---@return function? before
function Handle:on_rollback(fn) end

---@class dbcore.Warning
---@field kind "log_pinned"|"second_engine"
---@field message string
---@field log_pages? integer of "log_pinned": pages of the write-ahead log
---@field seconds? number of "log_pinned": for how long

--- Hears of what will do harm later, though nothing failed. It cannot use the connection; an error
--- in it is a warning of Lua.
---@param fn? fun(warning: dbcore.Warning) nil ends it
---@return function? before
function Handle:on_warning(fn) end

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

--- A transaction, or a savepoint inside one. Over, everything but is_open raises `closed`.
---@class dbcore.Tx: dbcore.Handle
local Tx = {}

--- Commits. Not in the function of transaction(), which commits by returning. On `busy` it stays
--- open and can be tried again.
function Tx:commit() end

--- Rolls back. In the function of transaction() it leaves it, and transaction() returns the values.
---@param ... any only in the function of transaction()
function Tx:rollback(...) end

--- Whether it is open.
---@return boolean
function Tx:is_open() end

--- A database that is a script: for tests of what is sent. It lives as long as a connection uses
--- it.
---@class dbcore.Mock
local Mock = {}

--- Adds an answer: the next statement with this text gets it, once. A statement without an answer
--- does nothing and gives no rows, so look at log() and pending(), too.
--- `mock:expect("SELECT 1", { columns = { "n" }, rows = { { 1 } } })`
---@param sql? string nil: any that does not begin or end a transaction
---@param answer? { columns?: string[], rows?: any[][], changes?: integer, last_id?: integer,
--- error?: dbcore.ErrorCode, message?: string, stage?: "step"|"open"|"prepare"|"bind",
--- ends_transaction?: boolean } stage: where the error comes
---@return dbcore.Mock
function Mock:expect(sql, answer) end

--- All that was run.
---@return { sql: string, values: any[] }[]
function Mock:log() end

--- How many answers were not asked for yet.
---@return integer
function Mock:pending() end

--- Forgets the log and the answers that are left.
---@return dbcore.Mock
function Mock:clear() end

---------------------------------------------------------------------------------------------------
-- Migrations

--- What d.migrator() takes. The ones behind `set_up` can be said anew for each call.
---@class dbcore.MigratorOptions
---@field dir? string a folder of migrations: 0001_users.lua, 0002_roles.sql, …
---@field migrations? table[] instead of it: { version =, name =, sql = | up =, down = }
---@field schema? dbcore.Schema|string what the migrations should lead to; text is SQL
---@field set_up? fun(db: dbcore.Conn) makes functions and collations known to databases in memory
---@field whole? boolean all steps in one transaction, not each in its own
---@field out_of_order? boolean let in what comes before a migration that is applied already
---@field drift_check? boolean false: do not look whether the database was changed by hand
---@field lock_timeout? number seconds to wait for another that migrates (10); 0: not at all
---@field backup? string|boolean a folder for backups (the database's path and "-backups"), false
--- for none, "always" also when nothing is lost or copied
---@field keep? integer how many backups stay (5)
---@field ignore? string[] names, with `*` and `?`, of what may be changed by hand
---@field progress? fun(at: { what: string, step: integer, steps: integer, rows: integer,
--- rows_total: integer }): boolean? rows: read so far, of a table that is copied or by a statement;
--- rows_total: 0 when nobody knows; false stops it, and everything of the step is undone
---@field done? fun(step: { version: string, name: string, direction: string, seconds: number })

--- What was done.
---@class dbcore.MigrateResult
---@field applied string[] "0003_add_role", …
---@field reverted string[]
---@field seconds number
---@field backup? string the file, when one was written

---@class dbcore.MigrationProblem
---@field code string "H1" out of order, "H2" edited, "H3" missing or newer, "H4" several heads,
--- "H5" not the schema, "H6" a wrong way back, "H7" changed by hand, "H8" cannot be tried out
---@field level string "refusal"
---@field id? string
---@field state? string of "H1" to "H3": that of the entry
---@field heads? string[] of "H4"
---@field message string
---@field fix string
---@field diff? string of "H2": what was edited, as a unified diff

--- A migration that is known, or applied, or both.
---@class dbcore.MigrationEntry
---@field id string
---@field version string
---@field name string
---@field state "pending"|"applied"|"replaced"|"out_of_order"|"edited"|"missing"|"newer"
---@field reversible boolean
---@field path? string
---@field checksum? string
---@field applied_checksum? string
---@field applied_source? string its text when it was applied
---@field diff? string of an edited one: from that text to its text now, as a unified diff
---@field applied_at? integer seconds since 1970-01-01 UTC
---@field seconds? number

---@class dbcore.MigrationStatus
---@field entries dbcore.MigrationEntry[]
---@field current? string the last one that is applied
---@field applied integer
---@field pending integer
---@field problems dbcore.MigrationProblem[]

---@class dbcore.MigrationPlan
---@field steps { id: string, direction: string, sql: string[] }[]
---@field unknown? string why the rest cannot be known without rows

---@class dbcore.Drift
---@field differences { kind: string, table: string, name: string?, words: string }[]
---@field repair string[] the SQL that would undo them
---@field adopt string[] the SQL that they came by

---@class dbcore.GeneratedMigration
---@field id string
---@field text string
---@field path? string
---@field differences table[]
---@field loses boolean
---@field irreversible boolean

--- What was noticed about a change.
---@class dbcore.Finding
---@field code string "D1", "F2", …
---@field level "note"|"warning"|"refusal"
---@field table? string
---@field column? string
---@field count? integer of rows concerned
---@field message string
---@field fix? string how to mend it
---@field answers? dbcore.Hint[] each settles it, the likeliest first; a "backfill" or "copy" among
--- them has no value: that is what to ask for

--- What only a person can know about a change.
---@class dbcore.Hint
---@field kind string "rename_table", "rename_column", "rename_index", "backfill", "copy", "data",
--- "ignore" or "allow_loss"
---@field table? string
---@field name? string of the column or the index
---@field value? string the new name, or SQL

--- The migrations of a program beside the history of a database.
---@class dbcore.Migrator
local Migrator = {}

--- Reads the folder again. The other methods do so by themselves.
---@return table[] migrations
function Migrator:load() end

--- Applies what is pending, in order, each migration in a transaction of its own. Many processes
--- may do so at once: each step is done by one of them. Raises `drift` when the history or the
--- database is not what it should be, `busy` with who is at work, `refused`, and whatever a step
--- raises; that step is undone, and those before it stay.
---@param options? dbcore.MigratorOptions and `to`: the last version
---@return dbcore.MigrateResult
function Migrator:up(options) end

--- Takes back the last ones that were applied.
---@param count? integer 1
---@param options? dbcore.MigratorOptions
---@return dbcore.MigrateResult
function Migrator:down(count, options) end

--- Goes forward or back, so that this version is the last one; 0 is before all.
---@param version string|integer
---@param options? dbcore.MigratorOptions
---@return dbcore.MigrateResult
function Migrator:to(version, options) end

--- Takes the last one back and applies it again.
---@param options? dbcore.MigratorOptions
---@return dbcore.MigrateResult
function Migrator:redo(options) end

--- Where the database stands.
---@return dbcore.MigrationStatus
function Migrator:status() end

--- What up() would do, with its SQL, found out in memory; `down = 2` or `version = 3` ask for the
--- other ways.
---@param options? { to: string|integer, down: integer, version: string|integer,
--- out_of_order: boolean }
---@return dbcore.MigrationPlan
function Migrator:plan(options) end

--- How the database differs from what its last migration left.
---@param options? { ignore: string[] }
---@return dbcore.Drift
function Migrator:drift(options) end

--- Checks all of it without changing anything: history, checksums, drift, schema, ways back.
---@param options? { ignore: string[] }
---@return { ok: boolean, problems: dbcore.MigrationProblem[] }
function Migrator:verify(options) end

--- Writes the migration that leads to the schema, with its way back, after it was run in memory.
--- Raises `refused` with `findings` when something would be lost, or may have been renamed.
---@param options? { name: string, hints: dbcore.Hint[], dry_run: boolean,
--- schema: dbcore.Schema|string }
---@return dbcore.GeneratedMigration? result nil when there is nothing to do
function Migrator:generate(options) end

--- Writes a migration of what was changed by hand, and marks it as applied in this database.
---@param options? { name: string, dry_run: boolean }
---@return dbcore.GeneratedMigration? result nil when nothing was
function Migrator:adopt(options) end

--- Marks migrations as applied without running them. The database must be what they lead to.
---@param options? { to: string|integer, force: boolean, dry_run: boolean } force: whatever it is;
--- dry_run: only tells which
---@return { marked: string[] }
function Migrator:baseline(options) end

--- Brings the ledger and the checksums in line with the files; `drift` brings the database back to
--- what its last migration left, `accept` takes it as it is.
---@param options? { force: boolean, drift: boolean, accept: boolean, allow_loss: boolean,
--- hints: dbcore.Hint[] } force: accept edits, and forget what is missing
---@return { mended: integer, undone: string[], listed: boolean } listed: history.sum was written
function Migrator:repair(options) end

--- Writes a migration that merges heads, after every order was tried in memory and came to the
--- same.
---@param options? { name: string, dry_run: boolean }
---@return { id: string, heads: string[], text: string, path: string? }? result
function Migrator:merge(options) end

--- Writes one migration that stands for all up to `to`, proved equal in memory. Rows are not in it:
--- give them as `data`, SQL.
---@param options? { to: string|integer, name: string, data: string, dry_run: boolean }
---@return { id: string, replaces: string[], text: string, path: string? }? result
function Migrator:squash(options) end

--- What the functions `up` and `down` of a migration get. Each word is carried out at once.
---@class dbcore.Migration
---@field db dbcore.Conn|dbcore.Tx the database, inside the transaction of the migration
local Migration = {}

--- Runs SQL; texts of several statements take no values.
---@param sql string
---@param ... any
function Migration:execute(sql, ...) end

--- Creates a table, a view or a full-text index, with its indexes and triggers.
---@param descriptor dbcore.Table
function Migration:create_table(descriptor) end

--- Drops a table with all that is in it. Several that refer to each other are dropped at once.
---@param name string
---@param ... string more tables
function Migration:drop_table(name, ...) end

--- Gives a table another name, everywhere.
---@param name string
---@param to string
function Migration:rename_table(name, to) end

--- Adds a column. One that is NOT NULL needs a default, or `:backfill` for the rows that are there.
---@param table_name string
---@param new dbcore.Column
function Migration:add_column(table_name, new) end

--- Drops a column with its values.
---@param table_name string
---@param name string
function Migration:drop_column(table_name, name) end

--- Gives a column another name, also in indexes, triggers and views.
---@param table_name string
---@param name string
---@param to string
function Migration:rename_column(table_name, name, to) end

--- Creates an index. `m:create_index("posts", d.index "posts_author" :on("author_id"))`
---@param table_name string
---@param index dbcore.Index
function Migration:create_index(table_name, index) end

--- Drops an index.
---@param name string
function Migration:drop_index(name) end

--- Creates a view.
---@param name string|dbcore.Table a name, or what d.view() returned
---@param sql? string its SELECT, when a name is given
function Migration:create_view(name, sql) end

--- Drops a view.
---@param name string
function Migration:drop_view(name) end

--- Creates a trigger.
---@param name string|dbcore.Trigger a name, or what d.trigger() returned
---@param sql? string all that follows CREATE TRIGGER name, when a name is given
function Migration:create_trigger(name, sql) end

--- Drops a trigger.
---@param name string
function Migration:drop_trigger(name) end

--- Makes something by CREATE statements. One of an object that is there replaces it, and the rows
--- of a table are kept.
---@param sql string
---@param options? { table: string, backfill: table, copy: table, allow_loss: string[] } of that
--- table: column → expression, and the columns whose values may go
function Migration:define(sql, options) end

--- Changes a table in several ways at once: it is copied at most one time.
---@param table_name string
---@param body fun(t: dbcore.Rebuild)
function Migration:rebuild(table_name, body) end

--- A table while it is rebuilt.
---@class dbcore.Rebuild
local Rebuild = {}

--- Adds a column, or a constraint; one of the same name is replaced.
---@param new dbcore.Column|dbcore.Key|dbcore.Check|dbcore.ForeignKey
---@return dbcore.Rebuild
function Rebuild:add(new) end

--- Drops a column with its values.
---@param name string
---@return dbcore.Rebuild
function Rebuild:drop_column(name) end

--- Gives a column another definition. What would change or lose values is refused, unless `:copy`
--- says how, or allow_loss.
---@param new dbcore.Column
---@param options? { allow_loss: boolean }
---@return dbcore.Rebuild
function Rebuild:change(new, options) end

--- Gives a column another name.
---@param name string
---@param to string
---@return dbcore.Rebuild
function Rebuild:rename(name, to) end

--- Drops a constraint of the table by its name.
---@param name string
---@return dbcore.Rebuild
function Rebuild:drop_constraint(name) end

--- Sets the options of the table; what is not said is off.
---@param options { strict: boolean, without_rowid: boolean }
---@return dbcore.Rebuild
function Rebuild:options(options) end

--- Says that values of a column may go, or without a name those of any column.
---@param name? string
---@return dbcore.Rebuild
function Rebuild:allow_loss(name) end

---------------------------------------------------------------------------------------------------
-- Repositories

--- What is done with the rows of one table. Called with a connection or a transaction it gives a
--- dbcore.Repo there: `local repo = Users(db)`.
---@class dbcore.Repository
---@overload fun(handle: dbcore.Conn|dbcore.Tx): dbcore.Repo

--- What a repository takes for a key: a value; of a key over several columns a list of values or a
--- table by name; or a row that has it.
---@alias dbcore.RowKey any

--- A repository on a connection or a transaction. Scopes and functions of yours are methods beside
--- these; so is everything a query has (`repo:where(…)`), which goes on from query().
---@class dbcore.Repo
local Repo = {}

--- A query over the rows of the repository, scopes applied; deleted rows are hidden from all of it.
---@return dbcore.Query
function Repo:query() end

--- The row with this key.
---@param given dbcore.RowKey
---@return dbcore.Row? row nil when there is none
function Repo:find(given) end

--- The same, or `not_found`.
---@param given dbcore.RowKey
---@return dbcore.Row
function Repo:get(given) end

--- The rows with these keys, in their order; keys without a row are left out.
---@param keys dbcore.RowKey[]
---@return dbcore.Row[]
function Repo:find_many(keys) end

--- A row that meets the conditions.
---@param conditions dbcore.Row|dbcore.Expr column = value, or an expression
---@return dbcore.Row?
function Repo:find_by(conditions) end

--- The same, or `not_found`.
---@param conditions dbcore.Row|dbcore.Expr
---@return dbcore.Row
function Repo:get_by(conditions) end

--- All rows that meet the conditions.
---@param conditions? dbcore.Row|dbcore.Expr
---@return dbcore.Row[]
function Repo:all(conditions) end

--- The one with the least key among them.
---@param conditions? dbcore.Row|dbcore.Expr
---@return dbcore.Row?
function Repo:first(conditions) end

--- How many there are.
---@param conditions? dbcore.Row|dbcore.Expr
---@return integer
function Repo:count(conditions) end

--- Whether there is one.
---@param conditions? dbcore.Row|dbcore.Expr
---@return boolean
function Repo:exists(conditions) end

--- One page by cursor; see Query:page().
---@param options? { size?: integer, after?: string, before?: string }
---@return dbcore.Page
function Repo:page(options) end

--- Every row, read by batches. `for row in repo:each { batch = 500 } do … end`
---@param options? { batch?: integer, where?: dbcore.Row|dbcore.Expr } batch: rows in memory at once
--- (1000)
---@return fun(): dbcore.Row?
function Repo:each(options) end

--- Makes a row.
---@param row dbcore.Row
---@return dbcore.Row row as it is in the database
function Repo:create(row) end

--- Makes rows, all or none.
---@param rows dbcore.Row[]
---@return dbcore.Row[]
function Repo:create_many(rows) end

--- The row that meets the conditions, made when there is none.
---@param conditions dbcore.Row also what a new row gets
---@param values? dbcore.Row what else a new row gets
---@return dbcore.Row row
---@return boolean created
function Repo:find_or_create(conditions, values) end

--- Makes a row, or changes the one that is there with the same values in these columns; a deleted
--- one comes back. `repo:upsert({ email = "a@b", name = "A" }, "email")`
---@param row dbcore.Row
---@param ... string columns that are unique together; the primary key when left out
---@return dbcore.Row row
---@return boolean created
function Repo:upsert(row, ...) end

--- Changes one row. Without one it is `not_found`. With a version column, the version in `changes`
--- or in the row that is given for the key has to be the one in the database: else it is
--- `conflict`.
---@param given dbcore.RowKey
---@param changes dbcore.Row
---@return dbcore.Row row as it is now
function Repo:update(given, changes) end

--- Changes all rows that meet the conditions.
---@param conditions dbcore.Row|dbcore.Expr|true true: every row of the repository
---@param changes dbcore.Row
---@return integer changed
function Repo:update_many(conditions, changes) end

--- Adds to columns of one row, in the database. Hooks are not called.
---@param given dbcore.RowKey
---@param columns string|table<string, number> a column, or column = number
---@param by? number 1
---@return dbcore.Row row as it is now
function Repo:increment(given, columns, by) end

--- The same, taking away.
---@param given dbcore.RowKey
---@param columns string|table<string, number>
---@param by? number 1
---@return dbcore.Row
function Repo:decrement(given, columns, by) end

--- Deletes one row; softly, when the repository has soft deletes. The version of a row that is
--- given for the key counts (`conflict`).
---@param given dbcore.RowKey
---@return boolean deleted false when there was none
function Repo:delete(given) end

--- Deletes all rows that meet the conditions.
---@param conditions dbcore.Row|dbcore.Expr|true
---@return integer deleted
function Repo:delete_many(conditions) end

--- Deletes one row for good, deleted softly before or not.
---@param given dbcore.RowKey
---@return boolean deleted
function Repo:purge(given) end

--- The same for all rows that meet the conditions.
---@param conditions dbcore.Row|dbcore.Expr|true
---@return integer deleted
function Repo:purge_many(conditions) end

--- Takes a soft delete back, or `not_found`.
---@param given dbcore.RowKey
---@return dbcore.Row
function Repo:restore(given) end

--- Without any scope, the default one included; what is deleted stays hidden.
---@return dbcore.Repo
function Repo:unscoped() end

--- With the rows that were deleted softly.
---@return dbcore.Repo
function Repo:with_deleted() end

--- Only the rows that were deleted softly.
---@return dbcore.Repo
function Repo:only_deleted() end

--- Calls `body` with the repository on a transaction; see Handle:transaction().
---@param body fun(repo: dbcore.Repo, tx: dbcore.Tx): ...
---@param options? table
---@return any ...
function Repo:transaction(body, options) end

--- What d.repository() takes. Every other function is a method of your own.
---@class dbcore.RepositoryOptions
---@field scopes? table<string, fun(q: dbcore.Query, ...): dbcore.Query> methods that narrow
---@field default_scope? fun(q: dbcore.Query): dbcore.Query for everything but unscoped()
---@field soft_delete? string a nullable timestamp, timestamp_ms, datetime or date, or a boolean
---@field version? string an integer column that counts changes: optimistic locking
---@field timestamps? boolean|{ created?: string, updated?: string } true: created_at and updated_at
---@field before_create? function|function[] (row, tx): may change the row, or return another one
---@field after_create? function|function[] (row, tx)
---@field before_update? function|function[] (changes, tx, old)
---@field after_update? function|function[] (row, tx, old)
---@field before_delete? function|function[] (row, tx)
---@field after_delete? function|function[] (row, tx)
---@field before_restore? function|function[] (row, tx)
---@field after_restore? function|function[] (row, tx)

---------------------------------------------------------------------------------------------------
-- The module

---@class dbcore
---@field version string
---@field null dbcore.Null
local dbcore = {}

---@class dbcore.OpenOptions
---@field schema? dbcore.Schema for tables and relations by name
---@field readonly? boolean
---@field create? boolean false refuses a file that is missing (`cannot_open`)
---@field durability? "full"|"normal"|"off" "full": an acknowledged commit is on the disk; "normal":
--- a power cut may cost the last commits; "off": it may cost the file
---@field busy_timeout? integer milliseconds to wait for another connection (5000)
---@field foreign_keys? boolean true by default
---@field defensive? boolean true by default: no writing into the schema and shadow tables
---@field trusted_schema? boolean false by default: the file's schema calls only harmless functions
---@field pragmas? table<string, string|integer|boolean> set last, in the order of their names
---@field statement_cache? integer shapes of queries that are kept prepared (128)
---@field mmap_size? integer bytes (256 MiB)
---@field vfs? string
---@field driver? dbcore.Mock
---@field slow? number seconds from which a statement is reported
---@field on_slow? fun(event: dbcore.Event) who is told; a line on standard error by default
---@field detect_n_plus_one? boolean|{ threshold: integer } tells once when so many runs (10) of one
--- query are among the last twice as many statements
---@field on_n_plus_one? fun(event: { sql: string, shape: integer, runs: integer })

--- Opens the database at `path`; ":memory:" is one in memory. You close it.
--- `local db <close> = d.open("app.db", { schema = schema })`
--- Errors: `cannot_open`, `corrupt`, `busy`, `readonly`.
---@param path string
---@param options? dbcore.OpenOptions
---@return dbcore.Conn
function dbcore.open(path, options) end

--- Calls `f(...)`: what it returns, or nil and the error it raised.
---@param f function
---@param ... any
---@return any ...
function dbcore.try(f, ...) end

--- A scripted database for d.open("mock", { driver = mock }).
---@return dbcore.Mock
function dbcore.mock() end

--- Describes a table. `d.table("users", { d.integer "id" :primary_key(), d.text "name" })`
---@param name string
---@param list (dbcore.Column|dbcore.Item)[] in order
---@param options? { strict?: boolean, without_rowid?: boolean, prefix?: string, comment?: string,
--- shard_by?: string, renamed_from?: string } prefix: put before the name in the database
---@return dbcore.Table
function dbcore.table(name, list, options) end

--- Describes a view: a query under a name, its columns declared so that they have types.
---@param name string
---@param list (dbcore.Column|dbcore.Trigger)[] triggers stand INSTEAD OF a write
---@param query string|dbcore.Query values in it are written into the text
---@param options? { prefix?: string, comment?: string, renamed_from?: string }
---@return dbcore.Table
function dbcore.view(name, list, query, options) end

--- Describes a full-text index (FTS5) over a table, kept in step with it by triggers.
--- `d.fts("posts_text", { "title", "body" }, { content = posts })`
---@param name string
---@param list (string|dbcore.Column)[] columns of that table
---@param options { content: string|dbcore.Table, tokenize?: string, prefix?: string,
--- comment?: string } tokenize: as FTS5 takes it, "porter unicode61"
---@return dbcore.Table
function dbcore.fts(name, list, options) end

--- The same table under another name, for a second time in a query. `d.alias(users, "boss")`
---@param table dbcore.Table
---@param name string
---@return dbcore.Table
function dbcore.alias(table, name) end

--- A CTE of with() as a source; its fields are looked up when the query is run.
---@param name string
---@param alias? string
---@return dbcore.Source
function dbcore.ref(name, alias) end

--- Puts tables and relations together and checks them as a whole.
---@param list (dbcore.Table|dbcore.Relations|dbcore.Policy|dbcore.Definition)[] in any order
---@return dbcore.Schema
function dbcore.schema(list) end

---@class dbcore.Policy

---@alias dbcore.PolicyRule boolean|dbcore.Expr|fun(context: table): boolean|dbcore.Expr

--- Declares which rows of a table a context may reach. A rule is a function of the context that
--- returns a condition on the table's columns, true (every row) or false (none); or one of these.
--- `select`: the rows that are seen by any query; `insert`: what a new row must be; `update`: the
--- rows that may be changed, and what they must be afterwards; `delete`: those that may be removed.
--- `all` is for what is not said; an operation that nothing is said of is `denied`. Several
--- policies of a table must all be satisfied. They hold for handles that db:as() makes later.
--- `d.policy(posts, { all = function(ctx) return posts.org_id:eq(ctx.org_id) end })`
---@param descriptor dbcore.Table
---@param rules { select?: dbcore.PolicyRule, insert?: dbcore.PolicyRule,
--- update?: dbcore.PolicyRule, delete?: dbcore.PolicyRule, all?: dbcore.PolicyRule,
--- name?: string } name: for messages
---@return dbcore.Policy an item of d.schema(), needed there only when the table itself is not in it
function dbcore.policy(descriptor, rules) end

---@class dbcore.Definition

--- A part of a schema as the CREATE statement that makes it: what the other words cannot say. It is
--- created behind all tables. Queries reach such a table through a d.table() of the columns they
--- need, which is left out of the schema.
--- `d.define [[CREATE VIRTUAL TABLE places USING rtree(id, west, east)]]`
---@param sql string CREATE TABLE, VIRTUAL TABLE, INDEX, VIEW or TRIGGER
---@return dbcore.Definition an item of d.schema()
function dbcore.define(sql) end

--- All that is known of a table, or of a schema: { tables = …, relations = …, definitions =
--- { { kind =, name =, sql = }, … } }.
---@param value dbcore.Table|dbcore.Schema
---@return table
function dbcore.describe(value) end

--- A migrator for a database. `d.migrator(db, { dir = "migrations", schema = schema }):up()`
---@param handle dbcore.Conn|dbcore.Tx
---@param options dbcore.MigratorOptions
---@return dbcore.Migrator
function dbcore.migrator(handle, options) end

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

--- An index; an item of a table. `d.index "posts_author" :on("author_id")`
---@param name string
---@return dbcore.Index
function dbcore.index(name) end

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

--- A trigger; an item of a table. It is there for changes of other tables, too.
---@param name string
---@param sql string what follows CREATE TRIGGER name: "AFTER UPDATE ON … BEGIN … END"
---@return dbcore.Trigger
function dbcore.trigger(name, sql) end

--- A rule over a whole row, checked before every write and by d.validate().
--- `d.rule("later", function(row) return row.ends > row.starts end):on("starts", "ends")`
---@param name string
---@param fn fun(row: dbcore.Row, use: "insert"|"update"|"select"): boolean?, string? gets what is
--- given of the row, NULL as dbcore.null; false, and what is wrong, when it may not be written;
--- what it raises becomes a failure with code `callback`
---@return dbcore.Rule
function dbcore.rule(name, fn) end

--- The description of a table's rows as JSON Schema 2020-12: what d.validate() accepts for the same
--- use, as far as JSON Schema has words for it. Checks, rules and functions of yours are not in it;
--- a pattern is when it can be said as a regular expression. NULL is null.
--- `local schema, text = d.json_schema(users, "insert")`
---@param table dbcore.Table
---@param use? "insert"|"update"|"select" insert
---@return table schema plain tables
---@return string text the same as JSON
function dbcore.json_schema(table, use) end

--- Describes what is done with the rows of one table: finding, writing, scopes, hooks, soft
--- deletes.
---
---     local Users = d.repository(users, {
---       scopes = { active = function(q) return q:where(users.active:eq(true)) end },
---       soft_delete = "deleted_at",
---       before_create = function(row) row.email = row.email:lower() end,
---       by_email = function(self, email) return self:find_by { email = email } end,
---     })
---     Users(db):active():count()
---@param table dbcore.Table with a primary key
---@param options? dbcore.RepositoryOptions
---@return dbcore.Repository
function dbcore.repository(table, options) end

--- Checks a row as every write does, and tells everything that is wrong with it: types, NOT NULL,
--- enums, ranges, lengths, patterns, what is inside JSON, validate(fn), rules; also checks, as far
--- as they can be told without the database (literals, columns, comparisons, IN, BETWEEN, LIKE,
--- AND, OR, NOT, + - * /, length, abs, coalesce), and keys that are no columns.
--- `local good, err = d.validate(users, row, "insert")`
---@param table dbcore.Table
---@param row dbcore.Row
---@param use? "insert"|"update"|"select" insert (default): what is missing gets its default;
--- update: it may be missing; select: a row as it was read
---@return true? valid
---@return dbcore.Error? err `validation`, with `fields`
function dbcore.validate(table, row, use) end

--- A type of your own: returns the constructor of its columns. NULL goes to neither function; what
--- they raise is raised.
---@param options { name?: string, sql: string, encode: (fun(value: any): any), decode: fun(stored:
--- any): any } sql: INTEGER, REAL, TEXT, BLOB, NUMERIC or ANY
---@return fun(name: string): dbcore.Column
function dbcore.type(options) end

--- A column of whole numbers, 64 bits.
---@param name string
---@return dbcore.Column
function dbcore.integer(name) end

--- A column of doubles.
---@param name string
---@return dbcore.Column
function dbcore.real(name) end

--- A column of text; it may hold NUL.
---@param name string
---@return dbcore.Column
function dbcore.text(name) end

--- A column of bytes.
---@param name string
---@return dbcore.Column
function dbcore.blob(name) end

--- A column of booleans.
---@param name string
---@return dbcore.Column
function dbcore.boolean(name) end

--- A column of numbers, whole or not.
---@param name string
---@return dbcore.Column
function dbcore.numeric(name) end

--- A column of times: whole seconds since 1970, UTC.
---@param name string
---@return dbcore.Column
function dbcore.timestamp(name) end

--- A column of times: whole milliseconds since 1970, UTC.
---@param name string
---@return dbcore.Column
function dbcore.timestamp_ms(name) end

--- A column of times as text: "2026-01-31 23:59:59".
---@param name string
---@return dbcore.Column
function dbcore.datetime(name) end

--- A column of days as text: "2026-01-31".
---@param name string
---@return dbcore.Column
function dbcore.date(name) end

--- A column of any values: nothing is checked or changed, but for what `storage` makes of it.
---@param name string
---@return dbcore.Column
function dbcore.untyped(name) end

--- A column of UUIDs as text.
---@param name string
---@return dbcore.Column
function dbcore.uuid(name) end

--- A column of texts out of a list. `d.enum("role", { "admin", "reader" })`. Inside JSON the name
--- may be left out.
---@param name string|string[]
---@param values? string[]
---@return dbcore.Column
function dbcore.enum(name, values) end

--- A column of JSON: any table, text, number, boolean, or dbcore.null. With a description of what
--- is inside, every write and d.validate() check it: not_null() means that a field has to be there,
--- enum, length, range and pattern mean what they mean for columns, and what is not described is
--- refused. `d.json("settings", { theme = d.enum { "dark", "light" }, tags = d.list(d.text()) })`
---@param name? string|table inside a description it may be left out: `d.json { … }`
---@param shape? dbcore.Column|table fields of an object (name = column, or a list of named
--- columns); a single column: each item of a list
---@return dbcore.Column
function dbcore.json(name, shape) end

--- A list in JSON: as a column, or without the name inside a description. `d.list(d.text())`
---@param name string|dbcore.Column|table
---@param item? dbcore.Column|table what each item is
---@return dbcore.Column
function dbcore.list(name, item) end

--- The same table, marked as a JSON array: then an empty one is [].
---@param list? table
---@return table
function dbcore.array(list) end

--- Begins a query without a connection: to be kept, nested, or run by none.
---@param source dbcore.Table|dbcore.Source
---@return dbcore.Query
function dbcore.from(source) end

--- Begins an insert without a connection.
---@param target dbcore.Table
---@return dbcore.Insert
function dbcore.insert(target) end

--- Begins an update without a connection.
---@param target dbcore.Table
---@return dbcore.Update
function dbcore.update(target) end

--- Begins a delete without a connection.
---@param target dbcore.Table
---@return dbcore.Delete
function dbcore.delete(target) end

--- A CTE without a connection.
---@param name string
---@param query dbcore.Query|fun(itself: dbcore.Source): dbcore.Query
---@return dbcore.With
function dbcore.with(name, query) end

--- All of the conditions; of none true.
---@param ... dbcore.Condition|dbcore.Condition[]
---@return dbcore.Expr
function dbcore.all(...) end

--- One of the conditions; of none false.
---@param ... dbcore.Condition|dbcore.Condition[]
---@return dbcore.Expr
function dbcore.any(...) end

--- `NOT`, as `~condition`.
---@param condition dbcore.Condition
---@return dbcore.Expr
function dbcore.not_(condition) end

--- Whether the query has a row. `:where(d.exists(d.from(posts):where(…)))`
---@param query dbcore.Query
---@return dbcore.Expr
function dbcore.exists(query) end

--- Whether the query has none.
---@param query dbcore.Query
---@return dbcore.Expr
function dbcore.not_exists(query) end

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

--- A value that is given when the query is run: `q:all { name = "Ada" }`.
---@param name string
---@return dbcore.Expr
function dbcore.param(name) end

--- SQL text with `?` for columns, queries and values. `d.sql("lower(?) = ?", users.name, "ada")`
---@param text string
---@param ... dbcore.Value
---@return dbcore.Expr
function dbcore.sql(text, ...) end

--- SQL text as it is; nothing in it is quoted or bound. Never from outside.
---@param text string
---@return dbcore.Expr
function dbcore.raw(text) end

--- A function of the database by its name. `d.func("shout", users.name)`
---@param name string
---@param ... dbcore.Value
---@return dbcore.Expr
function dbcore.func(name, ...) end

--- `CAST`
---@param value dbcore.Value
---@param kind dbcore.TypeWord
---@return dbcore.Expr
function dbcore.cast(value, kind) end

--- `CASE`; with a base each `when` is a value to compare it with.
--- `d.case():when(posts.views:gt(99), "hot"):otherwise("cold")`
---@param base? dbcore.Expr
---@return dbcore.Expr
function dbcore.case(base) end

--- In on_conflict(…):update: the column of the row that was to be inserted.
---@param column string|dbcore.Expr
---@return dbcore.Expr
function dbcore.excluded(column) end

--- Whether a row of a full-text index fits a search, in the language of FTS5:
--- `db:from(posts_text):where(d.match(posts_text, "fox AND title: red"))`. A search that is
--- malformed raises `syntax` when the query runs; what a person typed goes through d.match_words.
---@param index dbcore.Table made by d.fts
---@param search string|dbcore.Expr text, or a d.param
---@return dbcore.Condition
function dbcore.match(index, search) end

--- Makes what a person typed a search: its words, each in quotes, so that nothing in it is an
--- operator or an error. Without a word it finds nothing.
--- `d.match(posts_text, d.match_words(input, { prefix = "last" }))`
---@param text string
---@param options? { any?: boolean, prefix?: "all"|"last" } any: one of the words is enough; prefix:
--- all words, or the last one that is still being typed, are beginnings of words
---@return string
function dbcore.match_words(text, options) end

--- How well a row fits the search of the query, by BM25: less is better. `posts_text.rank` is the
--- same without weights. `order_by(d.bm25(posts_text, { title = 10 }))`
---@param index dbcore.Table made by d.fts
---@param weights? table<string, number> by column; 1 for those that are left out
---@return dbcore.Expr
function dbcore.bm25(index, weights) end

--- Of a full-text index, in a query that searches it: a piece of the column that fits best.
---@param index dbcore.Table made by d.fts
---@param options? dbcore.SnippetOptions
---@return dbcore.Expr
function dbcore.snippet(index, options) end

--- How many rows; of an expression, how many where it is not NULL.
---@param value? dbcore.Expr
---@return dbcore.Expr
function dbcore.count(value) end

--- How many different values.
---@param value dbcore.Expr
---@return dbcore.Expr
function dbcore.count_distinct(value) end

--- The sum; of no rows NULL.
---@param value dbcore.Value
---@return dbcore.Expr
function dbcore.sum(value) end

--- The mean; of no rows NULL.
---@param value dbcore.Value
---@return dbcore.Expr
function dbcore.avg(value) end

--- The sum as a real number; of no rows 0.0.
---@param value dbcore.Value
---@return dbcore.Expr
function dbcore.total(value) end

--- The least value; of several arguments the least of them.
---@param ... dbcore.Value
---@return dbcore.Expr
function dbcore.min(...) end

--- The greatest value; of several arguments the greatest of them.
---@param ... dbcore.Value
---@return dbcore.Expr
function dbcore.max(...) end

--- The texts, one behind the other.
---@param value dbcore.Value
---@param separator? dbcore.Value "," by default
---@return dbcore.Expr
function dbcore.group_concat(value, separator) end

--- The first that is not NULL.
---@param ... dbcore.Value two or more
---@return dbcore.Expr
function dbcore.coalesce(...) end

--- The first, or the second where that is NULL.
---@param value dbcore.Value
---@param other dbcore.Value
---@return dbcore.Expr
function dbcore.ifnull(value, other) end

--- NULL where both are equal, else the first.
---@param value dbcore.Value
---@param other dbcore.Value
---@return dbcore.Expr
function dbcore.nullif(value, other) end

--- One of two values.
---@param condition dbcore.Condition
---@param yes dbcore.Value
---@param no dbcore.Value
---@return dbcore.Expr
function dbcore.iif(condition, yes, no) end

--- Lower case, of ASCII letters.
---@param text dbcore.Value
---@return dbcore.Expr
function dbcore.lower(text) end

--- Upper case, of ASCII letters.
---@param text dbcore.Value
---@return dbcore.Expr
function dbcore.upper(text) end

--- Characters of text, bytes of a blob.
---@param text dbcore.Value
---@return dbcore.Expr
function dbcore.length(text) end

--- Without spaces, or these characters, at both ends.
---@param text dbcore.Value
---@param characters? dbcore.Value
---@return dbcore.Expr
function dbcore.trim(text, characters) end

--- The same at the beginning.
---@param text dbcore.Value
---@param characters? dbcore.Value
---@return dbcore.Expr
function dbcore.ltrim(text, characters) end

--- The same at the end.
---@param text dbcore.Value
---@param characters? dbcore.Value
---@return dbcore.Expr
function dbcore.rtrim(text, characters) end

--- A piece of a text, from the character `start` (from 1) on.
---@param text dbcore.Value
---@param start dbcore.Value
---@param count? dbcore.Value characters; the rest by default
---@return dbcore.Expr
function dbcore.substr(text, start, count) end

--- The text with every `from` replaced by `to`.
---@param text dbcore.Value
---@param from dbcore.Value
---@param to dbcore.Value
---@return dbcore.Expr
function dbcore.replace(text, from, to) end

--- Where `part` is in the text, from 1; 0 when it is not.
---@param text dbcore.Value
---@param part dbcore.Value
---@return dbcore.Expr
function dbcore.instr(text, part) end

--- The bytes in hexadecimal.
---@param value dbcore.Value
---@return dbcore.Expr
function dbcore.hex(value) end

--- The storage class: "integer", "real", "text", "blob", "null".
---@param value dbcore.Value
---@return dbcore.Expr
function dbcore.typeof(value) end

--- Without its sign.
---@param value dbcore.Value
---@return dbcore.Expr
function dbcore.abs(value) end

--- Rounded, to so many digits behind the point.
---@param value dbcore.Value
---@param digits? dbcore.Value
---@return dbcore.Expr
function dbcore.round(value, digits) end

--- A random whole number, 64 bits.
---@return dbcore.Expr
function dbcore.random() end

--- Whole seconds since 1970, by the database's clock.
---@return dbcore.Expr
function dbcore.now() end

--- The number of the row in its window, from 1. `d.row_number():over { order_by = posts.id }`
---@return dbcore.Expr
function dbcore.row_number() end

--- As row_number, but equal rows have one number, and then some are left out.
---@return dbcore.Expr
function dbcore.rank() end

--- As rank, but no number is left out.
---@return dbcore.Expr
function dbcore.dense_rank() end

--- The rank from 0 to 1.
---@return dbcore.Expr
function dbcore.percent_rank() end

--- Which part of the rows comes up to this one.
---@return dbcore.Expr
function dbcore.cume_dist() end

--- The window in so many parts of equal size: the number of the row's part.
---@param parts dbcore.Value
---@return dbcore.Expr
function dbcore.ntile(parts) end

--- The value of an earlier row.
---@param value dbcore.Value
---@param distance? dbcore.Value rows; 1 by default
---@param default? dbcore.Value where there is none
---@return dbcore.Expr
function dbcore.lag(value, distance, default) end

--- The value of a later row.
---@param value dbcore.Value
---@param distance? dbcore.Value rows; 1 by default
---@param default? dbcore.Value where there is none
---@return dbcore.Expr
function dbcore.lead(value, distance, default) end

--- The value of the first row of the frame.
---@param value dbcore.Value
---@return dbcore.Expr
function dbcore.first_value(value) end

--- The value of the last row of the frame.
---@param value dbcore.Value
---@return dbcore.Expr
function dbcore.last_value(value) end

--- The value of the row with this number in the frame.
---@param value dbcore.Value
---@param number dbcore.Value from 1
---@return dbcore.Expr
function dbcore.nth_value(value, number) end

--- What is at these paths of JSON.
---@param json dbcore.Value
---@param ... dbcore.Value paths such as "$.a.b"
---@return dbcore.Expr
function dbcore.json_extract(json, ...) end

--- A JSON array; a table in rows.
---@param ... dbcore.Value
---@return dbcore.Expr
function dbcore.json_array(...) end

--- A JSON object; a table in rows.
---@param ... dbcore.Value key, value, key, value …
---@return dbcore.Expr
function dbcore.json_object(...) end

return dbcore
