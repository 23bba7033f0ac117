-- Which columns of its tables an SQL text compares and sorts by: what an index could help with. It
-- works on tokens, so it may see too much or too little; whoever uses it checks with the engine.
local check = require("dbcore.check")
local token = require("dbcore.token")

local usage = {}

-- The tokens that count, with what they are as a keyword and as a name.
local function significant(sql)
  local list = {}
  for kind, text in token.each(sql) do
    if kind ~= "space" and kind ~= "comment" then
      list[#list + 1] = { kind = kind, text = text,
        word = kind == "word" and text:upper() or nil,
        name = kind == "name" and token.unquote(text) or kind == "word" and text or nil }
    end
  end
  return list
end

local NO_ALIAS = { ON = true, WHERE = true, JOIN = true, LEFT = true, RIGHT = true, FULL = true,
  INNER = true, CROSS = true, NATURAL = true, GROUP = true, ORDER = true, LIMIT = true,
  UNION = true, EXCEPT = true, INTERSECT = true, HAVING = true, USING = true, SET = true,
  INDEXED = true, NOT = true, WINDOW = true, RETURNING = true }

local READS = { FROM = true, JOIN = true, UPDATE = true }

-- alias → table, for every source of the text, subqueries included.
local function sources_of(tokens, columns)
  local found = {}
  for i, one in ipairs(tokens) do
    local what, alias = tokens[i + 1], tokens[i + 2]
    local called = alias and alias.text == "(" -- a function that gives rows is no table
    if READS[one.word] and what and what.name and not called and columns(what.name) then
      if alias and alias.word == "AS" then
        alias = tokens[i + 3]
      end
      local named = alias and alias.name and not NO_ALIAS[alias.word]
      found[named and alias.name or what.name] = what.name
    end
  end
  return found
end

local COMPARES = { ["="] = "equal", ["<"] = "range", [">"] = "range" }
local WORDS = { IN = "equal", IS = "equal", BETWEEN = "range" }

-- Words that begin a condition, and those that end one.
local CONDITION = { WHERE = true, ON = true, SELECT = false, FROM = false, JOIN = false,
  GROUP = false, ORDER = false, LIMIT = false, UNION = false, EXCEPT = false, INTERSECT = false }

-- What compares a column: the sign or word before or behind it.
local function comparison(tokens, first, last)
  local before, behind = tokens[first - 1], tokens[last + 1]
  if behind then
    local kind = COMPARES[behind.text] or WORDS[behind.word]
    if kind then
      return kind
    end
  end
  return before and COMPARES[before.text] or nil
end

-- The alias and column that token `i` begins, and its last token.
local function column_at(tokens, i, sources, columns)
  local one = tokens[i]
  if not one.name then
    return nil
  elseif tokens[i + 1] and tokens[i + 1].text == "." and tokens[i + 2] and sources[one.name] then
    return one.name, tokens[i + 2].name, i + 2
  elseif tokens[i - 1] and tokens[i - 1].text == "." then
    return nil
  end
  local owner
  for _, alias in ipairs(check.sorted_keys(sources)) do
    if columns(sources[alias])[one.name] then
      if owner then
        return nil
      end
      owner = alias
    end
  end
  return owner, one.name, i
end

--- Adds `value` to a list that does not have it.
---@param list any[]
---@param value any
function usage.add_once(list, value)
  for _, one in ipairs(list) do
    if one == value then
      return
    end
  end
  list[#list + 1] = value
end

-- The columns that ORDER BY or GROUP BY names from token `i` on; nil when it has anything else.
-- Where some go down and others up the list has `desc`, those that go down.
local function sorted_columns(tokens, i, sources, columns)
  local list, of, desc, count = {}, nil, {}, 0
  while tokens[i] do
    local alias, name, last = column_at(tokens, i, sources, columns)
    if not alias or of and of ~= alias then
      return nil
    end
    of = alias
    list[#list + 1] = name
    i = last + 1
    if tokens[i] and (tokens[i].word == "DESC" or tokens[i].word == "ASC") then
      if tokens[i].word == "DESC" then
        desc[name], count = true, count + 1
      end
      i = i + 1
    end
    if not tokens[i] or tokens[i].text ~= "," then
      break
    end
    i = i + 1
  end
  list.desc = count > 0 and count < #list and desc or nil
  return of, list
end

--- What a text reads, and how.
---@param sql string
---@param columns fun(table: string): table<string, boolean>|false the columns of a table, false
--- when there is no such table
---@return table<string, string> sources alias → table
---@return table<string, table> uses alias → { equal, range, sorts }: columns compared for equality
--- and by range, the lists it is sorted or grouped by, and whether there is a condition on it
function usage.read(sql, columns)
  local tokens, uses = significant(sql), {}
  local sources = sources_of(tokens, columns)
  for alias in pairs(sources) do
    uses[alias] = { equal = {}, range = {}, sorts = {}, condition = false }
  end
  local in_condition = false
  for i, one in ipairs(tokens) do
    local alias, name, last = column_at(tokens, i, sources, columns)
    local is_column = alias and columns(sources[alias])[name]
    local kind = is_column and comparison(tokens, i, last)
    if CONDITION[one.word] ~= nil then
      in_condition = CONDITION[one.word]
    end
    if is_column and in_condition then
      uses[alias].condition = true
    end
    if kind then
      usage.add_once(uses[alias][kind], name)
    elseif one.word == "BY" then
      local of, list = sorted_columns(tokens, i + 1, sources, columns)
      if of then
        table.insert(uses[of].sorts, list)
      end
    end
  end
  return sources, uses
end

return usage
