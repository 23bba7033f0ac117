-- Lua patterns as regular expressions of ECMA-262, as far as they have a counterpart there.
local regex = {}

local CLASSES = {
  a = "A-Za-z", c = "\\x00-\\x1f\\x7f", d = "0-9", g = "!-~", l = "a-z", p = "!-\\/:-@\\[-`{-~",
  s = " \\t-\\r", u = "A-Z", w = "A-Za-z0-9", x = "0-9A-Fa-f",
}

local function escape(char)
  return (char:gsub("[%^%$%.%[%]%|%(%)%?%*%+%{%}%\\%/]", "\\%0"))
end

-- The same inside a set.
local function escape_in_set(char)
  return (char:gsub("[%^%]%[%\\%-]", "\\%0"))
end

-- %x outside of a set. nil when there is no counterpart.
local function escaped(char)
  local class = CLASSES[char:lower()]
  if not class or not char:find("%a") then
    return char:find("[%w]") and nil or escape(char)
  end
  return (char:find("%l") and "[" or "[^") .. class .. "]"
end

-- The set that begins at `at`: its text, and where it ends.
local function read_set(pattern, at)
  local out, i = { "[" }, at + 1
  if pattern:sub(i, i) == "^" then
    out[2], i = "^", i + 1
  end
  repeat
    local char = pattern:sub(i, i)
    if char == "%" then
      local next_char = pattern:sub(i + 1, i + 1)
      local class = CLASSES[next_char:lower()]
      if class and next_char:find("%u") then
        return nil -- what a class is not, among others
      end
      out[#out + 1] = class or escape_in_set(next_char)
      i = i + 2
    elseif pattern:sub(i + 1, i + 1) == "-" and pattern:sub(i + 2, i + 2) ~= "]" then
      out[#out + 1] = escape_in_set(char) .. "-"
        .. escape_in_set(pattern:sub(i + 2, i + 2))
      i = i + 3
    else
      out[#out + 1], i = escape_in_set(char), i + 1
    end
  until pattern:sub(i, i) == "]"
  out[#out + 1] = "]"
  return table.concat(out), i + 1
end

local REPEATS = { ["*"] = "*", ["+"] = "+", ["?"] = "?", ["-"] = "*?" }

-- One item of a pattern: its text and where the next begins. nil: no counterpart.
local function read_item(pattern, at)
  local char = pattern:sub(at, at)
  if char == "%" then
    return escaped(pattern:sub(at + 1, at + 1)), at + 2
  elseif char == "[" then
    return read_set(pattern, at)
  elseif char == "." then
    return "[\\s\\S]", at + 1
  end
  return escape(char), at + 1
end

-- Whether an item matches a byte of a longer character: one of them is another thing than one
-- character, any number of them is the same.
local function is_byte(item)
  return item == "." or item:find("^%[%^") or item:find("^%%%u")
end

--- A Lua pattern as a regular expression of ECMA-262 (and of most others), or nil when it has no
--- counterpart: %b, %f, %1, captures, bytes.
---@param pattern string
---@return string?
function regex.from_pattern(pattern)
  local out, at = {}, 1
  if pattern:find("[\x80-\xff]") then
    return nil
  elseif pattern:sub(1, 1) == "^" then
    out[1], at = "^", 2
  end
  while at <= #pattern do
    if pattern:find("^[()]", at) or pattern:find("^%%[bf%d]", at) then
      return nil
    elseif pattern:sub(at) == "$" then
      out[#out + 1], at = "$", at + 1
    else
      local item, behind = read_item(pattern, at)
      local times = item and REPEATS[pattern:sub(behind, behind)]
      if not item or is_byte(pattern:sub(at, behind - 1)) and (not times or times == "?") then
        return nil
      end
      out[#out + 1] = item .. (times or "")
      at = times and behind + 1 or behind
    end
  end
  return table.concat(out)
end

return regex
