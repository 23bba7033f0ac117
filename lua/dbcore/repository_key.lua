-- Primary keys as a repository takes them: one value, a list or a table of several, or a row that
-- has them. What is given becomes a condition, and words for a message.
local native = require("dbcore.native")
local check = require("dbcore.check")

local key = {}

--- The names of the key columns of a described table.
---@param def table as native.describe() has it
---@return string[]
function key.columns(def)
  if def.primary_key then
    return def.primary_key.columns
  end
  for _, column in ipairs(def.columns) do
    if column.primary_key then
      return { column.name }
    end
  end
  return {}
end

-- The values of a key that is a table: by the names of its columns, or in their order.
local function read_table(definition, given, what)
  local names, values = definition.key, {}
  local is_list = given[1] ~= nil
  if is_list and #given ~= #names then
    check.fail("%s takes a key of %d values (%s), got %d", what, #names,
      table.concat(names, ", "), #given)
  end
  for i, name in ipairs(names) do
    local value = given[is_list and i or definition.row_key[name]]
    if not is_list and value == nil then
      value = given[name]
    end
    if value == nil or value == native.null then
      check.fail("%s takes a key; this one has no %s", what, check.quote(name))
    end
    values[i] = value
  end
  return values
end

--- The values of a key, in the order of its columns.
---@param definition table
---@param given any
---@param what string for messages: `users:find()`
---@return any[]
function key.read(definition, given, what)
  if type(given) == "table" and getmetatable(given) == nil then
    return read_table(definition, given, what)
  elseif given == nil or given == native.null then
    check.fail("%s takes a key, got %s: a misspelt field, perhaps", what, check.describe(given))
  elseif #definition.key > 1 then
    check.fail("%s takes a key of %d values, { %s }, got %s", what, #definition.key,
      table.concat(definition.key, ", "), check.describe(given))
  elseif type(given) == "userdata" then
    check.fail("%s takes a key, got %s", what, check.describe(given))
  end
  return { given }
end

--- The condition that a row has these values as its key.
---@param definition table
---@param values any[]
---@return dbcore.Expr
function key.condition(definition, values)
  local condition
  for i, name in ipairs(definition.key) do
    local one = definition.table[name]:eq(values[i])
    condition = condition and condition & one or one
  end
  return condition
end

--- The condition that a row's key is among those of `query`, which selects from the same table.
---@param definition table
---@param query dbcore.Query
---@return dbcore.Expr
function key.among(definition, query)
  local columns = {}
  for i, name in ipairs(definition.key) do
    columns[i] = definition.table[name]
  end
  if #columns == 1 then
    return columns[1]:in_(query:select(columns[1]))
  end
  -- The rows of the query stand under another name, so that its columns are not taken for the
  -- ones outside.
  local source = query:select(table.unpack(columns)):as("_keys")
  local condition
  for i, name in ipairs(definition.key) do
    local one = source[name]:eq(columns[i])
    condition = condition and condition & one or one
  end
  return native.exists(native.from(source):where(condition))
end

--- A key in words: `id = 7`, `org = 1, name = "x"`.
---@param definition table
---@param values any[]
---@return string
function key.say(definition, values)
  local words = {}
  for i, name in ipairs(definition.key) do
    local value = values[i]
    words[i] = ("%s = %s"):format(name,
      type(value) == "string" and check.quote(value) or tostring(value))
  end
  return table.concat(words, ", ")
end

return key
