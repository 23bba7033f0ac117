---@meta _
-- What a connection and a transaction have in common.

--- Figures of a connection since it was opened.
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

--- One statement that ran.
---@class dbcore.Event
---@field sql string
---@field seconds number
---@field rows integer
---@field shape integer the same for runs that differ only by their values
---@field code? dbcore.ErrorCode when it failed

--- One thing that could be faster.
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
---@param body fun(tx: dbcore.Tx): ...any
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
---@param seconds number 0: no limit
---@param body fun(...: any): ...any
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

--- What create_function() and its like take.
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

--- What create_aggregate() takes.
---@class dbcore.AggregateFunctions
---@field begin? fun(): any makes the state of a group; nil without it
---@field step fun(state: any, ...: any): any takes a row in; what it returns is the new state, nil
--- the old one
---@field value? fun(state: any): any the result; without it the state is

--- What create_window() takes.
---@class dbcore.WindowFunctions: dbcore.AggregateFunctions
---@field inverse fun(state: any, ...: any): any takes the oldest row out again, like step

--- An aggregate. A state is made by `begin`, changed by `step` for each row (what step returns,
--- when it returns something, is the new state), and read by `value`; without value it is the
--- result.
---@param name string
---@param functions dbcore.AggregateFunctions
---@param options? dbcore.FunctionOptions
function Handle:create_aggregate(name, functions, options) end

--- An aggregate that can be used with over(): `inverse` takes a row out again.
---@param name string
---@param functions dbcore.WindowFunctions
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

--- What on_warning() tells.
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
