-- Random queries: the same one as a tree for naive.lua and as a query of dbcore. Two series of
-- random numbers make a query, one its shape and one its values, so that a shape comes again
-- with other values. Every order is total, so that rows can be compared one by one.
local d = require("dbcore")
local naive = require("spec.support.naive")

local random_query = {}

----------------------------------------------------------------------------------------- chance

local Dice = {}
local Dice_mt = { __index = Dice }

--- A series of random numbers of its own: xorshift64*.
function random_query.dice(seed)
  return setmetatable({ state = seed * 0x9E3779B97F4A7C15 | 1 }, Dice_mt)
end

--- From 1 to `most`.
function Dice:roll(most)
  local x = self.state
  x = x ~ (x >> 12)
  x = x ~ (x << 25)
  x = x ~ (x >> 27)
  self.state = x
  return ((x * 0x2545F4914F6CDD1D) >> 33) % most + 1
end

function Dice:one_of(list)
  return list[self:roll(#list)]
end

--- True in `part` of `whole` cases.
function Dice:chance(part, whole)
  return self:roll(whole) <= part
end

----------------------------------------------------------------------------------------- tables

local TABLES = {
  a = { "id", "n", "m", "r", "s", "f" },
  b = { "id", "a_id", "m", "s", "f" },
}

local KINDS = { id = "small", a_id = "small", n = "integer", m = "small", r = "real", s = "text",
  f = "boolean" }

-- Reals are sums of few powers of two, so that their order does not change a sum.
local VALUES = {
  small = { 0, 1, 2, 3, 4, -1, -2, -5 },
  integer = { 0, 1, -1, 2, 7, math.maxinteger, math.mininteger, 1 << 53, (1 << 53) + 1,
    math.maxinteger - 1 },
  real = { 0.5, -0.25, 1.0, 2.0, -3.0, 1024.125, 4503599627370496.0 },
  text = { "", "a", "A", "ab", "aB", "it's", "%", "_", "a%b", "a_b", 'q"', "\\", "a\\b", "a\0b",
    "a\0c", "\0", "\u{E9}", "\u{C9}", "\u{1F600}", "?", ":x", "NULL", "0" },
  boolean = { true, false },
}

random_query.tables = {
  a = d.table("a", { d.integer "id" :primary_key(), d.integer "n", d.integer "m", d.real "r",
    d.text "s", d.boolean "f" }),
  b = d.table("b", { d.integer "id" :primary_key(), d.integer "a_id", d.integer "m", d.text "s",
    d.boolean "f" }),
}
random_query.schema = d.schema { random_query.tables.a, random_query.tables.b }

--- Rows for both tables: those to insert, and the same with every NULL for naive.lua.
---@return table<string, table[]> rows
---@return table<string, table[]> data
function random_query.rows(dice)
  local rows, data = {}, {}
  for _, name in ipairs { "a", "b" } do
    rows[name], data[name] = {}, {}
    for id = 1, dice:roll(9) do
      local row, full = { id = id }, { id = id }
      for i = 2, #TABLES[name] do
        local column = TABLES[name][i]
        if not dice:chance(1, 4) then
          row[column] = dice:one_of(VALUES[KINDS[column]])
        end
        full[column] = row[column] == nil and naive.NULL or row[column]
      end
      rows[name][id], data[name][id] = row, full
    end
  end
  return rows, data
end

------------------------------------------------------------------------------------ expressions

local Maker = {}
local Maker_mt = { __index = Maker }

function Maker:value(kind)
  local e = { op = "val", value = self.values:one_of(VALUES[kind]) }
  if self.parameters and self.shape:chance(1, 2) then
    e.parameter = self:add_parameter(e.value)
  end
  return e
end

function Maker:add_parameter(value)
  self.parameter_count = self.parameter_count + 1
  local name = "p" .. self.parameter_count
  self.parameters[name] = value
  return name
end

-- A column of that kind in one of the sources, or nil.
function Maker:column(scope, kind)
  local found = {}
  for _, source in ipairs(scope) do
    for _, column in ipairs(source.columns) do
      if column.kind == kind then
        found[#found + 1] = { op = "col", source = source.source, name = column.name }
      end
    end
  end
  return #found > 0 and self.shape:one_of(found) or nil
end

local ARITHMETIC = { "add", "sub", "mul", "div", "mod" }

function Maker:scalar(scope, fn, kind)
  local query = self:simple(scope)
  local x = fn ~= "count" and self:column(query.scope, kind) or nil
  if fn ~= "count" and not x then
    return nil
  end
  query.group, query.outputs = {}, { { name = "o1", x = { op = "agg", fn = fn, x = x } } }
  return { op = "scalar", query = query }
end

-- An expression of that kind; at least one column is in it when there is one.
function Maker:expression(scope, kind, depth)
  local shape = self.shape
  local x = self:column(scope, kind)
  if not x then
    return nil
  elseif depth == 0 or shape:chance(1, 2) then
    return x
  end
  local pick = shape:roll(6)
  if pick == 1 then
    return { op = "coalesce", x = x, y = self:value(kind) }
  elseif pick == 2 then
    return { op = "case", x = self:condition(scope, depth - 1), y = x,
      z = self:column(scope, kind) }
  elseif pick == 3 then
    return self:scalar(scope, shape:one_of { "min", "max" }, kind) or x
  elseif kind == "text" then
    local op = shape:one_of { "lower", "upper", "concat" }
    return { op = op, x = x, y = op == "concat" and self:value "text" or nil }
  elseif kind == "small" or kind == "integer" then
    return { op = shape:one_of(ARITHMETIC), x = x,
      y = shape:chance(1, 2) and self:value "small" or self:column(scope, "small") }
  end
  return x
end

local COMPARISONS = { "eq", "ne", "lt", "le", "gt", "ge" }
local ORDER = { "small", "integer", "real", "text", "boolean" }

function Maker:list(kind)
  local list = {}
  for i = 1, self.values:roll(5) - 1 do
    list[i] = self.values:one_of(VALUES[kind])
  end
  return list
end

function Maker:membership(scope, x, kind)
  local op = self.shape:one_of { "in_", "not_in" }
  local query = self.shape:chance(1, 3) and self:simple(scope)
  local output = query and self:column(query.own, kind)
  if output then
    query.outputs = { { name = "o1", x = output } }
    return { op = op, x = x, query = query }
  end
  local e = { op = op, x = x, list = self:list(kind) }
  if self.parameters and self.shape:chance(1, 2) then
    e.parameter = self:add_parameter(e.list)
  end
  return e
end

function Maker:text_test(x)
  local op = self.shape:one_of { "like", "not_like", "glob", "contains", "starts_with",
    "ends_with" }
  local e = { op = op, x = x }
  if op == "like" or op == "not_like" then
    e.y = { op = "val", value = self.values:one_of { "%", "a%", "%b", "_", "a_b", "%\\%%", "\u{E9}",
      "%a%b%", "" } }
    e.escape = self.shape:chance(1, 2) and "\\" or nil
  elseif op == "glob" then
    e.y = { op = "val", value = self.values:one_of { "*", "a*", "?", "*b", "A" } }
  else
    e.y = { op = "val", value = self.values:one_of(VALUES.text) }
  end
  if op == "not_like" then
    e.op = "like"
    return { op = "not", x = e, spelt = "not_like" }
  end
  return e
end

function Maker:test(scope, depth)
  local shape = self.shape
  local kind = shape:one_of(ORDER)
  local x = self:expression(scope, kind, depth)
  if not x then
    return { op = "eq", x = self:expression(scope, "small", 0), y = self:value "small" }
  end
  local pick = shape:roll(9)
  if pick <= 3 then
    local y = shape:chance(1, 3) and self:expression(scope, kind, depth) or self:value(kind)
    return { op = shape:one_of(COMPARISONS), x = x, y = y }
  elseif pick == 4 then
    return { op = shape:one_of { "is_null", "is_not_null" }, x = x }
  elseif pick == 5 then
    return { op = shape:one_of { "is", "is_not" }, x = x, y = self:column(scope, kind) }
  elseif pick == 6 then
    return { op = shape:one_of { "between", "not_between" }, x = x, y = self:value(kind),
      z = self:value(kind) }
  elseif pick == 7 and kind == "text" then
    return self:text_test(x)
  elseif pick == 8 and kind == "boolean" then
    return x
  end
  return self:membership(scope, x, kind)
end

function Maker:condition(scope, depth)
  local shape = self.shape
  if depth <= 0 then
    return self:test(scope, 0)
  end
  local pick = shape:roll(8)
  if pick <= 3 then
    return { op = shape:one_of { "and", "or" }, x = self:condition(scope, depth - 1),
      y = self:condition(scope, depth - 1) }
  elseif pick == 4 then
    return { op = "not", x = self:condition(scope, depth - 1) }
  elseif pick == 5 then
    local query = self:simple(scope)
    query.outputs = { { name = "o1", x = query.own_id } }
    return { op = shape:one_of { "exists", "not_exists" }, query = query }
  end
  return self:test(scope, depth - 1)
end

---------------------------------------------------------------------------------------- queries

local function columns_of(name)
  local columns = {}
  for i, column in ipairs(TABLES[name]) do
    columns[i] = { name = column, kind = KINDS[column] }
  end
  return columns
end

function Maker:source(plain)
  self.source_count = self.source_count + 1
  local name = self.shape:one_of { "a", "b" }
  local alias = plain or ("t" .. self.source_count)
  return { source = alias == "" and name or alias, table = name, columns = columns_of(name) }
end

-- A query of one table, which may look at the sources around it; the caller gives its outputs.
function Maker:simple(around)
  local from = self:source()
  local scope = { from }
  for _, source in ipairs(around or {}) do
    scope[#scope + 1] = source
  end
  local query = { from = from, joins = {}, sets = {}, order = {}, own = { from }, scope = { from } }
  query.own_id = { op = "col", source = from.source, name = "id" }
  self.level = self.level + 1
  if self.level < 3 and self.shape:chance(2, 3) then
    query.where = self:condition(scope, 1)
  end
  self.level = self.level - 1
  return query
end

local function derived(name, query, kinds)
  local columns = {}
  for i, output in ipairs(query.outputs) do
    columns[i] = { name = output.name, kind = kinds[i] }
  end
  return { source = name, query = query, columns = columns }
end

-- A query whose outputs are columns, of `kinds` or of any.
function Maker:columns_only(kinds)
  local query = self:simple()
  query.outputs = { { name = "o1", x = query.own_id } }
  for i = 2, #kinds do
    query.outputs[i] = { name = "o" .. i, x = self:column(query.own, kinds[i]) }
  end
  return query
end

local SHARED = { "small", "text", "boolean", "small" } -- both tables have columns of these

function Maker:first_source()
  local pick = self.shape:roll(8)
  if pick <= 2 then
    self.source_count = self.source_count + 1
    local source = derived("t" .. self.source_count, self:columns_only(SHARED), SHARED)
    source.is_cte = pick == 1
    return source
  end
  return self:source(self.shape:chance(1, 2) and "" or nil)
end

function Maker:join(query, scope)
  local item = self:source()
  item.kind = self.shape:one_of { "inner", "left", "cross", "right", "full" }
  item.before = {}
  for i, source in ipairs(scope) do
    item.before[i] = source.source
  end
  if item.kind ~= "cross" then
    local last = { op = "col", source = item.source, name = "id" }
    item.on = { op = "eq", x = last, y = self:column(scope, "small") }
    if self.shape:chance(1, 3) then
      item.on = { op = "and", x = item.on, y = self:test({ scope[1], item }, 0) }
    end
  end
  query.joins[#query.joins + 1] = item
  scope[#scope + 1] = item
end

local function add_ties(query, scope)
  for _, source in ipairs(scope) do
    for _, column in ipairs(source.columns) do
      if column.name == "id" or source.query then
        query.order[#query.order + 1] = {
          x = { op = "col", source = source.source, name = column.name } }
      end
    end
  end
end

function Maker:add_order(query, scope)
  for _ = 1, self.shape:roll(3) - 1 do
    query.order[#query.order + 1] = {
      x = self:expression(scope, "text", 1) or self:expression(scope, "small", 1),
      desc = self.shape:chance(1, 2),
      nulls = self.shape:one_of { "first", "last", false },
    }
  end
  add_ties(query, scope)
end

local AGGREGATES = {
  { "count" }, { "count", "text" }, { "count", "small", distinct = true }, { "sum", "small" },
  { "sum", "real" }, { "total", "small" }, { "avg", "small" }, { "avg", "real" },
  { "min", "text" }, { "max", "integer" }, { "min", "boolean" }, { "max", "real" },
}

function Maker:aggregate(scope)
  local pick = self.shape:one_of(AGGREGATES)
  local x = pick[2] and self:column(scope, pick[2])
  if pick[2] and not x then
    return { op = "agg", fn = "count" }
  end
  return { op = "agg", fn = pick[1], x = x, distinct = pick.distinct }
end

function Maker:group(query, scope)
  query.group, query.outputs = {}, {}
  for i = 1, self.shape:roll(3) - 1 do
    local x = self:column(scope, self.shape:one_of(SHARED))
    query.group[i] = x
    query.outputs[i] = { name = "o" .. i, x = x }
    query.order[i] = { x = x, desc = self.shape:chance(1, 2) }
  end
  for _ = 1, self.shape:roll(3) do
    query.outputs[#query.outputs + 1] = { name = "o" .. #query.outputs + 1,
      x = self:aggregate(scope) }
  end
  if #query.group > 0 and self.shape:chance(1, 2) then
    query.having = { op = self.shape:one_of(COMPARISONS), x = { op = "agg", fn = "count" },
      y = self:value "small" }
  end
end

-- Ordered by all outputs: rows that are then equal are the same.
local function order_by_outputs(query)
  query.order = {}
  for i in ipairs(query.outputs) do
    query.order[i] = { output = i }
  end
end

function Maker:combine(query)
  local first = self:columns_only(SHARED)
  query.from, query.joins, query.where, query.outputs = first.from, {}, first.where, first.outputs
  for i = 1, self.shape:roll(2) do
    query.sets[i] = { op = self.shape:one_of { "union", "union_all", "intersect", "except" },
      query = self:columns_only(SHARED) }
  end
  order_by_outputs(query)
end

function Maker:pick_outputs(query, scope)
  query.outputs = {}
  for i = 1, self.shape:roll(4) do
    local x = self.shape:chance(1, 5) and self:condition(scope, 1)
      or self:expression(scope, self.shape:one_of(ORDER), 2)
      or self:expression(scope, "small", 1)
    query.outputs[i] = { name = "o" .. i, x = x }
  end
end

local function all_columns(scope)
  local outputs = {}
  for _, source in ipairs(scope) do
    for _, column in ipairs(source.columns) do
      outputs[#outputs + 1] = { name = column.name, source = source.source,
        x = { op = "col", source = source.source, name = column.name } }
    end
  end
  return outputs
end

local BESIDE = { scope = true, own = true, columns = true, parameters = true }

-- Calls `visit` for a query or an expression and all of its parts.
local function walk(e, visit)
  visit(e)
  for key, part in pairs(e) do
    if type(part) == "table" and not BESIDE[key] then
      walk(part, visit)
    end
  end
end

--- One query as a tree.
---@param shape integer the seed of its shape
---@param values integer the seed of its values
---@param with_parameters? boolean some values become parameters
---@return table query its `parameters` are the values of those
function random_query.make(shape, values, with_parameters)
  local maker = setmetatable({ shape = random_query.dice(shape),
    values = random_query.dice(values), source_count = 0, level = 0, parameter_count = 0,
    parameters = with_parameters and {} or nil }, Maker_mt)
  local from = maker:first_source()
  local query, scope = { from = from, joins = {}, sets = {}, order = {} }, { from }
  for _ = 1, maker.shape:one_of { 0, 0, 1, 2 } do
    maker:join(query, scope)
  end
  if maker.shape:chance(3, 4) then
    query.where = maker:condition(scope, 3)
  end
  local pick = maker.shape:roll(6)
  if pick == 1 then
    maker:group(query, scope)
  elseif pick == 2 then
    maker:combine(query)
  elseif pick == 3 then
    query.distinct = true
    query.outputs = { { name = "o1", x = maker:column(scope, "small") },
      { name = "o2", x = maker:column(scope, "text") } }
    order_by_outputs(query)
  else
    query.is_whole = pick == 4
    query.is_plain = true
    if query.is_whole then
      query.outputs = all_columns(scope)
    else
      maker:pick_outputs(query, scope)
    end
    maker:add_order(query, scope)
  end
  if maker.shape:chance(1, 3) then
    query.limit = maker.values:roll(5) - 1
    query.offset = maker.shape:chance(1, 2) and maker.values:roll(4) - 1 or nil
  end
  if with_parameters then
    query.parameters = {}
    walk(query, function(e)
      if e.parameter then
        query.parameters[e.parameter] = maker.parameters[e.parameter]
      end
    end)
  end
  return query
end

--- Puts other values in the place of the parameters of a tree.
---@param query table
---@param parameters table<string, any>
function random_query.replace(query, parameters)
  walk(query, function(e)
    if e.parameter then
      e[e.op == "val" and "value" or "list"] = parameters[e.parameter]
    end
  end)
end

------------------------------------------------------------------------------------- in dbcore

local build
local express

local function value_of(e)
  return e.parameter and d.param(e.parameter) or e.value
end

-- An operand may be a value; what has a method may not.
local function operand(e, sources)
  if e.op == "val" then
    return value_of(e)
  end
  return express(e, sources)
end

-- A subquery has no methods: sql() makes an expression of it.
local function with_methods(e, sources)
  local made = express(e, sources)
  return e.op == "scalar" and d.sql("?", made) or made
end

local OPERATORS = {
  add = function(x, y) return x + y end,
  sub = function(x, y) return x - y end,
  mul = function(x, y) return x * y end,
  div = function(x, y) return x / y end,
  mod = function(x, y) return x % y end,
  concat = function(x, y) return x .. y end,
  ["and"] = function(x, y) return x & y end,
  ["or"] = function(x, y) return x | y end,
}

local CALLS = {
  lower = d.lower, upper = d.upper, length = d.length, coalesce = d.coalesce,
}

local WORDS = {
  col = function(e, sources) return sources[e.source][e.name] end,
  scalar = function(e, sources) return build(e.query, d, sources) end,
  exists = function(e, sources) return d.exists(build(e.query, d, sources)) end,
  not_exists = function(e, sources) return d.not_exists(build(e.query, d, sources)) end,
  case = function(e, sources)
    return d.case():when(express(e.x, sources), operand(e.y, sources))
      :otherwise(operand(e.z, sources))
  end,
  agg = function(e, sources)
    if not e.x then
      return d.count()
    end
    local call = d[e.fn](express(e.x, sources))
    return e.distinct and call:distinct() or call
  end,
  ["not"] = function(e, sources)
    if e.spelt then
      local x = with_methods(e.x.x, sources)
      return x[e.spelt](x, e.x.y.value, e.x.escape)
    end
    return ~with_methods(e.x, sources)
  end,
}

local function among(e, sources)
  local x = with_methods(e.x, sources)
  local list = e.list
  if e.query then
    list = build(e.query, d, sources)
  elseif e.parameter then
    list = d.param(e.parameter)
  end
  return x[e.op](x, list)
end
WORDS.in_, WORDS.not_in = among, among

function express(e, sources)
  if WORDS[e.op] then
    return WORDS[e.op](e, sources)
  elseif OPERATORS[e.op] then
    return OPERATORS[e.op](with_methods(e.x, sources), operand(e.y, sources))
  elseif CALLS[e.op] then
    if e.y then
      return CALLS[e.op](express(e.x, sources), operand(e.y, sources))
    end
    return CALLS[e.op](express(e.x, sources))
  end
  local x = with_methods(e.x, sources)
  if e.z then
    return x[e.op](x, operand(e.y, sources), operand(e.z, sources))
  elseif e.y then
    return x[e.op](x, operand(e.y, sources), e.escape)
  end
  return x[e.op](x)
end

-- What a source is in dbcore: the table itself, an alias, a subquery, a CTE.
local function object_of(source, sources)
  if source.is_cte then
    return d.ref(source.source)
  elseif source.query then
    return build(source.query, d, sources):as(source.source)
  end
  local descriptor = random_query.tables[source.table]
  return source.source == source.table and descriptor or d.alias(descriptor, source.source)
end

local function add_outputs(q, query, sources)
  local outputs = {}
  for _, output in ipairs(query.outputs) do
    outputs[output.name] = express(output.x, sources)
  end
  q = q:select(outputs)
  for _, set in ipairs(query.sets) do
    q = q[set.op](q, build(set.query, d, {}))
  end
  return q
end

local function add_order(q, query, sources)
  for _, term in ipairs(query.order) do
    if term.output then
      q = q:order_by(query.outputs[term.output].name)
    else
      local x = with_methods(term.x, sources)
      local how = term.nulls and { nulls = term.nulls } or nil
      q = q:order_by(term.desc and x:desc(how) or how and x:asc(how) or x)
    end
  end
  return q
end

function build(query, starter, around)
  local sources = setmetatable({}, { __index = around })
  local from = query.from
  if from.is_cte then
    starter = starter == d and d.with(from.source, build(from.query, d, around))
      or starter:with(from.source, build(from.query, d, around))
  end
  sources[from.source] = object_of(from, sources)
  local q = starter == d and d.from(sources[from.source]) or starter:from(sources[from.source])
  for _, item in ipairs(query.joins) do
    sources[item.source] = object_of(item, sources)
    local verb = item.kind == "inner" and "join" or item.kind .. "_join"
    q = q[verb](q, sources[item.source], item.on and express(item.on, sources) or nil)
  end
  if query.where then
    q = q:where(express(query.where, sources))
  end
  if query.group then
    for _, x in ipairs(query.group) do
      q = q:group_by(express(x, sources))
    end
    q = query.having and q:having(express(query.having, sources)) or q
  end
  q = query.is_whole and q or add_outputs(q, query, sources)
  q = query.distinct and q:distinct() or q
  q = add_order(q, query, sources)
  q = query.limit and q:limit(query.limit) or q
  return query.offset and q:offset(query.offset) or q
end

--- The same query in dbcore, started from a handle or from the module.
function random_query.build(query, starter)
  return build(query, starter, {})
end

--- The values of a row that dbcore read, in the order of the outputs.
function random_query.values(query, row)
  local values = {}
  for i, output in ipairs(query.outputs) do
    local from = row
    if query.is_whole and #query.joins > 0 then
      from = row[output.source] or {}
    end
    local value = from[output.name]
    values[i] = value == nil and naive.NULL or value
  end
  return values
end

return random_query
