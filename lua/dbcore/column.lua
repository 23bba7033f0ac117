-- Columns as they are described: `d.text "email" :not_null() :unique()`. Each verb returns a
-- new description, so that one can be kept and extended; d.table() turns them into columns.
local native = require("dbcore.native")
local check = require("dbcore.check")

local column = {}

---@class dbcore.Column
local Column = {}

-- A column inside JSON may have no name.
local function name_of(self)
  return check.quote(self._def.name or "without a name")
end

local function label(self)
  return ("the %s column %s"):format(self._def.type, name_of(self))
end

local Column_mt = check.class("dbcore.column", Column, label)

local NUMBERS = { integer = true, real = true, numeric = true, timestamp = true,
  timestamp_ms = true }
local TEXTS = { text = true, date = true, datetime = true, uuid = true, enum = true }
local SIZED = { text = true, blob = true }
local CLOCKS = { timestamp = true, timestamp_ms = true, datetime = true, date = true }
local ENUMERATED = { text = true, enum = true }
local COLLATED = { any = true, text = true, date = true, datetime = true, uuid = true, enum = true,
  custom = true }

local CONFLICTS = { "abort", "fail", "ignore", "replace", "rollback" }
local ACTIONS = { "cascade", "no_action", "restrict", "set_default", "set_null" }
local DEFERRALS = { "deferred", "immediate" }

column.CONFLICTS, column.DEFERRALS = CONFLICTS, DEFERRALS

--- Checks what a foreign key does; "set null" is taken for "set_null".
---@param action any
---@param what string
---@return string? action nil for nil
function column.action(action, what)
  if action == nil then
    return nil
  end
  local word = type(action) == "string" and action:lower():gsub(" ", "_") or action
  return check.word(word, ACTIONS, what)
end

local function what(self, verb)
  return ("%s() of column %s"):format(verb, name_of(self))
end

-- A copy of the description with `key` set; a second value for the same key is a mistake.
local function with(self, verb, key, value)
  if self._def[key] ~= nil then
    check.fail("%s is said twice; keep one", what(self, verb))
  end
  local new = check.copy(self)
  new._def = check.copy(self._def)
  new._def[key] = value
  return new
end

local function suits(self, verb, types)
  if not types[self._def.type] then
    check.fail("%s does not suit the type %s; it is for %s", what(self, verb), self._def.type,
      table.concat(check.sorted_keys(types), ", "))
  end
end

-- Of these a column can have one: each says where a missing value comes from.
local SOURCES = {
  { key = "default", verb = "default" },
  { key = "default_sql", verb = "default_sql" },
  { key = "default_now", verb = "default_now" },
  { key = "generated", verb = "generated" },
}

local function with_source(self, verb, value)
  for _, source in ipairs(SOURCES) do
    if self._def[source.key] ~= nil then
      check.fail("column %s has %s() already; drop that or %s()", name_of(self), source.verb, verb)
    end
  end
  return with(self, verb, verb, value)
end

-- Sets def[key] to the word of { on_conflict = word }, when it is there.
local function with_conflict(self, verb, key, options)
  local rules = { on_conflict = CONFLICTS }
  local given = check.options(options, rules, what(self, verb)).on_conflict
  return given and with(self, verb, key, given) or self
end

--- Makes the column the primary key.
---@param options? { autoincrement: boolean, desc: boolean, on_conflict: string } autoincrement:
--- no id is ever given out twice (integer only)
---@return dbcore.Column
function Column:primary_key(options)
  local rules = { autoincrement = "boolean", desc = "boolean", on_conflict = CONFLICTS }
  local given = check.options(options, rules, what(self, "primary_key"))
  local new = with(self, "primary_key", "primary_key", true)
  if given.autoincrement and self._def.type ~= "integer" then
    check.fail("autoincrement of column %s needs the type integer, it is %s", name_of(self),
      self._def.type)
  end
  new._def.autoincrement = given.autoincrement or nil
  new._def.desc_key = given.desc or nil
  new._def.on_conflict_key = given.on_conflict
  return new
end

--- Refuses NULL.
---@param options? { on_conflict: string }
---@return dbcore.Column
function Column:not_null(options)
  local new = with(self, "not_null", "not_null", true)
  return with_conflict(new, "not_null", "on_conflict_not_null", options)
end

--- Refuses a value that another row has.
---@param options? { on_conflict: string }
---@return dbcore.Column
function Column:unique(options)
  local new = with(self, "unique", "unique", true)
  return with_conflict(new, "unique", "on_conflict_unique", options)
end

local function default_suits(self, value)
  local kind = self._def.type
  if value == native.null or kind == "json" or kind == "custom" then
    return type(value) ~= "function"
  elseif kind == "any" then
    return type(value) ~= "function" and type(value) ~= "table"
  elseif kind == "boolean" then
    return type(value) == "boolean"
  elseif kind == "real" or kind == "numeric" then
    return type(value) == "number"
  elseif NUMBERS[kind] then
    return math.tointeger(value) ~= nil and type(value) == "number"
  end
  return type(value) == "string"
end

--- The value a row gets when it does not mention the column. It is written into the table's
--- definition; for one that is computed see default_sql (by the database) and default_fn (here).
---@param value any a value of the column's type, or dbcore.null
---@return dbcore.Column
function Column:default(value)
  if value == nil then
    check.fail("%s got nil; dbcore.null is the NULL of SQL", what(self, "default"))
  elseif not default_suits(self, value) then
    check.fail("%s does not suit the type %s: got %s", what(self, "default"), self._def.type,
      check.describe(value))
  end
  return with_source(self, "default", value)
end

--- The same, computed by the database from an SQL expression.
---@param sql string
---@return dbcore.Column
function Column:default_sql(sql)
  return with_source(self, "default_sql", check.sql(sql, what(self, "default_sql")))
end

--- The same, computed here, once for each inserted row that does not mention the column.
---@param fn fun(): any
---@return dbcore.Column
function Column:default_fn(fn)
  return with(self, "default_fn", "default_fn",
    check.kind(fn, "function", what(self, "default_fn")))
end

--- The time of the insert, by the database's clock, in the form of the column's type.
---@return dbcore.Column
function Column:default_now()
  suits(self, "default_now", CLOCKS)
  return with_source(self, "default_now", true)
end

--- What every update() that does not mention the column sets it to.
---@param value any a value, or a function that returns one
---@return dbcore.Column
function Column:on_update(value)
  if value == nil then
    check.fail("%s got nil; dbcore.null is the NULL of SQL", what(self, "on_update"))
  end
  return with(self, "on_update", "on_update", value)
end

--- Every update() that does not mention the column sets it to the time, by the database's clock.
---@return dbcore.Column
function Column:on_update_now()
  suits(self, "on_update_now", CLOCKS)
  return with(self, "on_update_now", "on_update_now", true)
end

-- "users.id" → "users", { "id" }; "users" → "users", nil (its primary key).
local function split_target(target, where)
  if type(target) == "table" and getmetatable(target) == nil then
    check.options(target, { table = "string", columns = "table" }, where)
    local columns = target.columns
    return check.name(target.table, "table"), columns and check.names(columns, where, "column")
  elseif type(target) ~= "string" then
    check.fail('%s takes the target as text, "users.id", got %s', where, check.describe(target))
  end
  local name, to = target:match("^(.+)%.([^.]+)$")
  if not name then
    return check.name(target, "table"), nil
  end
  return check.name(name, "table"), { check.name(to, "column") }
end

--- A foreign key. The target may be defined later; the schema checks that it is there.
---@param target string|{ table: string, columns: string[] } "users.id", or "users" for its key
---@param options? { on_delete: string, on_update: string, deferrable: string, name: string }
--- actions: "cascade", "restrict", "set_null", "set_default", "no_action"; deferrable:
--- "deferred" (checked at commit) or "immediate"
---@return dbcore.Column
function Column:references(target, options)
  local where = what(self, "references")
  local rules = { on_delete = "string", on_update = "string", deferrable = DEFERRALS,
    name = "string" }
  local given = check.options(options, rules, where)
  local name, to = split_target(target, where)
  return with(self, "references", "references", {
    name = given.name and check.name(given.name, "constraint"),
    table = name,
    to = to,
    on_delete = column.action(given.on_delete, "on_delete of " .. where),
    on_update = column.action(given.on_update, "on_update of " .. where),
    deferrable = given.deferrable,
  })
end

--- A column that the database computes from others; it cannot be written.
---@param sql string an expression over the row
---@param storage? "virtual"|"stored" computed when read (default), or kept
---@return dbcore.Column
function Column:generated(sql, storage)
  local where = what(self, "generated")
  if storage ~= nil then
    check.word(storage, { "stored", "virtual" }, "the second argument of " .. where)
  end
  local new = with_source(self, "generated", check.sql(sql, where))
  new._def.stored = storage == "stored" or nil
  return new
end

--- How its text compares and sorts: "nocase", "rtrim", "binary", or one of your own.
---@param name string
---@return dbcore.Column
function Column:collate(name)
  suits(self, "collate", COLLATED)
  return with(self, "collate", "collate", check.name(name, "collation"))
end

--- The SQL type it is kept under, instead of the type's own: "VARCHAR(80)"; "" declares none. A
--- strict table knows INT, INTEGER, REAL, TEXT, BLOB and ANY only.
---@param type string
---@return dbcore.Column
function Column:storage(type)
  local where = what(self, "storage")
  return with(self, "storage", "storage", type == "" and "" or check.sql(type, where))
end

--- A condition every row must meet, checked by the database.
---@param name string the constraint's name; may be left out
---@param sql? string an expression
---@return dbcore.Column
function Column:check(name, sql)
  local where = what(self, "check")
  if sql == nil then
    name, sql = nil, name
  end
  local new = with(self, "check", "check", check.sql(sql, where))
  new._def.check_name = name and check.name(name, "constraint")
  return new
end

--- The texts that are allowed.
---@param values string[]
---@return dbcore.Column
function Column:enum(values)
  suits(self, "enum", ENUMERATED)
  local where = what(self, "enum")
  local count, seen, copy = check.list(values, where), {}, {}
  if count == 0 then
    check.fail("%s needs at least one value", where)
  end
  for i = 1, count do
    local value = check.kind(values[i], "string", ("value %d of %s"):format(i, where))
    if seen[value] then
      check.fail("%s has the value %s twice", where, check.quote(value))
    end
    seen[value], copy[i] = true, value
  end
  return with(self, "enum", "enum", copy)
end

local function check_bound(value, kind, where)
  if value == nil then
    return
  elseif kind == "integer" and (math.type(value) ~= "integer" or value < 0) then
    check.fail("%s takes whole numbers from 0, got %s", where, check.describe(value))
  elseif type(value) ~= "number" or value ~= value then
    check.fail("%s takes numbers, got %s", where, check.describe(value))
  end
end

local function with_bounds(self, verb, kind, low_key, high_key, low, high)
  local where = what(self, verb)
  check_bound(low, kind, where)
  check_bound(high, kind, where)
  if low == nil and high == nil then
    check.fail("%s needs a least or a greatest value", where)
  elseif low and high and low > high then
    check.fail("%s has a least value (%s) above the greatest (%s)", where, low, high)
  end
  local new = low and with(self, verb, low_key, low) or self
  return high and with(new, verb, high_key, high) or new
end

--- The least and the greatest length: characters of text, bytes of a blob. Either may be nil.
---@param min? integer
---@param max? integer
---@return dbcore.Column
function Column:length(min, max)
  suits(self, "length", SIZED)
  return with_bounds(self, "length", "integer", "min_len", "max_len", min, max)
end

--- The least and the greatest value, both allowed. Either may be nil.
---@param min? number
---@param max? number
---@return dbcore.Column
function Column:range(min, max)
  suits(self, "range", NUMBERS)
  return with_bounds(self, "range", "number", "min", "max", min, max)
end

--- A Lua pattern that the text must match; anchor it with ^ and $ to mean the whole text.
---@param pattern string
---@return dbcore.Column
function Column:pattern(pattern)
  suits(self, "pattern", TEXTS)
  check.kind(pattern, "string", what(self, "pattern"))
  local good, problem = pcall(string.find, "", pattern)
  if not good then
    check.fail("%s has a wrong pattern: %s", what(self, "pattern"), problem)
  end
  return with(self, "pattern", "pattern", pattern)
end

--- A check of your own, run before a value is written.
---@param fn fun(value: any): boolean?, string? false, and what is wrong, when the value may not be
--- written; it may as well raise
---@return dbcore.Column
function Column:validate(fn)
  return with(self, "validate", "validate", check.kind(fn, "function", what(self, "validate")))
end

--- The key the column has in rows, instead of its name.
---@param name string
---@return dbcore.Column
function Column:as(name)
  return with(self, "as", "as", check.name(name, "key"))
end

--- A remark that is kept with the schema.
---@param text string
---@return dbcore.Column
function Column:comment(text)
  return with(self, "comment", "comment", check.kind(text, "string", what(self, "comment")))
end

--- Tells migrations that the column had another name, so that its values are kept.
---@param name string
---@return dbcore.Column
function Column:renamed_from(name)
  return with(self, "renamed_from", "renamed_from", check.name(name, "column"))
end

--- Tells migrations what rows without a value get: an SQL expression.
---@param sql string
---@return dbcore.Column
function Column:backfill(sql)
  return with(self, "backfill", "backfill", check.sql(sql, what(self, "backfill")))
end

--- Tells migrations how to fill the column from the old row: an SQL expression.
---@param sql string
---@return dbcore.Column
function Column:copy(sql)
  return with(self, "copy", "copy", check.sql(sql, what(self, "copy")))
end

--- A new description of a column.
---@param kind string a word of the type list
---@param name any
---@return dbcore.Column
function column.new(kind, name)
  local def = { name = check.name(name, "column"), type = kind }
  return setmetatable({ _def = def }, Column_mt)
end

--- A column of a type of the user's own.
---@param name any
---@param storage string the SQL type it is kept under
---@param codec { encode: function, decode: function }
---@return dbcore.Column
function column.custom(name, storage, codec)
  local new = column.new("custom", name)
  new._def.storage, new._def.codec = storage, codec
  return new
end

--- The constructor for one type: `d.text "email"`. Inside JSON a column needs no name: `d.text()`.
---@param kind string
---@return fun(name?: string): dbcore.Column
function column.constructor(kind)
  return function(...)
    if select("#", ...) == 0 then
      return setmetatable({ _def = { type = kind } }, Column_mt)
    end
    return column.new(kind, (...))
  end
end

--- A column of texts out of a list: `d.enum("role", { "admin", "reader" })`. Inside JSON the name
--- may be left out.
---@param name string|string[]
---@param values? string[]
---@return dbcore.Column
function column.enum(name, values)
  if type(name) == "table" and values == nil then
    return setmetatable({ _def = { type = "enum" } }, Column_mt):enum(name)
  end
  return column.new("enum", name):enum(values)
end

--- Whether `value` is a description of a column.
---@param value any
---@return boolean
function column.is(value)
  return getmetatable(value) == Column_mt
end

-- The default must be one of the allowed texts; the two verbs may come in any order.
local function check_enum_default(def)
  local default = def.default
  if not def.enum or default == nil or default == native.null then
    return
  end
  for _, value in ipairs(def.enum) do
    if value == default then
      return
    end
  end
  check.fail("the default of column %s is not among its values: %s%s",
    check.quote(def.name or ""), check.describe(default), check.suggestion(default, def.enum))
end

--- What was said of a column, as native.table() takes it.
---@param self dbcore.Column
---@return table def a copy
function column.def(self)
  local def = self._def
  if def.type == "enum" and not def.enum then
    check.fail('the enum column %s needs its values: d.enum("%s", { … })',
      check.quote(def.name or ""), def.name or "name")
  end
  check_enum_default(def)
  return check.copy(def)
end

return column
