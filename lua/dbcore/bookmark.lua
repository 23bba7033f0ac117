-- Tokens of paging: the values that the order of a query has at one row, exactly, and which query
-- that is, as text that can stand in a URL. They are no secret and hold no promise: whoever changes
-- one gets another place in the same query, or a clear error.
local check = require("dbcore.check")

local bookmark = {}

local VERSION = "\1" -- of the form of tokens

local ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

local DIGITS = {}
for i = 1, #ALPHABET do
  DIGITS[ALPHABET:byte(i)] = i - 1
end

local function encode_base64(bytes)
  local parts = {}
  for i = 1, #bytes, 3 do
    local a, b, c = bytes:byte(i, i + 2)
    local bits = a << 16 | (b or 0) << 8 | (c or 0)
    for k = 0, c and 3 or b and 2 or 1 do
      local digit = bits >> (18 - 6 * k) & 63
      parts[#parts + 1] = ALPHABET:sub(digit + 1, digit + 1)
    end
  end
  return table.concat(parts)
end

local function decode_base64(text)
  local parts, bits, have = {}, 0, 0
  for i = 1, #text do
    local digit = DIGITS[text:byte(i)]
    if not digit then
      return nil
    end
    bits, have = (bits << 6 | digit) & 0xFFFF, have + 6
    if have >= 8 then
      have = have - 8
      parts[#parts + 1] = string.char(bits >> have & 255)
    end
  end
  return table.concat(parts)
end

--- FNV-1a, 64 bits (Fowler, Noll, Vo): says which query a token is for; no secret.
---@param text string
---@return integer
function bookmark.fingerprint(text)
  local hash = 0xcbf29ce484222325
  for i = 1, #text do
    hash = (hash ~ text:byte(i)) * 0x100000001b3
  end
  return hash
end

-- A value by its storage class: "integer", "real", "text", "blob"; nil is NULL.
local function pack_value(value, class)
  if value == nil then
    return "n"
  elseif class == "integer" then
    return string.pack("<c1i8", "i", value)
  elseif class == "real" then
    return string.pack("<c1d", "r", value)
  end
  return string.pack("<c1s4", class == "blob" and "b" or "t", value)
end

local FORMATS = { i = "<i8", r = "<d", t = "<s4", b = "<s4" }
local CLASSES = { i = "integer", r = "real", t = "text", b = "blob" }

local function unpack_keys(bytes, at, count)
  local keys = {}
  for i = 1, count do
    local mark = bytes:sub(at, at)
    at = at + 1
    if FORMATS[mark] then
      keys[i] = { class = CLASSES[mark] }
      keys[i].value, at = string.unpack(FORMATS[mark], bytes, at)
    elseif mark == "n" then
      keys[i] = {}
    else
      error("no such mark")
    end
  end
  if at ~= #bytes + 1 then
    error("something behind the last value")
  end
  return keys
end

--- The token for the row with these keys.
---@param plan table { fingerprint, terms }
---@param keys table[] { value, class } for each term; value nil is NULL
---@return string
function bookmark.write(plan, keys)
  local parts = { VERSION, string.pack("<i8", plan.fingerprint) }
  for _, key in ipairs(keys) do
    parts[#parts + 1] = pack_value(key.value, key.class)
  end
  return encode_base64(table.concat(parts))
end

--- The keys in a token; raises `invalid` when it is none of this plan.
---@param plan table
---@param text string
---@param name string the option it came in
---@return table[] keys
function bookmark.read(plan, text, name)
  local bytes = decode_base64(text)
  if not bytes or #bytes < 9 or bytes:sub(1, 1) ~= VERSION then
    check.fail("option %q of page() is no token: %s; take one that page() gave", name,
      check.quote(text))
  elseif string.unpack("<i8", bytes, 2) ~= plan.fingerprint then
    check.fail("option %q of page() is a token of another query: begin again without it", name)
  end
  local good, keys = pcall(unpack_keys, bytes, 10, #plan.terms)
  if not good then
    check.fail("option %q of page() is a damaged token: begin again without it", name)
  end
  return keys
end

return bookmark
