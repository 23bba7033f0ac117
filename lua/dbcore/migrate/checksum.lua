-- Checksums of migrations: over what a text says, not over how it is laid out. Line ends, blanks,
-- comments and a byte order mark do not count.
local native = require("dbcore.native")

local checksum = {}

-- The end of a string in quotes that begins at `start`.
local function quoted_end(source, start, quote)
  local at = start + 1
  while true do
    at = source:find('[\\' .. quote .. "]", at)
    if not at then
      return #source
    elseif source:sub(at, at) == quote then
      return at
    end
    at = at + 2
  end
end

-- The end of what `[[` or `[=[` at `start` opens; nil when nothing does.
local function bracket_end(source, start)
  local level = source:match("^%[(=*)%[", start)
  if not level then
    return nil
  end
  local _, stop = source:find("]" .. level .. "]", start, true)
  return stop or #source
end

-- The token at `start`: its last byte, and whether it counts.
local function measure(source, start)
  local char = source:sub(start, start)
  if char:find("%s") then
    return select(2, source:find("^%s+", start)), false
  elseif source:find("^%-%-", start) then
    local stop = bracket_end(source, start + 2)
    return stop or (source:find("\n", start, true) or #source), false
  elseif char == '"' or char == "'" then
    return quoted_end(source, start, char), true
  elseif char == "[" then
    return bracket_end(source, start) or start, true
  elseif char:find("[%w_]") then
    return select(2, source:find("^[%w_]+", start)), true
  end
  return start, true
end

--- The checksum of Lua source text: 64 hexadecimal digits.
---@param source string
---@return string
function checksum.lua(source)
  local tokens, at = {}, 1
  source = source:gsub("^\xEF\xBB\xBF", ""):gsub("^#[^\n]*", ""):gsub("\r\n?", "\n")
  while at <= #source do
    local stop, counts = measure(source, at)
    if counts then
      tokens[#tokens + 1] = source:sub(at, stop)
    end
    at = stop + 1
  end
  return native.sha256(table.concat(tokens, "\0"))
end

return checksum
