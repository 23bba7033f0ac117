-- What is said when something fails: one line a person can act on, and a traceback only where a
-- program has to be mended.
local text = require("dbscript.text")
local show = require("dbscript.show")

local report = {}

local SQL_MAX = 200 -- bytes of SQL in a message
local CAUSES_MAX = 5 -- how far a chain of causes is followed

--- A failure as the message handler of xpcall() sees it.
---@class dbscript.Failure
---@field value any what was raised
---@field where string? "file:line" of the script
---@field trace string[] lines of the traceback, without C and without our own

--- Whether a chunk, or a place in one, is part of the program and not of the script.
---@param source string
---@return boolean
function report.is_ours(source)
  return source:find("^@?dbscript/") ~= nil or source:find("^@?dbcore/") ~= nil
end

local function find_where()
  local level = 3 -- behind this function and the handler
  local info = debug.getinfo(level, "Sl")
  while info do
    if info.what ~= "C" and info.currentline > 0 and not report.is_ours(info.source) then
      return ("%s:%d"):format(info.short_src, info.currentline)
    end
    level = level + 1
    info = debug.getinfo(level, "Sl")
  end
end

local function read_trace()
  local lines = {}
  for line in debug.traceback("", 3):gmatch("\n\t([^\n]+)") do
    if not line:find("^%[C%]") and not report.is_ours(line) then
      lines[#lines + 1] = line
    end
  end
  return lines
end

--- The message handler for xpcall().
---@param value any
---@return dbscript.Failure
function report.capture(value)
  return { value = value, where = find_where(), trace = read_trace() }
end

-- Whether a value is an error object of dbcore.
local function is_structured(value)
  return type(value) == "table"
    and type(rawget(value, "code")) == "string"
    and type(rawget(value, "message")) == "string"
end

local function shorten(statement)
  return text.clean((statement:gsub("%s+", " ")), SQL_MAX)
end

-- The fields of a validation. The only one is what the message says already.
local function add_fields(lines, fields, message)
  for _, field in ipairs(fields) do
    if type(field) == "table" and field.message and field.message ~= message then
      lines[#lines + 1] = ("  %s: %s"):format(field.column or "?", field.message)
    end
  end
end

-- What an error object knows besides its message, a line each.
local function add_details(lines, err)
  if type(err.fields) == "table" then
    add_fields(lines, err.fields, err.message)
  end
  if err.row then
    lines[#lines + 1] = ("  row: %d"):format(err.row)
  end
  if type(err.sql) == "string" then
    lines[#lines + 1] = "  sql: " .. shorten(err.sql)
  end
  local cause, depth = err.cause, 0
  while cause ~= nil and depth < CAUSES_MAX do
    lines[#lines + 1] = "  cause: " .. report.message(cause)
    cause = is_structured(cause) and cause.cause or nil
    depth = depth + 1
  end
end

--- A message without the list of all files that were looked at for a module.
---@param message string
---@return string
function report.brief(message)
  local before, name = message:match("^(.-)module '([^'\n]*)' not found:\n")
  if not before then
    return message
  end
  return ('%sthere is no module "%s" where LUA_PATH and LUA_CPATH say'):format(
    report.is_ours(before) and "" or before, name)
end

--- What was raised, in one line and without a place.
---@param value any
---@return string
function report.message(value)
  if is_structured(value) then
    return ("%s (%s)"):format(text.clean(value.message), text.clean(value.code))
  elseif type(value) == "string" then
    return text.clean(report.brief(value))
  elseif value == nil then
    return "an error without a message: error(nil)"
  end
  local meta = debug.getmetatable(value)
  if type(meta) == "table" and rawget(meta, "__tostring") then
    return show.value(value)
  end
  return ("an error object that is %s: %s"):format(
    type(value) == "table" and "a table" or "a " .. type(value), show.value(value))
end

--- A failure of a script, as lines for standard error.
---@param failure dbscript.Failure
---@return string[]
function report.script(failure)
  local value = failure.value
  local lines = { report.message(value) }
  if is_structured(value) then
    local where = value.where or failure.where
    lines[1] = where and where .. ": " .. lines[1] or lines[1]
    add_details(lines, value)
  elseif type(value) == "string" and #failure.trace > 1 then
    lines[#lines + 1] = "stack traceback:"
    for _, line in ipairs(failure.trace) do
      lines[#lines + 1] = "\t" .. line
    end
  end
  return lines
end

--- A failure at the prompt, as lines. The first is all that matters.
---@param failure dbscript.Failure
---@return string[]
function report.prompt(failure)
  local value = failure.value
  local lines = { (report.message(value):gsub("^stdin:1: ", "")) }
  if is_structured(value) then
    -- The statement stands right above.
    add_details(lines, { fields = value.fields, row = value.row, cause = value.cause })
  end
  return lines
end

return report
