-- Checks of what a caller hands in, shared by the modules: every mistake becomes one clear
-- line at the caller's place, with the nearest name when one was misspelt.
local native = require("dbcore.native")

local check = {}

local NAME_MAX = 255 -- bytes

local MOST_LISTED = 12 -- names in a message

-- Distances longer than this are not computed: such names are no misspelling.
local COMPARED_MAX = 255

--- Raises `invalid` at the line of whoever called dbcore.
---@param format string as for string.format
function check.fail(format, ...)
  return native.raise("invalid", format:format(...))
end

local function with_article(word)
  return (word:find("^[aeiou]") and "an " or "a ") .. word
end

local function escape_byte(byte)
  return ("\\x%02x"):format(byte:byte())
end

--- A name or text as it may stand in a message: quoted, on one line, cut to 60 bytes.
---@param text string
---@return string
function check.quote(text)
  local cut = text
  if #cut > 60 then
    cut = cut:sub(1, 57):gsub("[\xC0-\xFF]?[\x80-\xBF]*$", "") .. "..."
  end
  if not utf8.len(cut) then
    cut = cut:gsub("[\x80-\xFF]", escape_byte)
  end
  return '"' .. cut:gsub("[%c\127]", escape_byte) .. '"'
end

--- What a value is, in words: "nil", "the number 5", "a query".
---@param value any
---@return string
function check.describe(value)
  local kind = type(value)
  if kind == "string" then
    return "text " .. check.quote(value)
  elseif kind == "number" then
    return "the number " .. tostring(value)
  elseif kind == "nil" or kind == "boolean" then
    return tostring(value)
  elseif kind == "userdata" then
    return native.say(value)
  end
  local meta = getmetatable(value)
  local name = type(meta) == "table" and rawget(meta, "__name")
  local word = type(name) == "string" and name:match("^dbcore%.(.+)$") or kind
  return with_article(word)
end

local function distance(a, b)
  local before, above, here = {}, {}, {}
  for j = 0, #b do
    here[j] = j
  end
  for i = 1, #a do
    before, above, here = above, here, before
    here[0] = i
    for j = 1, #b do
      local same = a:byte(i) == b:byte(j)
      local best = math.min(above[j - 1] + (same and 0 or 1), above[j] + 1, here[j - 1] + 1)
      if i > 1 and j > 1 and a:byte(i) == b:byte(j - 1) and a:byte(i - 1) == b:byte(j) then
        best = math.min(best, before[j - 2] + 1)
      end
      here[j] = best
    end
  end
  return here[#b]
end

-- One slip in every three letters, and never a wholly different word.
local function farthest(len)
  return len < 2 and 0 or len < 6 and 1 or len // 3
end

--- The one of `names` that `wanted` was probably meant to be.
---@param wanted string
---@param names string[]
---@return string? nearest nil when none is near
function check.nearest(wanted, names)
  local best, best_distance
  local limit = farthest(#wanted)
  if #wanted > COMPARED_MAX then
    return nil
  end
  for _, name in ipairs(names) do
    if math.abs(#name - #wanted) <= limit then
      local found = distance(wanted:lower(), name:lower())
      if found <= limit and (not best or found < best_distance) then
        best, best_distance = name, found
      end
    end
  end
  return best
end

--- The keys of a table that are text, sorted.
---@param map table
---@return string[]
function check.sorted_keys(map)
  local keys = {}
  for key in pairs(map) do
    if type(key) == "string" then
      keys[#keys + 1] = key
    end
  end
  table.sort(keys)
  return keys
end

--- The tail of a message about an unknown name: the nearest one, else all of them when they are
--- few, else nothing.
---@param wanted any
---@param names string[] sorted
---@return string
function check.suggestion(wanted, names)
  local nearest = type(wanted) == "string" and check.nearest(wanted, names)
  if nearest then
    return ("; did you mean %s?"):format(check.quote(nearest))
  elseif #names > MOST_LISTED then
    return ""
  end
  return "; known: " .. table.concat(names, ", ")
end

--- Raises unless `value` is of the Lua type `kind` ("integer" is one too).
---@param value any
---@param kind string
---@param what string what it is, for the message: `default_fn of column "a"`
function check.kind(value, kind, what)
  local given = kind == "integer" and math.type(value) or type(value)
  if given ~= kind then
    local words = { string = "text", integer = "an integer", boolean = "true or false" }
    local wanted = words[kind] or with_article(kind)
    check.fail("%s takes %s, got %s", what, wanted, check.describe(value))
  end
  return value
end

--- Raises unless `value` can be an identifier of SQL.
---@param value any
---@param what string what it names: "table", "column", …
---@return string
function check.name(value, what)
  if type(value) ~= "string" then
    check.fail("the name of %s is text, got %s", with_article(what), check.describe(value))
  elseif value == "" then
    check.fail("the name of %s cannot be empty", with_article(what))
  elseif value:find("\0", 1, true) then
    check.fail("the %s %s holds a NUL byte", what, check.quote(value))
  elseif #value > NAME_MAX then
    check.fail("the %s %s has %d bytes, more than %d", what, check.quote(value), #value, NAME_MAX)
  elseif not utf8.len(value) then
    check.fail("the %s %s is not UTF-8", what, check.quote(value))
  end
  return value
end

--- Raises unless `value` is text with something in it and no NUL: a piece of SQL.
---@param value any
---@param what string
---@return string
function check.sql(value, what)
  check.kind(value, "string", what)
  if not value:find("%S") then
    check.fail("%s is empty: give it an SQL expression", what)
  elseif value:find("\0", 1, true) then
    check.fail("%s holds a NUL byte: %s", what, check.quote(value))
  end
  return value
end

--- Raises unless `value` is one of `words`; the message names the nearest.
---@param value any
---@param words string[] sorted
---@param what string
---@return string
function check.word(value, words, what)
  for _, word in ipairs(words) do
    if word == value then
      return value
    end
  end
  return check.fail("%s cannot be %s%s", what, check.describe(value),
    check.suggestion(value, words))
end

--- Raises unless `list` is a plain list, without holes or other keys. Returns its length.
---@param list any
---@param what string
---@return integer
function check.list(list, what)
  if type(list) ~= "table" or getmetatable(list) ~= nil then
    check.fail("%s takes a list, got %s", what, check.describe(list))
  end
  local count, last = 0, 0
  for key in pairs(list) do
    if math.type(key) ~= "integer" or key < 1 then
      check.fail("%s takes a list, got the key %s", what, check.describe(key))
    end
    count, last = count + 1, math.max(last, key)
  end
  if count ~= last then
    for i = 1, last do
      if list[i] == nil then
        check.fail("%s has nil as its item %d: a misspelt variable, perhaps", what, i)
      end
    end
  end
  return last
end

--- A list of names, checked and copied.
---@param list any
---@param what string the thing that takes them
---@param noun string what they name
---@return string[]
function check.names(list, what, noun)
  local count = check.list(list, what)
  if count == 0 then
    check.fail("%s needs at least one %s", what, noun)
  end
  local names = {}
  for i = 1, count do
    names[i] = check.name(list[i], noun)
  end
  return names
end

local function check_option(name, value, rule, what)
  local label = ("option %s of %s"):format(check.quote(name), what)
  if type(rule) == "table" then
    check.word(value, rule, label)
  elseif rule ~= "any" then
    check.kind(value, rule, label)
  end
end

--- Checks a table of options and returns it ({} for nil).
---@param options any
---@param rules table<string, string|string[]> option → Lua type, "any" or the allowed words
---@param what string what takes them, for messages
---@return table
function check.options(options, rules, what)
  if options == nil then
    return {}
  elseif type(options) ~= "table" or getmetatable(options) ~= nil then
    check.fail("%s takes a table of options, got %s", what, check.describe(options))
  end
  for _, name in ipairs(check.sorted_keys(options)) do
    if not rules[name] then
      check.fail("%s has no option %s%s", what, check.quote(name),
        check.suggestion(name, check.sorted_keys(rules)))
    end
    check_option(name, options[name], rules[name], what)
  end
  for key in pairs(options) do
    if type(key) ~= "string" then
      check.fail("%s takes options by name, got the key %s", what, check.describe(key))
    end
  end
  return options
end

--- A metatable for a small class: methods by name, and a misspelt one raises.
---@param name string such as "dbcore.column"
---@param methods table<string, function>
---@param label fun(self: table): string what the object is, for messages
---@return table
function check.class(name, methods, label)
  local meta = { __name = name }
  function meta.__index(self, key)
    local method = methods[key]
    if method == nil and not (type(key) == "string" and key:find("^_")) then
      check.fail("%s has no verb %s%s", label(self),
        type(key) == "string" and check.quote(key) or check.describe(key),
        check.suggestion(key, check.sorted_keys(methods)))
    end
    return method
  end
  return meta
end

--- A shallow copy, so that a verb can return a new value and leave the old one alone.
---@param object table
---@return table
function check.copy(object)
  local copy = {}
  for key, value in next, object do
    copy[key] = value
  end
  return setmetatable(copy, getmetatable(object))
end

--- Refuses anything but a connection or a transaction as `self` of a method.
---@param value any
---@param method string
function check.handle(value, method)
  local kind = native.kind(value)
  if kind ~= "conn" and kind ~= "txn" then
    check.fail("%s is called with a colon, db:%s(…); got %s in place of the connection", method,
      method, check.describe(value))
  end
end

return check
