-- Values as text for a person: tables one level deep with sorted keys, strings quoted.
local text = require("dbscript.text")

local show = {}

local TEXT_MAX = 2000 -- bytes of one string that are shown
local INLINE = 76 -- columns a table may take on one line
local ITEMS_MAX = 100 -- entries of one table that are shown

local KEYWORDS = {}
for word in ([[and break do else elseif end false for function goto if in local nil not or
repeat return then true until while]]):gmatch("%a+") do
  KEYWORDS[word] = true
end

local function quote(s)
  if not utf8.len(s) then
    return text.clean(s, TEXT_MAX)
  end
  return '"' .. text.clean((s:gsub('[\\"]', "\\%0")), TEXT_MAX) .. '"'
end

-- tostring(), but a value that cannot say what it is does not hide the rest.
local function name_of(value)
  local ok, name = pcall(tostring, value)
  return text.clean(ok and name or "(" .. type(value) .. " whose __tostring fails)", TEXT_MAX)
end

local function has_tostring(value)
  local meta = debug.getmetatable(value)
  return type(meta) == "table" and rawget(meta, "__tostring") ~= nil
end

local function key_text(key)
  if type(key) == "string" then
    if key:find("^[%a_][%w_]*$") and not KEYWORDS[key] then
      return key
    end
    return "[" .. quote(key) .. "]"
  end
  return "[" .. name_of(key) .. "]"
end

-- Numbers first, then text, then the rest as it comes out as text.
local RANK = { number = 1, string = 2 }

local function before(a, b)
  local rank_a, rank_b = RANK[type(a)] or 3, RANK[type(b)] or 3
  if rank_a ~= rank_b then
    return rank_a < rank_b
  elseif rank_a == 3 then
    return name_of(a) < name_of(b)
  end
  return a < b
end

-- The address of a function among other things helps nobody.
local function entry_text(value, depth)
  return type(value) == "function" and "function" or show.value(value, depth - 1)
end

-- The entries of a table as text: the list part first, then the sorted keys.
local function entries_of(value, depth)
  local entries, rest = {}, {}
  local count = rawlen(value)
  for i = 1, math.min(count, ITEMS_MAX) do
    entries[i] = entry_text(rawget(value, i), depth)
  end
  for key in next, value do
    if not (math.type(key) == "integer" and key >= 1 and key <= count) then
      rest[#rest + 1] = key
    end
  end
  table.sort(rest, before)
  for i, key in ipairs(rest) do
    if i > ITEMS_MAX then
      break
    end
    entries[#entries + 1] = key_text(key) .. " = " .. entry_text(rawget(value, key), depth)
  end
  local more = math.max(0, count - ITEMS_MAX) + math.max(0, #rest - ITEMS_MAX)
  if more > 0 then
    entries[#entries + 1] = ("… %d more"):format(more)
  end
  return entries
end

local function show_table(value, depth)
  if next(value) == nil then
    return "{}"
  elseif depth <= 0 then
    return "{…}"
  end
  local entries = entries_of(value, depth)
  local line = "{ " .. table.concat(entries, ", ") .. " }"
  if text.width(line) <= INLINE or depth < show.DEPTH then
    return line
  end
  return "{\n  " .. table.concat(entries, ",\n  ") .. "\n}"
end

--- How deep tables are shown: what is in a table, and in the tables in it a mark.
show.DEPTH = 1

--- One value as text.
---@param value any
---@param depth integer? levels of tables to show, show.DEPTH when not given
---@return string
function show.value(value, depth)
  local kind = type(value)
  if kind == "string" then
    return quote(value)
  elseif kind == "table" and not has_tostring(value) then
    return show_table(value, depth or show.DEPTH)
  end
  return name_of(value)
end

return show
