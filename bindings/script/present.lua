-- Results at the prompt: queries are run and shown as tables, rows too, other values as they are.
local grid = require("dbscript.grid")
local member = require("dbscript.member")
local show = require("dbscript.show")
local sql = require("dbscript.sql")
local statement = require("dbscript.statement")
local text = require("dbscript.text")

local present = {}

local ROWS_MAX = 50 -- rows of a query that are shown unasked
local SQL_ROWS_MAX = 1000 -- rows of a statement that was typed as SQL
local COUNTED_MAX = 10000 -- rows behind them that are counted

---@class dbscript.Screen
---@field style dbscript.Style
---@field catalog table
---@field database fun(): any the handle, or nil

local function plural(count, noun)
  return ("%d %s%s"):format(count, noun, count == 1 and "" or "s")
end

-- The first rows of a query or cursor, and how many rows are behind: exact up to COUNTED_MAX.
local function read_rows(source, limit)
  local rows, behind = {}, 0
  local cursor <close> = source:rows()
  for row in cursor do
    if #rows < limit then
      rows[#rows + 1] = row
    else
      behind = behind + 1
      if behind > COUNTED_MAX then
        break
      end
    end
  end
  return rows, behind
end

local function footer(count, behind, hint)
  if behind == 0 then
    return ("(%s)"):format(plural(count, "row"))
  end
  local more = behind > COUNTED_MAX and ("more than %d"):format(COUNTED_MAX) or tostring(behind)
  return ("(%s, %s more with %s)"):format(plural(count, "row"), more, hint)
end

-- Whether `names` are the names that the rows have. They are not when rows are grouped.
local function fits(names, rows)
  local has = {}
  for _, name in ipairs(names) do
    has[name] = true
  end
  for _, row in ipairs(rows) do
    for name in next, row do
      if not has[name] then
        return false
      end
    end
  end
  return #names > 0
end

local function draw(screen, rows, names)
  local function in_order(keys)
    return screen.catalog:in_order(keys)
  end
  local flat, flat_names = grid.flatten(rows, in_order)
  if flat then
    return grid.draw(flat, flat_names, screen.style)
  elseif not names or not fits(names, rows) then
    names = in_order(grid.keys(rows))
  end
  return grid.draw(rows, names, screen.style)
end

local function draw_source(screen, source, names, limit, hint)
  local rows, behind = read_rows(source, limit)
  local lines = draw(screen, rows, names)
  lines[#lines + 1] = footer(#rows, behind, hint)
  return lines
end

local WRITING = { DELETE = true, INSERT = true, REPLACE = true, UPDATE = true }

--- Runs one statement of SQL. Returns its rows, or what it changed, as lines.
---@param screen dbscript.Screen
---@param db any the handle
---@param text_of_sql string
---@return string[]
function present.statement(screen, db, text_of_sql)
  local names = statement.columns(db, text_of_sql)
  if names and #names > 0 then
    local cursor = db:query(text_of_sql)
    return draw_source(screen, cursor, names, SQL_ROWS_MAX, "LIMIT and OFFSET")
  end
  -- What cannot be prepared fails here, and says why.
  local result = db:exec(text_of_sql)
  if WRITING[sql.verb(text_of_sql)] then
    return { ("(%s changed)"):format(plural(result.changes, "row")) }
  end
  return { "(done)" }
end

-- A query that is not run unasked: because it writes, or because nothing says where.
local function show_query(text_of_sql, values)
  local lines = { text.clean(text_of_sql) }
  if type(values) == "table" and #values > 0 then
    lines[2] = "-- values: " .. show.value(values)
  end
  return lines
end

local function present_query(screen, query)
  local text_of_sql, values = query:to_sql()
  local verb = sql.verb(text_of_sql)
  if verb ~= "SELECT" and verb ~= "VALUES" then
    local lines = show_query(text_of_sql, values)
    lines[#lines + 1] = "-- not run: end it with :run() to run it"
    return lines
  end
  local names = statement.columns(screen.database(), text_of_sql)
  local ok, lines = pcall(draw_source, screen, query, names, ROWS_MAX, ":all()")
  if ok then
    return lines
  elseif type(lines) == "table" and lines.code == "invalid" then
    -- Most often a query without a connection: its text is still worth a look.
    local reason = "-- not run: " .. text.clean(tostring(lines.message))
    lines = show_query(text_of_sql, values)
    lines[#lines + 1] = reason
    return lines
  end
  error(lines, 0)
end

--- One value as lines.
---@param screen dbscript.Screen
---@param value any
---@return string[]
function present.value(screen, value)
  if member.has_method(value, "to_sql") and member.has_method(value, "rows") then
    return present_query(screen, value)
  elseif member.has_method(value, "rows") and member.has_method(value, "all") then
    return draw_source(screen, value, nil, ROWS_MAX, ":all()")
  elseif grid.is_rows(value) then
    local lines = draw(screen, value)
    lines[#lines + 1] = footer(#value, 0)
    return lines
  end
  local lines = {}
  for line in (show.value(value) .. "\n"):gmatch("(.-)\n") do
    lines[#lines + 1] = line
  end
  return lines
end

return present
