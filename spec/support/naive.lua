-- Queries evaluated the slow, obvious way: nested loops over plain tables, with SQL's
-- three-valued logic. It knows nothing of dbcore; a spec compares the two.
--
-- An expression is a table with `op`; a query is { from, joins, where, group, having, outputs,
-- distinct, sets, order, limit, offset }, as random_query.lua makes them. NULL is naive.NULL.
local naive = {}

local NULL = setmetatable({}, { __tostring = function() return "NULL" end })
naive.NULL = NULL

---------------------------------------------------------------------------------------- values

local function compare_text(x, y)
  local len = math.min(#x, #y)
  for i = 1, len do
    local p, q = x:byte(i), y:byte(i)
    if p ~= q then
      return p < q and -1 or 1
    end
  end
  return #x < #y and -1 or #x > #y and 1 or 0
end

-- NULL, then numbers, then text.
local function class_of(x)
  return x == NULL and 1 or type(x) == "string" and 3 or 2
end

local function number_of(x)
  if type(x) == "boolean" then
    return x and 1 or 0
  end
  return x
end

--- The order of any two values, as ORDER BY has it.
---@return integer less than, equal to or more than 0
function naive.compare(x, y)
  local p, q = class_of(x), class_of(y)
  if p ~= q then
    return p - q
  elseif p == 1 then
    return 0
  elseif p == 3 then
    return compare_text(x, y)
  end
  x, y = number_of(x), number_of(y)
  return x < y and -1 or x > y and 1 or 0
end

--- A value as text that no other value has; equal numbers of either kind share it.
---@return string
function naive.key(x)
  if type(x) == "string" then
    return ("%d:%s"):format(#x, x)
  elseif x == NULL then
    return "NULL"
  end
  x = number_of(x)
  return tostring(math.tointeger(x) or ("%a"):format(x))
end

local function key_of(values)
  local keys = {}
  for i, x in ipairs(values) do
    keys[i] = naive.key(x)
  end
  return table.concat(keys, "|")
end
naive.key_of = key_of

------------------------------------------------------------------------------------- conditions

-- Conditions are true, false or NULL; a number is one too.
local function truth(x)
  if type(x) == "number" then
    return x ~= 0
  end
  return x
end

local function not_(x)
  x = truth(x)
  return x == NULL and NULL or not x
end

local function and_(x, y)
  x, y = truth(x), truth(y)
  if x == false or y == false then
    return false
  end
  return x == NULL and NULL or y
end

local function or_(x, y)
  return not_(and_(not_(x), not_(y)))
end

local COMPARISONS = {
  eq = function(c) return c == 0 end,
  ne = function(c) return c ~= 0 end,
  lt = function(c) return c < 0 end,
  le = function(c) return c <= 0 end,
  gt = function(c) return c > 0 end,
  ge = function(c) return c >= 0 end,
}

local function compared(op, x, y)
  if x == NULL or y == NULL then
    return NULL
  end
  return COMPARISONS[op](naive.compare(x, y))
end

local function among(x, list)
  local unknown = false
  for _, y in ipairs(list) do
    local equal = compared("eq", x, y)
    if equal == true then
      return true
    end
    unknown = unknown or equal == NULL
  end
  return unknown and NULL or false
end

-- The characters of a text up to its first NUL, where patterns end.
local function characters(text)
  local list = {}
  for character in (text:match("^[^%z]*")):gmatch(utf8.charpattern) do
    list[#list + 1] = character
  end
  return list
end

-- Does `pattern` from `i` take `text` from `j`? `many` and `one` are its two wild characters.
local function matches(pattern, i, text, j, rules)
  local want = pattern[i]
  if not want then
    return text[j] == nil
  elseif want == rules.many then
    for k = j, #text + 1 do
      if matches(pattern, i + 1, text, k, rules) then
        return true
      end
    end
    return false
  elseif text[j] == nil then
    return false
  end
  if want == rules.escape then
    i = i + 1
    want = pattern[i]
  elseif want == rules.one then
    return matches(pattern, i + 1, text, j + 1, rules)
  end
  local same = want == text[j]
    or rules.folds and want and #want == 1 and want:lower() == text[j]:lower()
  return same and matches(pattern, i + 1, text, j + 1, rules)
end

local function like(text, pattern, escape)
  local rules = { many = "%", one = "_", escape = escape, folds = true }
  return matches(characters(pattern), 1, characters(text), 1, rules)
end

local function glob(text, pattern)
  local rules = { many = "*", one = "?", folds = false }
  return matches(characters(pattern), 1, characters(text), 1, rules)
end

------------------------------------------------------------------------------------- arithmetic

-- What does not fit 64 bits becomes a real.
local function add(x, y)
  local sum = x + y
  if math.type(sum) == "integer" and ((x ~ sum) & (y ~ sum)) < 0 then
    return x + 0.0 + y
  end
  return sum
end

local function subtract(x, y)
  local difference = x - y
  if math.type(difference) == "integer" and ((x ~ y) & (x ~ difference)) < 0 then
    return x + 0.0 - y
  end
  return difference
end

local function multiply(x, y)
  local product = x * y
  if math.type(product) == "integer" and math.abs((x + 0.0) * y) >= 2.0 ^ 62 then
    local exact = y ~= 0 and not (y == -1 and x == math.mininteger)
      and product // y == x and product % y == 0
    return exact and product or (x + 0.0) * y
  end
  return product
end

local function divide(x, y)
  if y == 0 then
    return NULL
  elseif math.type(x) == "float" or math.type(y) == "float" then
    return x / y
  elseif y == -1 then
    return x == math.mininteger and -(x + 0.0) or -x
  end
  local quotient = x // y
  return quotient < 0 and quotient * y ~= x and quotient + 1 or quotient
end

local function remainder(x, y)
  if y == 0 then
    return NULL
  elseif y == -1 then
    return 0
  end
  return math.fmod(x, y)
end

local FUNCTIONS = {
  add = add, sub = subtract, mul = multiply, div = divide, mod = remainder,
  concat = function(x, y) return x .. y end,
  lower = function(x) return (x:gsub("[A-Z]", string.lower)) end,
  upper = function(x) return (x:gsub("[a-z]", string.upper)) end,
  length = function(x) return #characters(x) end,
  neg = function(x) return subtract(0, x) end,
  like = like, glob = glob,
  contains = function(x, part) return like(x, "%" .. part:gsub("[%%_\\]", "\\%0") .. "%", "\\") end,
  starts_with = function(x, part) return like(x, part:gsub("[%%_\\]", "\\%0") .. "%", "\\") end,
  ends_with = function(x, part) return like(x, "%" .. part:gsub("[%%_\\]", "\\%0"), "\\") end,
}

------------------------------------------------------------------------------------ expressions

local run
local eval

local function first_value(query, data, env)
  local row = run(query, data, env)[1]
  return row == nil and NULL or row[1]
end

local function first_column(query, data, env)
  local list = {}
  for i, row in ipairs(run(query, data, env)) do
    list[i] = row[1]
  end
  return list
end

local SPECIAL = {
  val = function(e) return e.value end,
  col = function(e, _, env) return env[e.source][e.name] end,
  ["and"] = function(e, data, env) return and_(eval(e.x, data, env), eval(e.y, data, env)) end,
  ["or"] = function(e, data, env) return or_(eval(e.x, data, env), eval(e.y, data, env)) end,
  ["not"] = function(e, data, env) return not_(eval(e.x, data, env)) end,
  is_null = function(e, data, env) return eval(e.x, data, env) == NULL end,
  is_not_null = function(e, data, env) return eval(e.x, data, env) ~= NULL end,
  is = function(e, data, env)
    return naive.compare(eval(e.x, data, env), eval(e.y, data, env)) == 0
  end,
  is_not = function(e, data, env)
    return naive.compare(eval(e.x, data, env), eval(e.y, data, env)) ~= 0
  end,
  between = function(e, data, env)
    local x = eval(e.x, data, env)
    return and_(compared("ge", x, eval(e.y, data, env)), compared("le", x, eval(e.z, data, env)))
  end,
  in_ = function(e, data, env)
    local list = e.query and first_column(e.query, data, env) or e.list
    return #list > 0 and among(eval(e.x, data, env), list)
  end,
  exists = function(e, data, env) return #run(e.query, data, env) > 0 end,
  scalar = function(e, data, env) return first_value(e.query, data, env) end,
  coalesce = function(e, data, env)
    local x = eval(e.x, data, env)
    if x == NULL then
      return eval(e.y, data, env)
    end
    return x
  end,
  case = function(e, data, env)
    if truth(eval(e.x, data, env)) == true then
      return eval(e.y, data, env)
    end
    return eval(e.z, data, env)
  end,
}
SPECIAL.not_between = function(e, data, env) return not_(SPECIAL.between(e, data, env)) end
SPECIAL.not_in = function(e, data, env) return not_(SPECIAL.in_(e, data, env)) end
SPECIAL.not_exists = function(e, data, env) return not SPECIAL.exists(e, data, env) end

local function collect(e, data, env)
  local list, seen = {}, {}
  for _, member in ipairs(env.group) do
    local x = eval(e.x, data, member)
    local key = naive.key(x)
    if x ~= NULL and not (e.distinct and seen[key]) then
      list[#list + 1], seen[key] = x, true
    end
  end
  return list
end

local function sum_of(list)
  local sum = list[1]
  for i = 2, #list do
    sum = sum + list[i]
  end
  return sum
end

local function extreme(list, sign)
  local best = list[1]
  for i = 2, #list do
    if naive.compare(list[i], best) * sign > 0 then
      best = list[i]
    end
  end
  return best
end

local AGGREGATES = {
  count = function(list) return #list end,
  sum = function(list) return sum_of(list) end,
  total = function(list) return (sum_of(list) or 0) + 0.0 end,
  avg = function(list) return #list > 0 and sum_of(list) / #list or nil end,
  min = function(list) return extreme(list, -1) end,
  max = function(list) return extreme(list, 1) end,
}

function eval(e, data, env)
  if e.op == "agg" then
    if not e.x then
      return #env.group
    end
    local result = AGGREGATES[e.fn](collect(e, data, env))
    return result == nil and NULL or result
  elseif SPECIAL[e.op] then
    return SPECIAL[e.op](e, data, env)
  end
  local x = eval(e.x, data, env)
  local y = e.y and eval(e.y, data, env)
  if x == NULL or y == NULL then
    return NULL
  elseif COMPARISONS[e.op] then
    return compared(e.op, x, y)
  end
  return FUNCTIONS[e.op](x, y, e.escape)
end

---------------------------------------------------------------------------------------- queries

local function rows_of(from, data, env)
  if not from.query then
    return data[from.table]
  end
  local rows = {}
  for i, values in ipairs(run(from.query, data, env)) do
    rows[i] = {}
    for j, output in ipairs(from.query.outputs) do
      rows[i][output.name] = values[j]
    end
  end
  return rows
end

local function with_source(env, source, row)
  return setmetatable({ [source] = row }, { __index = env })
end

local ABSENT = setmetatable({}, { __index = function() return NULL end })

-- The rows of `left`, each with every row of the joined table that meets the condition.
local function join(left, item, data, env)
  local right, joined, met = rows_of(item, data, env), {}, {}
  for _, outer in ipairs(left) do
    local any = false
    for i, row in ipairs(right) do
      local both = with_source(outer, item.source, row)
      if not item.on or truth(eval(item.on, data, both)) == true then
        joined[#joined + 1] = both
        any, met[i] = true, true
      end
    end
    if not any and (item.kind == "left" or item.kind == "full") then
      joined[#joined + 1] = with_source(outer, item.source, ABSENT)
    end
  end
  if item.kind == "right" or item.kind == "full" then
    for i, row in ipairs(right) do
      if not met[i] then
        local both = with_source(env, item.source, row)
        for _, source in ipairs(item.before) do
          both = with_source(both, source, ABSENT)
        end
        joined[#joined + 1] = both
      end
    end
  end
  return joined
end

local function filtered(list, condition, data)
  if not condition then
    return list
  end
  local kept = {}
  for _, env in ipairs(list) do
    if truth(eval(condition, data, env)) == true then
      kept[#kept + 1] = env
    end
  end
  return kept
end

local function grouped(query, list, data, env)
  local groups, by_key = {}, {}
  for _, member in ipairs(list) do
    local values = {}
    for i, e in ipairs(query.group) do
      values[i] = eval(e, data, member)
    end
    local key = key_of(values)
    if not by_key[key] then
      by_key[key] = setmetatable({ group = {} }, { __index = member })
      groups[#groups + 1] = by_key[key]
    end
    table.insert(by_key[key].group, member)
  end
  if #query.group == 0 and #groups == 0 then
    groups[1] = setmetatable({ group = {} }, { __index = env })
  end
  return groups
end

local function unique(rows)
  local kept, seen = {}, {}
  for _, row in ipairs(rows) do
    local key = key_of(row)
    if not seen[key] then
      kept[#kept + 1], seen[key] = row, true
    end
  end
  return kept
end

local function keys_among(rows)
  local keys = {}
  for _, row in ipairs(rows) do
    keys[key_of(row)] = true
  end
  return keys
end

local function combine(op, left, right)
  local rows = {}
  if op == "union_all" or op == "union" then
    table.move(left, 1, #left, 1, rows)
    table.move(right, 1, #right, #rows + 1, rows)
    return op == "union" and unique(rows) or rows
  end
  local keys = keys_among(right)
  for _, row in ipairs(left) do
    if (keys[key_of(row)] == true) == (op == "intersect") then
      rows[#rows + 1] = row
    end
  end
  return unique(rows)
end

local function before(x, y, terms)
  for i, term in ipairs(terms) do
    local p, q = x.keys[i], y.keys[i]
    if (p == NULL) ~= (q == NULL) then
      local first = term.nulls and term.nulls == "first" or not term.nulls and not term.desc
      return (p == NULL) == first
    end
    local c = naive.compare(p, q)
    if c ~= 0 then
      return (c < 0) ~= (term.desc == true)
    end
  end
  return x.place < y.place
end

local function ordered(query, list, data)
  for place, item in ipairs(list) do
    item.place, item.keys = place, {}
    for i, term in ipairs(query.order) do
      if term.output then
        item.keys[i] = item.values[term.output]
      else
        item.keys[i] = eval(term.x, data, item.env)
      end
    end
  end
  table.sort(list, function(x, y) return before(x, y, query.order) end)
end

--- The rows of `query`, each a list of the values of its outputs.
---@param query table
---@param data table<string, table[]> rows by table
---@param env? table rows of the queries around it, by source
---@return any[][]
function run(query, data, env)
  env = env or {}
  local list = {}
  for i, row in ipairs(rows_of(query.from, data, env)) do
    list[i] = with_source(env, query.from.source, row)
  end
  for _, item in ipairs(query.joins) do
    list = join(list, item, data, env)
  end
  list = filtered(list, query.where, data)
  if query.group then
    list = filtered(grouped(query, list, data, env), query.having, data)
  end
  local items, rows = {}, {}
  for i, member in ipairs(list) do
    local values = {}
    for j, output in ipairs(query.outputs) do
      values[j] = eval(output.x, data, member)
    end
    items[i], rows[i] = { env = member, values = values }, values
  end
  if query.distinct or #query.sets > 0 then
    rows = query.distinct and unique(rows) or rows
    for _, set in ipairs(query.sets) do
      rows = combine(set.op, rows, run(set.query, data, env))
    end
    items = {}
    for i, values in ipairs(rows) do
      items[i] = { values = values }
    end
  end
  ordered(query, items, data)
  local first, last = (query.offset or 0) + 1, #items
  if query.limit then
    last = math.min(last, first + query.limit - 1)
  end
  local result = {}
  for i = first, last do
    result[#result + 1] = items[i].values
  end
  return result
end

naive.run = run

return naive
