---@meta _
-- The words that a migration is written in.

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
