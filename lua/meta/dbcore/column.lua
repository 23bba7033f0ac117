---@meta _
-- Columns, as they are described. Each verb returns a new description.

--- A column as it is described, an item of d.table(): what d.integer and its like return.
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
