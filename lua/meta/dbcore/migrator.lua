---@meta _
-- Migrations beside the history of a database: what ran, what is due, what is drift.

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

--- What does not fit, and how it is mended.
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

--- Where a database stands.
---@class dbcore.MigrationStatus
---@field entries dbcore.MigrationEntry[]
---@field current? string the last one that is applied
---@field applied integer
---@field pending integer
---@field problems dbcore.MigrationProblem[]

--- What would be done.
---@class dbcore.MigrationPlan
---@field steps { id: string, direction: string, sql: string[] }[]
---@field unknown? string why the rest cannot be known without rows

--- How a database differs from what its last migration left.
---@class dbcore.Drift
---@field differences { kind: string, table: string, name: string?, words: string }[]
---@field repair string[] the SQL that would undo them
---@field adopt string[] the SQL that they came by

--- A migration that was written.
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

---@class dbcore
local dbcore = {}

--- A migrator for a database. `d.migrator(db, { dir = "migrations", schema = schema }):up()`
---@param handle dbcore.Conn|dbcore.Tx
---@param options dbcore.MigratorOptions
---@return dbcore.Migrator
function dbcore.migrator(handle, options) end
