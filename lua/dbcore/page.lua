-- Paging by cursor: a page begins behind the last row of the one before, wherever that row
-- stands by now, so rows that come or go meanwhile are neither shown twice nor skipped.
local native = require("dbcore.native")
local bookmark = require("dbcore.bookmark")
local check = require("dbcore.check")
local total_order = require("dbcore.total_order")

local Query = native.methods("query")

local SIZE = 50 -- rows of a page

---------------------------------------------------------------------------------------------------
-- Conditions: what comes behind a row, or before it

-- Adds a piece of text, in which each `?` stands for one of the values, then for the key's.
local function add(out, text, values, key)
  out[#out + 1] = text
  for _, value in ipairs(values or {}) do
    out.values[#out.values + 1] = value
  end
  if key then
    out.values[#out.values + 1] = key.value
  end
end

local function placeholder(key)
  return key.class == "blob" and "CAST(? AS BLOB)" or "?"
end

-- The term is what it is in the row.
local function add_equal(out, term, key)
  if key.value == nil then
    add(out, ("(%s) IS NULL"):format(term.text), term.values)
  else
    add(out, ("(%s) = %s"):format(term.text, placeholder(key)), term.values, key)
  end
end

-- Whether the term descends, and whether its NULLs come last, when it is read that way.
local function order_of(term, backward)
  local desc, last = term.desc, term.nulls == "last"
  if backward then
    return not desc, not last
  end
  return desc, last
end

-- The term comes behind what it is in the row. False when nothing does.
local function add_behind(out, term, key, backward)
  local desc, last = order_of(term, backward)
  if key.value == nil then
    if not last then
      add(out, ("(%s) IS NOT NULL"):format(term.text), term.values)
    end
    return not last
  end
  local sign = desc and "<" or ">"
  if last then
    add(out, "(")
  end
  add(out, ("(%s) %s %s"):format(term.text, sign, placeholder(key)), term.values, key)
  if last then
    add(out, (" OR (%s) IS NULL)"):format(term.text), term.values)
  end
  return true
end

-- The condition for all rows behind (or before) the one with these keys:
-- a > x OR (a = x AND (b > y OR (b = y AND …))). With `including` that row is meant, too.
local function add_condition(out, terms, keys, how, i)
  local mark = #out
  add(out, "(")
  local some = add_behind(out, terms[i], keys[i], how.backward)
  if i < #terms or how.including then
    add(out, some and " OR (" or "(")
    add_equal(out, terms[i], keys[i])
    if i < #terms then
      add(out, " AND ")
      add_condition(out, terms, keys, how, i + 1)
    end
    add(out, ")")
  elseif not some then
    out[mark + 1] = "(0"
  end
  add(out, ")")
end

-- The first term alone bounds the scan, so that an index on it is used.
local function add_bound(out, term, key, backward)
  local desc, last = order_of(term, backward)
  if key.value == nil or last then
    return
  end
  add(out, ("(%s) %s %s AND "):format(term.text, desc and "<=" or ">=", placeholder(key)),
    term.values, key)
end

-- Whether `(a, b) > (x, y)` says the same: one direction, and no NULL that it would lose.
local function compares_as_one(terms, keys, backward)
  for i, term in ipairs(terms) do
    local desc, last = term.desc, term.nulls == "last"
    if backward then
      desc, last = not desc, not last
    end
    if term.desc ~= terms[1].desc or keys[i].value == nil
      or not term.not_null and (desc or last) then
      return false
    end
  end
  return true
end

-- The condition as one comparison, which an index on all terms answers with one look-up.
local function add_comparison(out, terms, keys, how)
  local desc = terms[1].desc
  if how.backward then
    desc = not desc
  end
  for i, term in ipairs(terms) do
    add(out, (i == 1 and "(" or ", ") .. term.text, term.values)
  end
  add(out, (") %s%s ("):format(desc and "<" or ">", how.including and "=" or ""))
  for i, key in ipairs(keys) do
    add(out, (i == 1 and "" or ", ") .. placeholder(key), nil, key)
  end
  add(out, ")")
end

-- The rows of `query` that stand where `how` says: { backward, including }.
local function restrict(plan, query, keys, how)
  local out = { values = {} }
  if compares_as_one(plan.terms, keys, how.backward) then
    add_comparison(out, plan.terms, keys, how)
  else
    add_bound(out, plan.terms[1], keys[1], how.backward)
    add_condition(out, plan.terms, keys, how, 1)
  end
  local condition = native.sql(table.concat(out), table.unpack(out.values))
  if plan.grouped then
    return query:having(condition)
  end
  return query:where(condition)
end

---------------------------------------------------------------------------------------------------
-- Pages

-- The keys of a row, when all of them can be read from it.
local function keys_in(plan, row)
  local keys = {}
  for i, term in ipairs(plan.terms) do
    if not term.output then
      return nil
    end
    local value = row[term.output]
    if value == native.null then
      value = nil
    end
    local class = math.type(value) == "float" and "real" or math.type(value) or "text"
    keys[i] = { value = value, class = class }
  end
  return keys
end

-- The query with what every term is as further outputs.
local function with_keys(plan, query)
  local outputs = {}
  for i, term in ipairs(plan.terms) do
    local class = ("typeof(%s)"):format(term.text)
    outputs["_page_value_" .. i] = native.sql(term.text, table.unpack(term.values))
    outputs["_page_class_" .. i] = native.sql(class, table.unpack(term.values))
  end
  return query:select(outputs)
end

local function keys_from(plan, row)
  local keys = {}
  for i = 1, #plan.terms do
    local value = row["_page_value_" .. i]
    keys[i] = { value = value ~= native.null and value or nil, class = row["_page_class_" .. i] }
  end
  return keys
end

local function token_at(plan, query, rows, position, parameters)
  local keys = keys_in(plan, rows[position])
  if not keys then
    local row = with_keys(plan, query):limit(1):offset(position - 1):one(parameters)
    keys = keys_from(plan, row)
  end
  return bookmark.write(plan, keys)
end

local function page_behind(plan, size, after, parameters)
  local query = after and restrict(plan, plan.ordered, after, {}) or plan.ordered
  local rows = query:limit(size + 1):all(parameters)
  local more = rows[size + 1] ~= nil
  rows[size + 1] = nil
  query = native.unloaded(query)
  return {
    rows = rows,
    next = more and token_at(plan, query, rows, size, parameters) or nil,
    previous = after and rows[1] and token_at(plan, query, rows, 1, parameters) or nil,
  }
end

-- Where the page before a row begins: the keys of its first row, nil when that is the first of
-- all; and whether there are rows before it.
local function find_start(plan, query, size, parameters)
  local source = with_keys(plan, query):as("_page")
  local backward = plan.handle:from(source)
  for i, term in ipairs(plan.terms) do
    local value = source["_page_value_" .. i]
    local nulls = { nulls = term.nulls == "first" and "last" or "first" }
    backward = backward:order_by(term.desc and value:asc(nulls) or value:desc(nulls))
  end
  local found = backward:limit(2):offset(size - 1):all(parameters)
  return found[1] and keys_from(plan, found[1]), found[2] ~= nil
end

local function page_before(plan, size, before, parameters)
  local how = { backward = true }
  local bare = native.unloaded(restrict(plan, plan.query, before, how))
  local start, more = find_start(plan, bare, size, parameters)
  local query = restrict(plan, plan.ordered, before, how)
  if start then
    query = restrict(plan, query, start, { including = true })
  end
  local rows = query:limit(size):all(parameters)
  query = native.unloaded(query)
  return {
    rows = rows,
    next = rows[1] and token_at(plan, query, rows, #rows, parameters) or nil,
    previous = more and bookmark.write(plan, start) or nil,
  }
end

local OPTIONS = { after = "string", before = "string", size = "integer", key = "table",
  parameters = "table" }

--- One page of the query's rows.
---
---     local page = q:page { size = 20 }
---     while page do
---       show(page.rows)
---       page = page.next and q:page { size = 20, after = page.next }
---     end
---
--- The order may be any; equal rows are told apart by the primary keys of the tables, or by `key`.
---@param options? { size: integer, after: string, before: string, key: dbcore.Expr[],
--- parameters: table } size: rows of a page (50); after, before: a token of an earlier page of the
--- same query; parameters: values for d.param
---@return { rows: table[], next: string?, previous: string? } tokens; nil where there is no page
function Query:page(options)
  if native.kind(self) ~= "query" then
    check.fail("page is called with a colon, q:page { size = 20 }; got %s in place of the query",
      check.describe(self))
  end
  local given = check.options(options, OPTIONS, "page()")
  local size = given.size or SIZE
  if size < 1 then
    check.fail('option "size" of page() is the number of rows, from 1; got %d', size)
  elseif given.after and given.before then
    check.fail("page() takes after or before, not both")
  end
  local plan = total_order.plan(self, given)
  local name = given.before and "before" or "after"
  local keys = given[name] and bookmark.read(plan, given[name], name)
  local turn = given.before and page_before or page_behind
  if not plan.handle then
    return self:all() -- which says that there is no connection
  end
  -- One state of the database for all that a page needs to ask.
  return plan.handle:transaction(function()
    return turn(plan, size, keys, given.parameters)
  end, { mode = "read" })
end
