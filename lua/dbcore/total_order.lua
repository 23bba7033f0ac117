-- The order of a query made total: its own terms, then what tells equal rows apart. Read from the
-- query's text, because that is the one place where every kind of term looks the same.
local native = require("dbcore.native")
local bookmark = require("dbcore.bookmark")
local check = require("dbcore.check")
local clause = require("dbcore.clause")
local repository_key = require("dbcore.repository_key")
local token = require("dbcore.token")

local total_order = {}

local MOST_OUTLINES = 200 -- kept for one schema

-- Types whose values in rows are what is stored, so that a row can tell its own place.
local PLAIN = { integer = true, real = true, text = true, numeric = true, timestamp = true,
  timestamp_ms = true, datetime = true, date = true, uuid = true, enum = true }

local function definition_of(schema, descriptor, name)
  local function is_it(def)
    return (def.prefix or "") .. def.name == name
  end
  if descriptor then
    local def = native.describe(descriptor)
    if def.columns and is_it(def) then
      return def
    end
  end
  for _, def in ipairs(schema and native.describe(schema).tables or {}) do
    if is_it(def) then
      return def
    end
  end
  return nil
end

local function primary_key(def)
  local names = repository_key.columns(def)
  if #names > 0 then
    return names
  end
  return def.kind ~= "view" and { "rowid" } or nil
end

-- What makes the order total: the groups of a grouped query, else the keys of all its sources.
local function tie_breakers(parts, sources)
  if parts.group_by then
    return clause.items(parts.group_by)
  end
  local found = {}
  for _, source in ipairs(sources) do
    local key = source.def and primary_key(source.def)
    if not key then
      check.fail("page() cannot make the order of %s total: it has no primary key; say which "
        .. "columns tell its rows apart with { key = { … } }", check.quote(source.alias or "?"))
    end
    for _, name in ipairs(key) do
      found[#found + 1] = { text = token.quote(source.alias) .. "." .. token.quote(name),
        first = 1, count = 0 }
    end
  end
  return found
end

-- The text of an expression that the caller gave as a key.
local function key_items(query, keys)
  local items = {}
  for i = 1, check.list(keys, 'option "key" of page()') do
    if type(keys[i]) ~= "userdata" then
      check.fail('option "key" of page() takes columns, got %s', check.describe(keys[i]))
    end
    local sql, values = query:group_by(keys[i]):to_sql()
    local groups = clause.items(clause.parse(sql).group_by)
    items[i] = groups[#groups]
    items[i].values = values
  end
  return items
end

local function refuse_shape(parts)
  local what = parts.compound and "a union, intersect or except" or parts.distinct and "distinct()"
    or (parts.limit or parts.offset) and "limit() or offset()"
  if what then
    check.fail("page() cannot follow %s; name the query with :as and page over that", what)
  end
end

-- The outputs that have a name of their own: `"name"` as it stands in ORDER BY, in brackets when
-- the caller's text has a direction → the item.
local function named_outputs(parts)
  local named = {}
  for _, item in ipairs(clause.items(parts.select)) do
    local text, name = item.text:match('^(.*) AS ("[^"]*")$')
    if text then
      named[name] = { text = text, first = item.first, count = item.count }
      named["(" .. name .. ")"] = named[name]
    end
  end
  return named
end

-- Whether a query stands in the text, which a policy would not let through again.
local function holds_query(text)
  for kind, word in token.each(text) do
    if kind == "word" and word:upper() == "SELECT" then
      return true
    end
  end
  return false
end

-- The terms: what the query says, then the ties. Second result: how many the query said.
local function order_terms(parts, ties)
  local terms, known = {}, {}
  local named = named_outputs(parts)
  local descending = false
  for _, item in ipairs(parts.order_by and clause.items(parts.order_by) or {}) do
    local text, desc, nulls = clause.order_term(item.text)
    if named[text] then -- the name means nothing outside of ORDER BY
      item, text = named[text], named[text].text
    end
    terms[#terms + 1] = { text = text, desc = desc, nulls = nulls, item = item,
      asks = holds_query(text) }
    known[text], descending = true, desc
  end
  local given = #terms
  for _, item in ipairs(ties) do
    if not known[item.text] then
      known[item.text] = true
      terms[#terms + 1] = { text = item.text, desc = descending,
        nulls = descending and "last" or "first", item = item }
    end
  end
  return terms, given
end

-- The columns of all sources by their text in the query.
local function columns_of(sources)
  local columns = {}
  for _, source in ipairs(sources) do
    local alias = token.quote(source.alias or "") .. "."
    for _, column in ipairs(source.def and source.def.columns or {}) do
      columns[alias .. token.quote(column.name)] = column
    end
  end
  return columns
end

-- Whether a column of a table is never NULL. A text key may be, in SQLite.
local function never_null(column)
  return column.not_null or column.primary_key and column.type == "integer" or false
end

-- Marks the terms that are never NULL: then the order can be compared as one.
local function mark_not_null(terms, parts, columns)
  for kind, text in token.each(parts.from.text) do
    if kind == "word" and (text == "LEFT" or text == "RIGHT" or text == "FULL") then
      return
    end
  end
  for _, term in ipairs(terms) do
    local column = columns[term.text]
    term.not_null = column and never_null(column) or term.text:find('%."rowid"$') ~= nil
  end
end

-- The output that shows each term as it stands, when rows are flat.
local function find_outputs(terms, parts, columns)
  for _, item in ipairs(clause.items(parts.select)) do
    local text, name = item.text:match('^(.-) AS ("[^"]*")$')
    text = text or item.text
    local column = columns[text]
    for _, term in ipairs(column and PLAIN[column.type] and terms or {}) do
      if term.text == text then
        term.output = name and token.unquote(name) or column.name
      end
    end
  end
end

-- What the text of a query says about its order.
local function read_outline(sql, query, options, handle_schema, descriptor)
  local parts = clause.parse(sql)
  if not parts.select or not parts.from then
    check.fail("page() is for queries that select")
  end
  refuse_shape(parts)
  local sources = clause.sources(parts.from)
  for _, source in ipairs(sources) do
    source.def = source.table and definition_of(handle_schema, descriptor, source.table)
  end
  local ties = options.key and key_items(query, options.key) or tie_breakers(parts, sources)
  local terms, given = order_terms(parts, ties)
  local columns = columns_of(sources)
  mark_not_null(terms, parts, columns)
  if #sources == 1 and not parts.group_by then
    find_outputs(terms, parts, columns)
  end
  return { terms = terms, given = given, grouped = parts.group_by ~= nil,
    fingerprint = bookmark.fingerprint(sql) }
end

-- Outlines that were read before: schema or descriptor → text → outline.
local outlines = setmetatable({}, { __mode = "k" })

local function outline_of(sql, query, options, schema, descriptor)
  local owner = schema or descriptor
  if options.key or not owner then
    return read_outline(sql, query, options, schema, descriptor)
  end
  local known = outlines[owner]
  if not known or known.count >= MOST_OUTLINES then
    known = { count = 0 }
    outlines[owner] = known
  end
  if not known[sql] then
    known[sql] = read_outline(sql, query, options, schema, descriptor)
    known.count = known.count + 1
  end
  return known[sql]
end

-- The values in a term. A parameter shows as its name there, and stays one.
local function values_of(item, values, parameters)
  local found = {}
  for i = 1, item.count do
    local value = (item.values or values)[item.first + i - 1]
    local name = type(value) == "string" and value:match("^:(.+)$")
    found[i] = name and parameters and parameters[name] ~= nil and native.param(name) or value
  end
  return found
end

-- A term that asks a query is said again as the expression it is, not as text.
local function term_of(query, outline, i, values, parameters)
  local term = outline.terms[i]
  local done = { text = term.text, desc = term.desc, nulls = term.nulls, output = term.output,
    not_null = term.not_null }
  local expression = term.asks and i <= outline.given
    and native.order_term(query, i, outline.given)
  if expression then
    done.text, done.values = "?", { expression }
  else
    done.values = values_of(term.item, values, parameters)
  end
  return done
end

--- All that paging must know of a query.
---@param query dbcore.Query
---@param options table those of page(): key, parameters
---@return table plan `handle`; `grouped`; `fingerprint`; `terms`, a list of { text, values, desc,
--- nulls, not_null, output }, whose `output` is the key in rows that has the value as it is stored;
--- `query` as it was, and `ordered`, the query in that order
function total_order.plan(query, options)
  local sql, values = native.words(native.unloaded(query))
  local handle, descriptor = native.origin(query)
  local schema = handle and handle:schema()
  local outline = outline_of(sql, query, options, schema, descriptor)
  local plan = { query = query, ordered = query, handle = handle, grouped = outline.grouped,
    fingerprint = outline.fingerprint, terms = {} }
  for i = 1, #outline.terms do
    local done = term_of(query, outline, i, values, options.parameters)
    plan.terms[i] = done
    if i > outline.given then
      local expression = native.sql(done.text, table.unpack(done.values))
      plan.ordered = plan.ordered:order_by(done.desc and expression:desc() or expression)
    end
  end
  return plan
end

return total_order
