---@meta _
-- Columns, conditions and what is computed from them.

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

---@class dbcore
local dbcore = {}

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
