-- What a table has beside its columns: indexes, keys, checks, foreign keys, triggers. Each verb
-- returns a new description; d.table() puts them in their place.
local native = require("dbcore.native")
local check = require("dbcore.check")
local column = require("dbcore.column")

local item = {}

local metatables = {}

-- A new kind of item with its verbs.
local function kind_of(name, noun, methods)
  metatables[name] = check.class("dbcore." .. name, methods, function(self)
    local own = self._def.name
    return own and ("the %s %s"):format(noun, check.quote(own)) or "a " .. noun
  end)
end

local function new(name, def)
  return setmetatable({ _kind = name, _def = def }, metatables[name])
end

local function with(self, key, value)
  if self._def[key] ~= nil then
    check.fail("%s() of %s %s is said twice; keep one", key, self._kind,
      check.quote(self._def.name or ""))
  end
  local copy = check.copy(self)
  copy._def = check.copy(self._def)
  copy._def[key] = value
  return copy
end

-- A table to read expressions in: the text of one does not depend on it.
local scratch

--- The SQL text of an expression such as d.raw "lower(email)", or the text itself.
---@param value any
---@param what string
---@return string
local function expression_text(value, what)
  if type(value) == "string" then
    return check.sql(value, what)
  elseif type(value) ~= "userdata" then
    check.fail("%s takes an SQL expression, got %s", what, check.describe(value))
  end
  scratch = scratch
    or native.table({ name = "t", kind = "table", columns = { { name = "c", type = "any" } } })
  local sql, values = native.from(scratch):select({ e = value }):to_sql()
  local text = sql:match('^SELECT (.*) AS "e" FROM "t"$')
  if not text or #values > 0 then
    check.fail("%s cannot hold bound values; write it with dbcore.raw", what)
  end
  return text
end

---------------------------------------------------------------------------------------------------
-- Indexes

---@class dbcore.Index
local Index = {}

local function index_part(part, where)
  if type(part) == "string" then
    return { column = check.name(part, "column") }
  elseif type(part) == "userdata" then
    return { expression = expression_text(part, where) }
  elseif type(part) ~= "table" or getmetatable(part) ~= nil then
    check.fail("%s takes column names and expressions, got %s", where, check.describe(part))
  end
  local named = {}
  for key, value in pairs(part) do
    if key ~= 1 then
      named[key] = value
    end
  end
  check.options(named, { collate = "string", desc = "boolean", expression = "string" },
    "a part of " .. where)
  if (part[1] == nil) == (part.expression == nil) then
    check.fail('a part of %s is { "column" } or { expression = "sql" }', where)
  end
  local first = part[1]
  local done = first ~= nil and index_part(first, where)
    or { expression = check.sql(part.expression, where) }
  done.collate = part.collate and check.name(part.collate, "collation")
  done.desc = part.desc or nil
  return done
end

--- What is indexed, in order.
---@param ... string|table|dbcore.Expr a column's name; an expression (d.raw "lower(email)"); or
--- { "created_at", desc = true, collate = "nocase" }
---@return dbcore.Index
function Index:on(...)
  local where = ("on() of index %s"):format(check.quote(self._def.name))
  local given = table.pack(...)
  if given.n == 0 then
    check.fail("%s needs at least one column", where)
  end
  local parts = {}
  for i = 1, given.n do
    parts[i] = index_part(given[i], where)
  end
  return with(self, "parts", parts)
end

--- Refuses a second row with the same values.
---@return dbcore.Index
function Index:unique()
  return with(self, "unique", true)
end

--- Leaves out the rows for which the condition does not hold.
---@param sql string|dbcore.Expr
---@return dbcore.Index
function Index:where(sql)
  local what = ("where() of index %s"):format(check.quote(self._def.name))
  return with(self, "where", expression_text(sql, what))
end

--- Tells migrations that the index had another name.
---@param name string
---@return dbcore.Index
function Index:renamed_from(name)
  return with(self, "renamed_from", check.name(name, "index"))
end

kind_of("index", "index", Index)

--- An index: `d.index "posts_author" :on("author_id")`.
---@param name string
---@return dbcore.Index
function item.index(name)
  return new("index", { name = check.name(name, "index") })
end

---------------------------------------------------------------------------------------------------
-- Keys over several columns

---@class dbcore.Key
local Key = {}

--- The name of the constraint.
---@param name string
---@return dbcore.Key
function Key:name(name)
  return with(self, "name", check.name(name, "constraint"))
end

--- What happens to a row that breaks it: "abort" (default), "fail", "ignore", "replace",
--- "rollback".
---@param word string
---@return dbcore.Key
function Key:on_conflict(word)
  return with(self, "on_conflict", check.word(word, column.CONFLICTS, "on_conflict()"))
end

kind_of("unique", "unique constraint", Key)
kind_of("primary_key", "primary key", Key)

local function key_constructor(kind)
  return function(...)
    local names = check.names({ ... }, ("dbcore.%s()"):format(kind), "column")
    return new(kind, { columns = names })
  end
end

--- No two rows have the same values in these columns.
---@param ... string
---@return dbcore.Key
item.unique = key_constructor("unique")

--- A primary key over several columns.
---@param ... string
---@return dbcore.Key
item.primary_key = key_constructor("primary_key")

---------------------------------------------------------------------------------------------------
-- Checks and triggers

kind_of("check", "check", {})
kind_of("trigger", "trigger", {})

--- A condition over several columns that every row must meet.
---@param name string the constraint's name; may be left out
---@param sql? string|dbcore.Expr
---@return dbcore.Check
function item.check(name, sql)
  if sql == nil then
    return new("check", { expression = expression_text(name, "dbcore.check()") })
  end
  check.name(name, "check")
  return new("check", { name = name, expression = expression_text(sql, "dbcore.check()") })
end

--- A trigger on the table.
---@param name string
---@param sql string all that follows CREATE TRIGGER name: "AFTER UPDATE ON … BEGIN … END"
---@return dbcore.Trigger
function item.trigger(name, sql)
  check.name(name, "trigger")
  return new("trigger", { name = name, sql = check.sql(sql, "dbcore.trigger()") })
end

---------------------------------------------------------------------------------------------------
-- Rules over several columns, in Lua

---@class dbcore.Rule
local Rule = {}

--- The columns it is about. It is called only for rows that have a value in all of them, so that
--- an update of other columns does not meet it; what it refuses is told of the first.
---@param ... string
---@return dbcore.Rule
function Rule:on(...)
  local where = ("on() of rule %s"):format(check.quote(self._def.name))
  return with(self, "columns", check.names({ ... }, where, "column"))
end

kind_of("rule", "rule", Rule)

--- A rule over a whole row, checked before every write and by d.validate():
---
---     d.rule("ends_later", function(row) return row.ends > row.starts end) :on("starts", "ends")
---
---@param name string
---@param fn fun(row: table, use: "insert"|"update"|"select"): boolean?, string? gets what is given
--- of the row, NULL as dbcore.null; false, and what is wrong, when it may not be written; what it
--- raises becomes a failure with code `callback`
---@return dbcore.Rule
function item.rule(name, fn)
  check.name(name, "rule")
  return new("rule", { name = name,
    fn = check.kind(fn, "function", ("dbcore.rule(%s)"):format(check.quote(name))) })
end

---------------------------------------------------------------------------------------------------
-- Foreign keys over several columns

---@class dbcore.ForeignKey
local ForeignKey = {}

local function action_of(action, what)
  return column.action(check.kind(action, "string", what), what)
end

--- The table and the columns that are meant; without columns its primary key.
---@param name string
---@param ... string
---@return dbcore.ForeignKey
function ForeignKey:references(name, ...)
  local done = with(self, "table", check.name(name, "table"))
  if select("#", ...) > 0 then
    done._def.to = check.names({ ... }, "references()", "column")
  end
  return done
end

--- What happens when the row that is meant is deleted: "cascade", "restrict", "set_null",
--- "set_default", "no_action" (default).
---@param action string
---@return dbcore.ForeignKey
function ForeignKey:on_delete(action)
  return with(self, "on_delete", action_of(action, "on_delete()"))
end

--- What happens when its key changes; the same words.
---@param action string
---@return dbcore.ForeignKey
function ForeignKey:on_update(action)
  return with(self, "on_update", action_of(action, "on_update()"))
end

--- Checked at commit ("deferred"), or at once but so that it can be deferred ("immediate").
---@param word string
---@return dbcore.ForeignKey
function ForeignKey:deferrable(word)
  return with(self, "deferrable", check.word(word, column.DEFERRALS, "deferrable()"))
end

--- The name of the constraint.
---@param name string
---@return dbcore.ForeignKey
function ForeignKey:name(name)
  return with(self, "name", check.name(name, "constraint"))
end

kind_of("foreign_key", "foreign key", ForeignKey)

--- A foreign key over several columns:
--- `d.foreign_key("org", "user") :references("members", "org", "user")`.
---@param ... string
---@return dbcore.ForeignKey
function item.foreign_key(...)
  local names = check.names({ ... }, "dbcore.foreign_key()", "column")
  return new("foreign_key", { columns = names })
end

---------------------------------------------------------------------------------------------------

--- The kind of an item ("index", "unique", …), or nil when `value` is none.
---@param value any
---@return string?
function item.kind(value)
  local meta = getmetatable(value)
  local kind = type(value) == "table" and meta and rawget(value, "_kind")
  return kind and metatables[kind] == meta and kind or nil
end

-- What must have been said before an item is whole.
local NEEDED = {
  index = { key = "parts", hint = ':on("column")' },
  foreign_key = { key = "table", hint = ':references("table", "column")' },
}

--- What was said of an item, as native.table() takes it.
---@param self table
---@return table def a copy
function item.def(self)
  local needed = NEEDED[self._kind]
  if needed and self._def[needed.key] == nil then
    local name = self._def.name or table.concat(self._def.columns or {}, ", ")
    check.fail("the %s %s is not finished: add %s", (self._kind:gsub("_", " ")),
      check.quote(name), needed.hint)
  end
  return check.copy(self._def)
end

return item
