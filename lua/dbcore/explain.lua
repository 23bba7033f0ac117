-- How the database would run a query: its plan, as rows and as text.
local native = require("dbcore.native")
local check = require("dbcore.check")
local token = require("dbcore.token")

local explain = {}

--- The SQL text of a query, or the text itself.
---@param query dbcore.Query|string
---@param what string
---@return string
function explain.text_of(query, what)
  if type(query) == "string" then
    return check.sql(query, what)
  elseif native.kind(query) ~= "query" then
    check.fail("%s takes a query or SQL text, got %s", what, check.describe(query))
  end
  return (query:to_sql())
end

--- The SQL texts of the relations that a query loads; of a text none.
---@param handle dbcore.Conn|dbcore.Tx
---@param query dbcore.Query|string
---@return string[]
function explain.loaded_texts(handle, query)
  return native.kind(query) == "query" and native.loaded_texts(handle, query) or {}
end

-- As many NULLs as the text has parameters: a plan does not depend on values.
local function nulls_for(sql)
  local names, nulls = {}, {}
  local last = 0
  for kind, text in token.each(sql) do
    if kind == "parameter" then
      local number = math.tointeger(tonumber(text:match("^%?(%d+)$")))
      if number then
        last = math.max(last, number)
      elseif text == "?" or not names[text] then
        names[text], last = true, last + 1
      end
    end
  end
  for i = 1, last do
    nulls[i] = native.null
  end
  return nulls
end

--- The rows of EXPLAIN QUERY PLAN: { id, parent, detail }.
---@param handle dbcore.Conn|dbcore.Tx
---@param sql string
---@return table[]
function explain.rows(handle, sql)
  return handle:query("EXPLAIN QUERY PLAN " .. sql, table.unpack(nulls_for(sql))):all()
end

local function add_plan(lines, handle, sql)
  local depth = { [0] = -1 }
  for _, row in ipairs(explain.rows(handle, sql)) do
    depth[row.id] = (depth[row.parent] or -1) + 1
    lines[#lines + 1] = ("  "):rep(depth[row.id]) .. row.detail
  end
end

--- The plan of a query as text: a line for each step, what belongs to a step two spaces deeper. The
--- plans of the relations that it loads come behind it, each after an empty line.
---@param handle dbcore.Conn|dbcore.Tx
---@param query dbcore.Query|string
---@return string
function explain.explain(handle, query)
  if type(query) ~= "string" and native.is_restricted(handle) then
    return query:explain() -- the same by the query's own handle: text is refused
  end
  local lines = {}
  add_plan(lines, handle, explain.text_of(query, "explain()"))
  for _, sql in ipairs(explain.loaded_texts(handle, query)) do
    lines[#lines + 1] = ""
    add_plan(lines, handle, sql)
  end
  return table.concat(lines, "\n")
end

native.methods("conn").explain = explain.explain
native.methods("txn").explain = explain.explain

return explain
