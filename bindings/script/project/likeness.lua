-- Names that a person or a pattern takes for each other, although they are two.
local inspection = require("dbscript.project.inspection")

local likeness = {}

local fold = inspection.fold

--- Whether a name as a pattern of LIKE takes another one of the same length.
---@param pattern string
---@param name string
---@return boolean
function likeness.is_like(pattern, name)
  local a, b = fold(pattern), fold(name)
  if #a ~= #b or not a:find("[_%%]") then
    return false
  end
  local lua = a:gsub("[%^%$%(%)%.%[%]%*%+%-%?]", "%%%0"):gsub("%%%%", "%%"):gsub("_", ".")
  return b:find("^" .. lua .. "$") ~= nil
end

-- Ranges of capital letters: first, last, distance to the small ones; with 1, every other letter
-- is a capital.
local CAPITALS = {
  { 0x41, 0x5A, 32 }, { 0xC0, 0xD6, 32 }, { 0xD8, 0xDE, 32 }, { 0x100, 0x12E, 1 },
  { 0x132, 0x136, 1 }, { 0x139, 0x147, 1 }, { 0x14A, 0x176, 1 }, { 0x179, 0x17D, 1 },
  { 0x391, 0x3A1, 32 }, { 0x3A3, 0x3A9, 32 }, { 0x400, 0x40F, 80 }, { 0x410, 0x42F, 32 },
}

local function small(code)
  for _, range in ipairs(CAPITALS) do
    local is_in = code >= range[1] and code <= range[2]
    if is_in and (range[3] > 1 or (code - range[1]) % 2 == 0) then
      return code + range[3]
    end
  end
  return code
end

local function fold_all(name)
  local codes = {}
  for _, code in utf8.codes(name) do
    codes[#codes + 1] = utf8.char(small(code))
  end
  return table.concat(codes)
end

--- Whether names differ only in the case of their letters, in the alphabets of Europe.
---@param a string
---@param b string
---@return boolean
function likeness.is_same_but_case(a, b)
  return utf8.len(a) ~= nil and utf8.len(b) ~= nil and fold_all(a) == fold_all(b)
end

return likeness
