-- What a command says: lines and tables for a person, or one JSON document for a program. Colour
-- is for terminals only; with --json nothing but the document goes to standard output.
local dbcore = require("dbcore")
local native = require("dbcore.native")
local grid = require("dbscript.grid")
local terminal = require("dbscript.terminal")
local text = require("dbscript.text")

local Screen = {}
local Screen_mt = { __name = "dbscript.screen", __index = Screen }

local screen = {}

local COLOURS = { red = "31", green = "32", yellow = "33", blue = "34", dim = "2", bold = "1" }

local function is_utf8()
  local locale = os.getenv("LC_ALL") or os.getenv("LC_CTYPE") or os.getenv("LANG") or ""
  return locale:upper():find("UTF%-?8") ~= nil
end

--- A screen on standard output.
---@param is_json boolean
---@return dbscript.Screen
function screen.new(is_json)
  local is_terminal = terminal.is("stdout")
  return setmetatable({
    is_json = is_json,
    _is_terminal = is_terminal,
    is_coloured = is_terminal and not os.getenv("NO_COLOR") and os.getenv("TERM") ~= "dumb",
    _width = is_terminal and terminal.width() or nil,
    _is_unicode = is_terminal and is_utf8(),
  }, Screen_mt)
end

--- A line for a person. Control characters in it are shown, not sent.
---@param format string as for string.format, or the line itself
function Screen:say(format, ...)
  if not self.is_json then
    local line = select("#", ...) > 0 and format:format(...) or format
    io.stdout:write(text.clean(text.tame(line)), "\n")
  end
end

--- A line that says what is wrong, on standard error.
---@param message string
function Screen:complain(message)
  io.stdout:flush()
  io.stderr:write("dbscript: ", text.clean(text.tame(message)), "\n")
end

--- Text of several lines, such as SQL or a file: as it is, so that it can be run; on a terminal
--- without control characters.
---@param lines string
function Screen:show(lines)
  if self.is_json then
    return
  end
  lines = lines:gsub("\n$", "") .. "\n"
  if not self._is_terminal then
    io.stdout:write(lines)
    return
  end
  for line in lines:gmatch("(.-)\n") do
    io.stdout:write(text.clean((line:gsub("\t", "    "))), "\n")
  end
end

--- A line made of pieces: plain text, or { colour, text }.
function Screen:line(...)
  if self.is_json then
    return
  end
  local parts = {}
  for i, piece in ipairs({ ... }) do
    parts[i] = type(piece) == "table" and self:paint(piece[1], piece[2])
      or text.clean(text.tame(piece))
  end
  io.stdout:write(table.concat(parts), "\n")
end

--- `s` in a colour, on a terminal.
---@param colour string
---@param s string
---@return string
function Screen:paint(colour, s)
  s = text.clean(text.tame(s))
  if not self.is_coloured then
    return s
  end
  return ("\27[%sm%s\27[0m"):format(COLOURS[colour], s)
end

--- Rows as an aligned table.
---@param rows table[]
---@param names string[] the columns, in order
function Screen:table(rows, names)
  if self.is_json or #rows == 0 then
    return
  end
  local lines = grid.draw(rows, names, {
    width = self._width,
    unicode = self._is_unicode,
    null = dbcore.null,
    dim = self.is_coloured and function(s)
      return "\27[2m" .. s .. "\27[0m"
    end or nil,
  })
  io.stdout:write(table.concat(lines, "\n"), "\n")
end

-- The texts in a document as JSON can hold them: a name of a file may be any bytes.
local function tame_texts(value)
  if type(value) == "string" then
    return text.tame(value)
  elseif type(value) == "table" then
    for key, field in next, value do
      value[key] = tame_texts(field)
    end
  end
  return value
end

--- Writes the document of --json. What is not UTF-8 in it becomes so.
---@param document table
function Screen:finish(document)
  if self.is_json then
    tame_texts(document)
    io.stdout:write(native.encode_json(document), "\n")
  end
end

--- "1 table", "3 tables".
---@param count integer
---@param noun string
---@param many string? when it is not noun .. "s"
---@return string
function screen.plural(count, noun, many)
  return ("%d %s"):format(count, count == 1 and noun or many or noun .. "s")
end

local UNITS = { "bytes", "KiB", "MiB", "GiB", "TiB" }

--- A size a person can read.
---@param bytes integer
---@return string
function screen.size(bytes)
  local number, unit = bytes, 1
  while number >= 1024 and unit < #UNITS do
    number, unit = number / 1024, unit + 1
  end
  if unit == 1 then
    return screen.plural(bytes, "byte")
  end
  return ("%.1f %s"):format(number, UNITS[unit])
end

return screen
