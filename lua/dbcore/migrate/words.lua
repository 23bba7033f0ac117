-- The words of a migration: `m:add_column("users", d.text "role")` and the others. Each is carried
-- out at once, within the transaction of the migration, by the planner that also compares whole
-- schemas: it knows what SQLite can alter in place and rebuilds a table where it cannot.
local native = require("dbcore.native")
local check = require("dbcore.check")
local column = require("dbcore.column")
local item = require("dbcore.item")
local token = require("dbcore.token")

local words = {}

local quote = token.quote

-- A name as a file may have it: an empty one, too, and others that no description would get.
local function name_of(value, what)
  if type(value) == "string" and not value:find("\0", 1, true) then
    return value
  end
  return check.name(value, what)
end

---------------------------------------------------------------------------------------------------
-- Descriptions as SQL

local function quoted_list(names)
  local parts = {}
  for i, name in ipairs(names) do
    parts[i] = quote(name)
  end
  return "(" .. table.concat(parts, ", ") .. ")"
end

-- Whether the table in the database is STRICT; false when there is none.
local function is_strict(m, name)
  local sql = "SELECT strict FROM pragma_table_list WHERE schema = 'main' "
    .. "AND name = ? COLLATE nocase"
  return m.db:query(sql, name):value() == 1
end

-- A column as CREATE TABLE writes it. The table matters: its name is in the names of rules, and a
-- strict one has other types.
local function column_sql(m, table_name, value, what)
  if not column.is(value) then
    check.fail('%s takes a column, d.text "name", got %s', what, check.describe(value))
  end
  local def = column.def(value)
  local other = { name = def.name == "a" and "b" or "a", type = "integer" }
  local around = native.table { name = table_name, kind = "table", columns = { other, def },
    strict = is_strict(m, table_name) }
  return native.column_ddl(around, 2), def
end

local function index_sql(table_name, def)
  local parts = {}
  for i, part in ipairs(def.parts) do
    local text = part.column and quote(part.column) or "(" .. part.expression .. ")"
    parts[i] = text .. (part.collate and " COLLATE " .. quote(part.collate) or "")
      .. (part.desc and " DESC" or "")
  end
  return ("CREATE %sINDEX %s ON %s (%s)%s"):format(def.unique and "UNIQUE " or "",
    quote(def.name), quote(table_name), table.concat(parts, ", "),
    def.where and " WHERE " .. def.where or "")
end

-- SQLite takes a name in quotes that is no column for a text, and would index that.
local function check_columns(m, table_name, def)
  local names = m.db:query("SELECT name FROM pragma_table_xinfo(?)", table_name):list()
  local known = {}
  for _, name in ipairs(names) do
    known[name:lower()] = true
  end
  for _, part in ipairs(def.parts) do
    if names[1] and part.column and not known[part.column:lower()] then
      check.fail("table %s has no column %s%s", check.quote(table_name), check.quote(part.column),
        check.suggestion(part.column, names))
    end
  end
end

local ACTIONS = { no_action = "NO ACTION", restrict = "RESTRICT", cascade = "CASCADE",
  set_null = "SET NULL", set_default = "SET DEFAULT" }

local function foreign_key_sql(def)
  local parts = { "FOREIGN KEY ", quoted_list(def.columns), " REFERENCES ", quote(def.table) }
  if def.to then
    parts[#parts + 1] = " " .. quoted_list(def.to)
  end
  for _, event in ipairs { "delete", "update" } do
    local action = def["on_" .. event]
    if action then
      parts[#parts + 1] = (" ON %s %s"):format(event:upper(), ACTIONS[action])
    end
  end
  if def.deferrable then
    parts[#parts + 1] = " DEFERRABLE INITIALLY " .. def.deferrable:upper()
  end
  return table.concat(parts)
end

local CONSTRAINTS = {
  unique = function(def) return "UNIQUE " .. quoted_list(def.columns) end,
  primary_key = function(def) return "PRIMARY KEY " .. quoted_list(def.columns) end,
  check = function(def) return "CHECK (" .. def.expression .. ")" end,
  foreign_key = foreign_key_sql,
}

-- A constraint of a table, or nil when `value` is none.
local function constraint_sql(value)
  local write = CONSTRAINTS[item.kind(value)]
  if not write then
    return nil
  end
  local def = item.def(value)
  return (def.name and "CONSTRAINT " .. quote(def.name) .. " " or "") .. write(def)
    .. (def.on_conflict and " ON CONFLICT " .. def.on_conflict:upper() or "")
end

---------------------------------------------------------------------------------------------------
-- m

---@class dbcore.Migration
---@field db dbcore.Conn|dbcore.Tx the database, inside the transaction of the migration
local Migration = {}

local Migration_mt = check.class("dbcore.migration", Migration, function()
  return "a migration"
end)

local function alter(m, changes)
  native.alter(m._migrator, changes)
end

-- The hints that a column brings along: how rows that are there get their values.
local function column_hints(changes, table_name, def)
  for _, key in ipairs { "backfill", "copy" } do
    if def[key] then
      table.insert(changes, { "hint", key, table_name, def.name, def[key] })
    end
  end
end

--- Runs SQL. Texts of several statements take no values.
---@param sql string
---@param ... any values for its placeholders
function Migration:execute(sql, ...)
  check.sql(sql, "execute()")
  self.db:exec(sql, ...)
end

--- Creates a table, a view or a full-text index, with its indexes and triggers.
---@param descriptor dbcore.Table
function Migration:create_table(descriptor)
  if native.kind(descriptor) ~= "table" then
    check.fail('create_table() takes a table, d.table("name", { … }), got %s',
      check.describe(descriptor))
  end
  local changes = {}
  for _, sql in ipairs(native.split_sql(native.ddl(descriptor))) do
    if sql:find("%S") then
      changes[#changes + 1] = { "define", sql }
    end
  end
  alter(self, changes)
end

--- Drops a table with all that is in it. Its rows are gone. Tables that refer to each other are
--- dropped at once.
---@param name string
---@param ... string more tables
function Migration:drop_table(name, ...)
  local names, changes = table.pack(name, ...), {}
  for i = 1, names.n do
    local one = name_of(names[i], "table")
    table.insert(changes, { "drop", "table", one })
    table.insert(changes, { "hint", "allow_loss", one })
  end
  alter(self, changes)
end

--- Gives a table another name, everywhere.
---@param name string
---@param to string
function Migration:rename_table(name, to)
  alter(self, { { "rename_table", name_of(name, "table"), name_of(to, "table") } })
end

--- Adds a column. One that is NOT NULL needs a default, or `:backfill` for the rows that are there.
---@param table_name string
---@param new dbcore.Column
function Migration:add_column(table_name, new)
  name_of(table_name, "table")
  local sql, def = column_sql(self, table_name, new, "add_column()")
  local changes = { { "add_column", table_name, sql } }
  column_hints(changes, table_name, def)
  alter(self, changes)
end

--- Drops a column with its values.
---@param table_name string
---@param name string
function Migration:drop_column(table_name, name)
  name_of(table_name, "table")
  alter(self, { { "drop_column", table_name, name_of(name, "column") },
    { "hint", "allow_loss", table_name, name } })
end

--- Gives a column another name, also in indexes, triggers and views.
---@param table_name string
---@param name string
---@param to string
function Migration:rename_column(table_name, name, to)
  alter(self, { { "rename_column", name_of(table_name, "table"), name_of(name, "column"),
    name_of(to, "column") } })
end

--- Creates an index.
---@param table_name string
---@param index dbcore.Index
function Migration:create_index(table_name, index)
  name_of(table_name, "table")
  if item.kind(index) ~= "index" then
    check.fail('create_index() takes an index, d.index "name" :on("column"), got %s',
      check.describe(index))
  end
  check_columns(self, table_name, item.def(index))
  alter(self, { { "define", index_sql(table_name, item.def(index)) } })
end

--- Drops an index.
---@param name string
function Migration:drop_index(name)
  alter(self, { { "drop", "index", name_of(name, "index") } })
end

--- Creates a view.
---@param name string|dbcore.Table a name, or what d.view() returned
---@param sql? string its SELECT, when a name is given
function Migration:create_view(name, sql)
  if native.kind(name) == "table" then
    return self:create_table(name)
  end
  name_of(name, "view")
  alter(self, { { "define", ("CREATE VIEW %s AS %s"):format(quote(name),
    check.sql(sql, "create_view()")) } })
end

--- Drops a view.
---@param name string
function Migration:drop_view(name)
  alter(self, { { "drop", "view", name_of(name, "view") } })
end

--- Creates a trigger.
---@param name string|dbcore.Trigger a name, or what d.trigger() returned
---@param sql? string all that follows CREATE TRIGGER name, when a name is given
function Migration:create_trigger(name, sql)
  if item.kind(name) == "trigger" then
    local def = item.def(name)
    name, sql = def.name, def.sql
  end
  name_of(name, "trigger")
  alter(self, { { "define", ("CREATE TRIGGER %s %s"):format(quote(name),
    check.sql(sql, "create_trigger()")) } })
end

--- Drops a trigger.
---@param name string
function Migration:drop_trigger(name)
  alter(self, { { "drop", "trigger", name_of(name, "trigger") } })
end

--- Makes something by CREATE statements; one of an object that is there replaces it, and the rows
--- of a table are kept.
---@param sql string
---@param options? { table: string, backfill: table, copy: table, allow_loss: string[] } of that
--- table: column → expression, and the columns whose values may go
function Migration:define(sql, options)
  check.sql(sql, "define()")
  local given = check.options(options,
    { table = "string", backfill = "table", copy = "table", allow_loss = "table" }, "define()")
  local changes = {}
  for _, statement in ipairs(native.split_sql(sql)) do
    if statement:find("%S") then
      changes[#changes + 1] = { "define", statement }
    end
  end
  words.add_hints(changes, given, "define()")
  alter(self, changes)
end

--- Adds hints out of options to changes: `backfill` and `copy` (column → expression), `allow_loss`
--- (columns); all of them are about the table `given.table`.
---@param changes table
---@param given table
---@param what string
function words.add_hints(changes, given, what)
  for _, key in ipairs { "backfill", "copy" } do
    for _, name in ipairs(check.sorted_keys(given[key] or {})) do
      if not given.table then
        check.fail('%s needs the option "table" beside %s: which table is meant', what,
          check.quote(key))
      end
      changes[#changes + 1] = { "hint", key, given.table, name,
        check.sql(given[key][name], what) }
    end
  end
  for _, name in ipairs(given.allow_loss or {}) do
    changes[#changes + 1] = { "hint", "allow_loss", given.table or name,
      given.table and name or nil }
  end
end

---------------------------------------------------------------------------------------------------
-- m:rebuild

---@class dbcore.Rebuild
local Rebuild = {}

local Rebuild_mt = check.class("dbcore.rebuild", Rebuild, function(self)
  return ("the rebuild of table %s"):format(check.quote(self._table))
end)

local function add(self, change)
  table.insert(self._changes, change)
  return self
end

--- Adds a column, or a constraint of the table: d.unique, d.check, d.foreign_key, d.primary_key.
--- One with a name that is there is replaced.
---@param new dbcore.Column|dbcore.Key|dbcore.Check|dbcore.ForeignKey
---@return dbcore.Rebuild
function Rebuild:add(new)
  local constraint = constraint_sql(new)
  if constraint then
    return add(self, { "add_constraint", self._table, constraint })
  end
  local sql, def = column_sql(self._migration, self._table, new, "add()")
  column_hints(self._hints, self._table, def)
  return add(self, { "add_column", self._table, sql })
end

--- Drops a column with its values.
---@param name string
---@return dbcore.Rebuild
function Rebuild:drop_column(name)
  name_of(name, "column")
  table.insert(self._hints, { "hint", "allow_loss", self._table, name })
  return add(self, { "drop_column", self._table, name })
end

--- Gives a column of that name another definition. Values are converted; when that would change or
--- lose some it is refused, unless `:copy` says how, or { allow_loss = true }.
---@param new dbcore.Column
---@param options? { allow_loss: boolean }
---@return dbcore.Rebuild
function Rebuild:change(new, options)
  local given = check.options(options, { allow_loss = "boolean" }, "change()")
  local sql, def = column_sql(self._migration, self._table, new, "change()")
  column_hints(self._hints, self._table, def)
  if given.allow_loss then
    table.insert(self._hints, { "hint", "allow_loss", self._table, def.name })
  end
  return add(self, { "change_column", self._table, sql })
end

--- Gives a column another name.
---@param name string
---@param to string
---@return dbcore.Rebuild
function Rebuild:rename(name, to)
  return add(self, { "rename_column", self._table, name_of(name, "column"),
    name_of(to, "column") })
end

--- Drops a constraint of the table by its name.
---@param name string
---@return dbcore.Rebuild
function Rebuild:drop_constraint(name)
  return add(self, { "drop_constraint", self._table, name_of(name, "constraint") })
end

--- Sets the options of the table; what is not said is off.
---@param options { strict: boolean, without_rowid: boolean }
---@return dbcore.Rebuild
function Rebuild:options(options)
  local given = check.options(options, { strict = "boolean", without_rowid = "boolean" },
    "options()")
  local list = {}
  if given.strict then
    list[#list + 1] = "STRICT"
  end
  if given.without_rowid then
    list[#list + 1] = "WITHOUT ROWID"
  end
  return add(self, { "options", self._table, table.concat(list, ", ") })
end

--- Says that values of a column may go, or, without a name, of any column of the table.
---@param name? string
---@return dbcore.Rebuild
function Rebuild:allow_loss(name)
  table.insert(self._hints, { "hint", "allow_loss", self._table, name })
  return self
end

--- Changes a table in several ways at once: it is copied at most one time.
---@param table_name string
---@param body fun(t: dbcore.Rebuild)
function Migration:rebuild(table_name, body)
  name_of(table_name, "table")
  check.kind(body, "function", "rebuild()")
  local t = setmetatable({ _migration = self, _table = table_name, _changes = {}, _hints = {} },
    Rebuild_mt)
  body(t)
  for _, hint in ipairs(t._hints) do
    table.insert(t._changes, hint)
  end
  alter(self, t._changes)
end

--- What the functions of a migration get.
---@param migrator userdata of native.migrator()
---@param handle dbcore.Conn|dbcore.Tx
---@return dbcore.Migration
function words.new(migrator, handle)
  return setmetatable({ _migrator = migrator, db = handle }, Migration_mt)
end

--- Their methods, for tools that complete names.
words.methods = { migration = Migration, rebuild = Rebuild }

return words
