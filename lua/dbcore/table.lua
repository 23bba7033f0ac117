-- Tables, views and full-text indexes: a list of columns and items becomes one definition, which
-- native.table() checks and turns into a descriptor.
local native = require("dbcore.native")
local check = require("dbcore.check")
local column = require("dbcore.column")
local item = require("dbcore.item")
local token = require("dbcore.token")

local tables = {}

-- Where an item of each kind goes in the definition.
local LISTS = {
  unique = "uniques",
  index = "indexes",
  check = "checks",
  foreign_key = "foreign_keys",
  trigger = "triggers",
  rule = "rules",
}

local function add_item(def, value, what)
  local kind = item.kind(value)
  if kind == "primary_key" then
    if def.primary_key then
      check.fail("%s has two primary keys; keep one", what)
    end
    def.primary_key = item.def(value)
    return
  end
  local key = LISTS[kind]
  def[key] = def[key] or {}
  table.insert(def[key], item.def(value))
end

local function add_column(def, value, what)
  local done = column.def(value)
  if not done.name then
    check.fail('%s has a column without a name; write d.%s "name"', what, done.type)
  end
  table.insert(def.columns, done)
end

-- Fills `def` from the list; `items` says what may be in it beside columns: nothing (nil), triggers
-- ("trigger") or everything ("any").
local function add_list(def, list, what, items)
  def.columns = {}
  for i = 1, check.list(list, what) do
    local value = list[i]
    if column.is(value) then
      add_column(def, value, what)
    elseif items and item.kind(value) and (items == "any" or items == item.kind(value)) then
      add_item(def, value, what)
    else
      check.fail('item %d of %s is %s; columns are written d.text "name"', i, what,
        check.describe(value))
    end
  end
  if #def.columns == 0 then
    check.fail("%s has no columns; give it at least one", what)
  end
  return def
end

-- The columns that a rule names are there, and the rules have names of their own.
local function check_rules(def, what)
  local names, seen = {}, {}
  for _, one in ipairs(def.columns) do
    names[#names + 1] = one.name
    seen[one.name] = true
  end
  local taken = {}
  for _, rule in ipairs(def.rules or {}) do
    if taken[rule.name] then
      check.fail("%s has two rules named %s", what, check.quote(rule.name))
    end
    taken[rule.name] = true
    for _, name in ipairs(rule.columns or {}) do
      if not seen[name] then
        check.fail("rule %s of %s names %s, which is no column%s", check.quote(rule.name), what,
          check.quote(name), check.suggestion(name, names))
      end
    end
  end
  return def
end

local function copy_options(def, given)
  for _, key in ipairs(check.sorted_keys(given)) do
    def[key] = given[key]
  end
end

--- Describes a table. `descriptor.column` is a column, for queries.
---@param name string
---@param list table columns (d.text "name") and items (d.index, d.check, …), in order
---@param options? { strict: boolean, without_rowid: boolean, prefix: string, comment: string,
--- shard_by: string, renamed_from: string } prefix: put before the name in the database
---@return dbcore.Table
function tables.table(name, list, options)
  local what = ("table %s"):format(check.quote(check.name(name, "table")))
  local given = check.options(options, { strict = "boolean", without_rowid = "boolean",
    prefix = "string", comment = "string", shard_by = "string", renamed_from = "string" }, what)
  local def = { name = name, kind = "table" }
  copy_options(def, given)
  return native.table(check_rules(add_list(def, list, what, "any"), what))
end

local function real_literal(value)
  if value ~= value then
    return "NULL"
  elseif value == math.huge then
    return "9e999"
  elseif value == -math.huge then
    return "-9e999"
  end
  local text = ("%.17g"):format(value)
  return text:find("[.e]") and text or text .. ".0"
end

-- A value as it is written in SQL. Only for definitions: queries bind.
local function literal(value, what)
  if value == native.null then
    return "NULL"
  elseif math.type(value) == "integer" then
    return ("%d"):format(value)
  elseif math.type(value) == "float" then
    return real_literal(value)
  elseif type(value) == "boolean" then
    return value and "1" or "0"
  elseif type(value) ~= "string" then
    check.fail("%s cannot hold %s as a value; write that part with dbcore.raw", what,
      check.describe(value))
  elseif value:find("\0", 1, true) or not utf8.len(value) then
    return "X'" .. value:gsub(".", function(c) return ("%02X"):format(c:byte()) end) .. "'"
  end
  return "'" .. value:gsub("'", "''") .. "'"
end

-- The text of a query with its values written into it, since a view cannot bind any.
local function view_text(query, what)
  if type(query) == "string" then
    return check.sql(query, what)
  elseif type(query) ~= "userdata" then
    check.fail("%s takes its query as text or as a query, got %s", what, check.describe(query))
  end
  local sql, values = query:to_sql()
  return token.replace_parameters(sql, function(index)
    local value = values[index]
    -- A parameter shows as its name.
    if type(value) == "string" and value:find("^:[%a_]") then
      check.fail("%s cannot have parameters such as %s; write text like that with dbcore.raw", what,
        value)
    end
    return literal(value, what)
  end)
end

--- Describes a view: a query under a name. Its columns are declared so that they can be read
--- with their types.
---@param name string
---@param list table its columns, named as the query names them, and d.trigger that stand INSTEAD OF
--- a write
---@param query string|dbcore.Query SQL text, or a query; values in it are written into the text
---@param options? { prefix: string, comment: string, renamed_from: string }
---@return dbcore.Table
function tables.view(name, list, query, options)
  local what = ("view %s"):format(check.quote(check.name(name, "view")))
  local given = check.options(options,
    { prefix = "string", comment = "string", renamed_from = "string" }, what)
  local def = { name = name, kind = "view", sql = view_text(query, what) }
  copy_options(def, given)
  return native.table(add_list(def, list, what, "trigger"))
end

--- Describes a full-text index over a table, kept in step with it.
---@param name string
---@param list (string|dbcore.Column)[] the columns of that table that are searched
---@param options { content: string|dbcore.Table, tokenize: string?, prefix: string?,
--- comment: string? } content: the table; tokenize: as FTS5 takes it, "porter unicode61"
---@return dbcore.Table
function tables.fts(name, list, options)
  local what = ("full-text index %s"):format(check.quote(check.name(name, "full-text index")))
  local given = check.options(options,
    { content = "any", tokenize = "string", prefix = "string", comment = "string" }, what)
  local def = { name = name, kind = "fts" }
  copy_options(def, given)
  if type(def.content) == "userdata" then
    def.content = native.describe(def.content).name
  elseif def.content == nil then
    check.fail('%s needs the option "content": the table it covers', what)
  end
  check.name(def.content, "table")
  local columns = {}
  for i = 1, check.list(list, what) do
    columns[i] = type(list[i]) == "string" and column.new("text", list[i]) or list[i]
  end
  return native.table(add_list(def, columns, what))
end

return tables
