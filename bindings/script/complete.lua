-- Completion: what could follow the text left of the cursor.
local member = require("dbscript.member")
local sql = require("dbscript.sql")

local complete = {}

local KEYWORDS = {}
for word in ([[and break do else elseif end false for function goto if in local nil not or
repeat return then true until while]]):gmatch("%a+") do
  table.insert(KEYWORDS, word)
end

--- What completion may look at.
---@class dbscript.Scope
---@field globals table
---@field catalog table
---@field commands string[] names with their dot
---@field query_methods table<string, any>
---@field describe fun(value: any): table what dbcore.native says of a table or schema

-- The value that a path such as "a.b" names, by looking only. A table descriptor and a schema
-- make their fields when asked, and asking does no harm: it is tried there.
local function resolve(path, globals)
  local value = globals
  for name in path:gmatch("[%w_]+") do
    local field = member.find(value, name)
    if field == nil and type(value) == "userdata" then
      local ok, made = pcall(function()
        return value[name]
      end)
      field = ok and made or nil
    end
    if field == nil then
      return nil
    end
    value = field
  end
  return value
end

local function names_of(fields, keep)
  local names = {}
  for name, value in next, fields do
    if name:find("^[%a_][%w_]*$") and keep(value) then
      names[#names + 1] = name
    end
  end
  return names
end

local function is_function(value)
  return type(value) == "function"
end

local function is_other(value)
  return type(value) ~= "function"
end

local function is_any()
  return true
end

-- Columns of a table descriptor, tables of a schema. Both are made when they are first asked for,
-- so there is nothing to look at; their description has the names.
local function described(value, scope)
  local ok, def = pcall(scope.describe, value)
  if not ok or type(def) ~= "table" then
    return nil
  end
  local names = {}
  for i, item in ipairs(def.columns or def.tables or {}) do
    names[i] = item.name
  end
  return names
end

-- Fields behind a dot. Of a box of dbcore only what is no method: a method is called with a
-- colon.
local function fields_of(value, scope)
  if type(value) == "userdata" then
    return described(value, scope) or names_of(member.all(value), is_other)
  end
  return names_of(member.all(value), is_any)
end

local function of_path(before, scope)
  local path, mark, word = before:match("([%a_][%w_%.]*)([%.:])([%w_]*)$")
  if not path then
    return nil
  end
  local value = resolve(path, scope.globals)
  if value ~= nil and mark == ":" then
    return word, names_of(member.all(value), is_function)
  elseif value ~= nil then
    return word, fields_of(value, scope)
  elseif mark == "." then
    return word, scope.catalog:columns(path)
  end
  return word, {}
end

-- Columns of the tables that the text names, of all tables when it names none yet.
local function columns_for(before, catalog)
  local said, named = {}, {}
  for name in before:gmatch("[%w_]+") do
    said[name:lower()] = true
  end
  for _, table_name in ipairs(catalog:tables()) do
    named[#named + 1] = said[table_name:lower()] and table_name or nil
  end
  local names = {}
  for _, table_name in ipairs(#named > 0 and named or catalog:tables()) do
    local columns = catalog:columns(table_name)
    table.move(columns, 1, #columns, #names + 1, names)
  end
  return names
end

local function in_sql(before, scope)
  local path, field = before:match("([%w_]+)%.([%w_]*)$")
  if path then
    return field, scope.catalog:columns(path)
  end
  local word = before:match("[%w_]*$")
  local names = columns_for(before:sub(1, #before - #word), scope.catalog)
  table.move(scope.catalog:tables(), 1, #scope.catalog:tables(), #names + 1, names)
  local is_lower = word == word:lower()
  for _, keyword in ipairs(sql.KEYWORDS) do
    names[#names + 1] = is_lower and keyword:lower() or keyword
  end
  return word, names
end

local function in_lua(before, scope)
  -- Inside quotes, where dbcore takes a name: db:from("us, :join "us
  local quoted = before:match("[%w_%(%s{]%s*[\"']([%w_]*)$")
  if quoted then
    return quoted, scope.catalog:tables()
  end
  local method = before:match("[%)}\"']%s*:([%w_]*)$")
  if method then
    return method, names_of(scope.query_methods, is_function)
  end
  local word, names = of_path(before, scope)
  if word then
    return word, names
  end
  word = before:match("[%a_][%w_]*$")
  if not word then
    return "", {}
  end
  names = names_of(member.all(scope.globals), is_any)
  table.move(KEYWORDS, 1, #KEYWORDS, #names + 1, names)
  return word, names
end

local function candidates(before, scope)
  local command = before:match("^%s*(%.%a*)$")
  if command then
    return command, scope.commands
  end
  local schema = before:match("^%s*%.schema%s+([%w_]*)$")
  if schema then
    return schema, scope.catalog:tables()
  elseif before:find("^%s*%.") then
    return "", {}
  elseif sql.is_statement(before, scope.globals) then
    return in_sql(before, scope)
  end
  return in_lua(before, scope)
end

-- The names that begin with `word`, sorted, each once.
local function matching(names, word)
  local seen, found = {}, {}
  for _, name in ipairs(names) do
    if name:sub(1, #word) == word and not seen[name] then
      seen[name] = true
      found[#found + 1] = name
    end
  end
  table.sort(found)
  return found
end

local function common_prefix(names)
  local prefix = names[1]
  for _, name in ipairs(names) do
    while name:sub(1, #prefix) ~= prefix do
      prefix = prefix:sub(1, -2)
    end
  end
  return prefix
end

--- What to insert at the cursor and, when that is nothing, which names are possible.
---@param before string the text left of the cursor, of all lines of the statement
---@param scope dbscript.Scope
---@return string? insert
---@return string[]? names
function complete.at(before, scope)
  if before:find("^%s*$") or before:find("\n%s*$") then
    return "  " -- at the beginning of a line TAB indents
  end
  local word, names = candidates(before, scope)
  local found = matching(names, word)
  if #found == 0 then
    return nil
  end
  local insert = common_prefix(found):sub(#word + 1)
  if insert ~= "" then
    return insert
  end
  return nil, #found > 1 and found or nil
end

return complete
