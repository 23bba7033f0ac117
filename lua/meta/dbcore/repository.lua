---@meta _
-- What is done with the rows of one table: finding, writing, scopes, hooks.

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
---@field [string] any what is yours, and the steps of a query
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
---@param body fun(repo: dbcore.Repo, tx: dbcore.Tx): ...any
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

---@class dbcore
local dbcore = {}

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
