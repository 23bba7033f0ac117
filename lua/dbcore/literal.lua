-- Values as Lua writes them. The same value gives the same bytes, and the code gives the value.
local native = require("dbcore.native")
local check = require("dbcore.check")

local literal = {}

local ESCAPES = { ["\\"] = "\\\\", ['"'] = '\\"', ["\n"] = "\\n", ["\r"] = "\\r", ["\t"] = "\\t" }

local function quoted(text)
  local escaped = text:gsub('[%c\\"\127]', function(char)
    return ESCAPES[char] or ("\\%03d"):format(char:byte())
  end)
  return '"' .. escaped .. '"'
end

-- [[…]] with as many signs as the text needs; it reads better for several lines.
local function bracketed(text)
  local level = ""
  while text:find("]" .. level, 1, true) do
    level = level .. "="
  end
  return ("[%s[\n%s]%s]"):format(level, text, level)
end

--- A text as Lua writes it: of several lines in long brackets, else in double quotes.
---@param text string
---@return string
function literal.text(text)
  if text:find("\n", 1, true) and not text:find("[^%C\n\t]") and utf8.len(text) then
    return bracketed(text)
  end
  return quoted(text)
end

--- The shortest digits that mean this number and no other.
---@param value number
---@return string
function literal.number(value)
  if math.type(value) == "integer" then
    return value == math.mininteger and "math.mininteger" or ("%d"):format(value)
  elseif value ~= value then
    return "0/0"
  elseif value == math.huge or value == -math.huge then
    return value > 0 and "math.huge" or "-math.huge"
  end
  local text
  for digits = 15, 17 do
    text = ("%%.%dg"):format(digits):format(value)
    if tonumber(text) == value then
      break
    end
  end
  return text:find("[.e]") and text or text .. ".0"
end

local function write_table(value)
  local parts, count = {}, #value
  for i = 1, count do
    parts[i] = literal.value(value[i])
  end
  local keys = {}
  for key in pairs(value) do
    if not (math.type(key) == "integer" and key >= 1 and key <= count) then
      keys[#keys + 1] = key
    end
  end
  table.sort(keys, function(a, b) return tostring(a) < tostring(b) end)
  for _, key in ipairs(keys) do
    local plain = type(key) == "string" and literal.is_identifier(key)
    parts[#parts + 1] = ("%s = %s"):format(plain and key or "[" .. literal.value(key) .. "]",
      literal.value(value[key]))
  end
  local text = #parts == 0 and "{}" or "{ " .. table.concat(parts, ", ") .. " }"
  local is_array = count == 0 and getmetatable(value) ~= nil
  return is_array and "d.array()" or text
end

--- A value as Lua writes it: texts, numbers, booleans, d.null and tables of these.
---@param value any
---@return string
function literal.value(value)
  local kind = type(value)
  if kind == "string" then
    return literal.text(value)
  elseif kind == "number" then
    return literal.number(value)
  elseif kind == "boolean" then
    return tostring(value)
  elseif value == native.null then
    return "d.null"
  elseif kind == "table" then
    return write_table(value)
  end
  return check.fail("%s cannot be written as code; say it by hand", check.describe(value))
end

local KEYWORDS = {}
for word in ([[and break do else elseif end false for function goto if in local nil not or repeat
  return then true until while]]):gmatch("%a+") do
  KEYWORDS[word] = true
end

--- Whether a name can stand in code as it is.
---@param name string
---@return boolean
function literal.is_identifier(name)
  return name:find("^[%a_][%w_]*$") ~= nil and not KEYWORDS[name]
end

return literal
