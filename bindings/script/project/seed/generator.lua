-- Values for seed rows, made by chance and yet the same every time: a generator begun with the same
-- seed gives the same values, on every machine and with every version of Lua.
local check = require("dbcore.check")
local words = require("dbscript.project.seed.words")

local Generator = {}
local Generator_mt = { __name = "dbscript.generator", __index = Generator }

local generator = {}

-- splitmix64 (S. Vigna, 2015): the state only counts, so any two seeds are far apart.
local function mix(z)
  z = (z ~ (z >> 30)) * 0xbf58476d1ce4e5b9
  z = (z ~ (z >> 27)) * 0x94d049bb133111eb
  return z ~ (z >> 31)
end

local function hash(text)
  local state = 0xcbf29ce484222325
  for i = 1, #text do
    state = (state ~ text:byte(i)) * 0x100000001b3
  end
  return mix(state)
end

--- A generator. Each stream of one seed goes its own way: another table more or less changes no
--- row of the others.
---@param seed integer
---@param stream string
---@param rows_of? fun(table: string): table[] the rows that are there already
---@return dbscript.Generator
function generator.new(seed, stream, rows_of)
  return setmetatable({ _state = mix(seed) ~ hash(stream), _rows_of = rows_of, _seen = {} },
    Generator_mt)
end

local function next_bits(self)
  self._state = self._state + 0x9e3779b97f4a7c15
  return mix(self._state)
end

-- A real from 0 to below 1.
local function next_real(self)
  return (next_bits(self) >> 11) * 2.0 ^ -53
end

local function must(condition, format, ...)
  if not condition then
    check.fail(format, ...)
  end
end

--- A whole number from `low` to `high`.
---@param low integer
---@param high integer
---@return integer
function Generator:integer(low, high)
  must(math.type(low) == "integer" and math.type(high) == "integer" and low <= high,
    "integer() takes two whole numbers, the smaller first, got %s and %s", check.describe(low),
    check.describe(high))
  local span = high - low + 1
  if span <= 0 then -- wider than 63 bits
    return next_bits(self)
  end
  return low + ((next_bits(self) >> 1) % span)
end

--- A number from `low` to below `high`, rounded to `digits` behind the point when given.
---@param low number
---@param high number
---@param digits? integer
---@return number
function Generator:real(low, high, digits)
  must(type(low) == "number" and type(high) == "number" and low <= high,
    "real() takes two numbers, the smaller first, got %s and %s", check.describe(low),
    check.describe(high))
  local value = low + (high - low) * next_real(self)
  return digits and tonumber(("%%.%df"):format(digits):format(value)) or value
end

--- true with the chance `share` from 0 to 1.
---@param share number? 0.5
---@return boolean
function Generator:chance(share)
  return next_real(self) < (share or 0.5)
end

--- One of a list; with weights, a list of the same length, those of more weight more often.
---@param list any[]
---@param weights? number[]
---@return any
function Generator:pick(list, weights)
  must(type(list) == "table" and #list > 0, "pick() takes a list with something in it, got %s",
    check.describe(list))
  if not weights then
    return list[self:integer(1, #list)]
  end
  must(type(weights) == "table" and #weights == #list,
    "pick() takes as many weights as things to pick from: %d", #list)
  local sum = 0
  for _, weight in ipairs(weights) do
    sum = sum + weight
  end
  must(sum > 0, "pick() needs a weight above 0")
  local left = next_real(self) * sum
  for i, weight in ipairs(weights) do
    left = left - weight
    if left < 0 then
      return list[i]
    end
  end
  return list[#list]
end

--- `count` different ones of a list, in any order.
---@param list any[]
---@param count integer at most #list
---@return any[]
function Generator:sample(list, count)
  must(math.type(count) == "integer" and count >= 0 and count <= #list,
    "sample() takes from 0 to %d of this list, got %s", #list, check.describe(count))
  local rest, found = table.move(list, 1, #list, 1, {}), {}
  for i = 1, count do
    local place = self:integer(i, #rest)
    rest[i], rest[place] = rest[place], rest[i]
    found[i] = rest[i]
  end
  return found
end

--- What `make(self)` gives, called again until it is something it did not give before.
---@param make fun(self: dbscript.Generator): any
---@return any
function Generator:unique(make)
  for _ = 1, 1000 do
    local value = make(self)
    if not self._seen[value] then
      self._seen[value] = true
      return value
    end
  end
  return check.fail("unique() found no new value in 1000 tries: there are not that many")
end

--- One of the rows that a table has been given, or that it had before.
---@param name string
---@return table
function Generator:row(name)
  local rows = self._rows_of and self._rows_of(name) or {}
  must(#rows > 0, "there is no row of %s yet to pick from", check.quote(tostring(name)))
  return self:pick(rows)
end

function Generator:first_name()
  return self:pick(words.first_names)
end

function Generator:last_name()
  return self:pick(words.last_names)
end

function Generator:name()
  return self:first_name() .. " " .. self:last_name()
end

--- An address at a domain that belongs to nobody. Never the same twice.
---@param name? string whose it is
---@return string
function Generator:email(name)
  return self:unique(function()
    local of = (name or self:name()):lower():gsub("[^%w]+", ".")
    return ("%s%d@example.%s"):format(of, self:integer(1, 9999),
      self:pick({ "com", "net", "org" }))
  end)
end

function Generator:word()
  return self:pick(words.words)
end

--- `count` words with blanks between them.
---@param count integer
---@return string
function Generator:words(count)
  local list = {}
  for i = 1, count do
    list[i] = self:word()
  end
  return table.concat(list, " ")
end

local function capital(s)
  return s:sub(1, 1):upper() .. s:sub(2)
end

--- A few words that could be a heading.
function Generator:title()
  return capital(self:words(self:integer(2, 5)))
end

function Generator:sentence()
  return capital(self:words(self:integer(5, 12))) .. "."
end

--- @param count? integer of sentences
function Generator:paragraph(count)
  local list = {}
  for i = 1, count or self:integer(2, 5) do
    list[i] = self:sentence()
  end
  return table.concat(list, " ")
end

function Generator:company()
  return ("%s %s"):format(self:last_name(), self:pick(words.company_forms))
end

function Generator:city()
  return self:pick(words.cities)
end

function Generator:country()
  return self:pick(words.countries)
end

-- Days since 1970-01-01 of a day in the Gregorian calendar, and back (H. Hinnant's algorithm).
local function days_of(year, month, day)
  year = month <= 2 and year - 1 or year
  local era = year // 400
  local of_era = year - era * 400
  local of_year = (153 * (month + (month > 2 and -3 or 9)) + 2) // 5 + day - 1
  return era * 146097 + of_era * 365 + of_era // 4 - of_era // 100 + of_year - 719468
end

local function day_of(days)
  days = days + 719468
  local era = days // 146097
  local of_era = days - era * 146097
  local year = (of_era - of_era // 1460 + of_era // 36524 - of_era // 146096) // 365
  local of_year = of_era - (365 * year + year // 4 - year // 100)
  local month = (5 * of_year + 2) // 153
  local day = of_year - (153 * month + 2) // 5 + 1
  month = month + (month < 10 and 3 or -9)
  return era * 400 + year + (month <= 2 and 1 or 0), month, day
end

local function read_day(value, what)
  local year, month, day = tostring(value):match("^(%d%d%d%d)%-(%d%d)%-(%d%d)$")
  must(year, '%s takes days such as "2026-01-31", got %s', what, check.describe(value))
  return days_of(math.tointeger(tonumber(year)), math.tointeger(tonumber(month)),
    math.tointeger(tonumber(day)))
end

--- A day from `from` to `to`: "2026-01-31".
---@param from string
---@param to string
---@return string
function Generator:date(from, to)
  return ("%04d-%02d-%02d"):format(day_of(self:integer(read_day(from, "date()"),
    read_day(to, "date()"))))
end

--- Seconds since 1970-01-01 of a moment from the first to the last day, for timestamps.
---@param from string
---@param to string
---@return integer
function Generator:timestamp(from, to)
  return self:integer(read_day(from, "timestamp()") * 86400,
    read_day(to, "timestamp()") * 86400 + 86399)
end

--- A moment as text: "2026-01-31 09:30:00".
---@param from string
---@param to string
---@return string
function Generator:datetime(from, to)
  local at = self:timestamp(from, to)
  local year, month, day = day_of(at // 86400)
  local rest = at % 86400
  return ("%04d-%02d-%02d %02d:%02d:%02d"):format(year, month, day, rest // 3600,
    rest // 60 % 60, rest % 60)
end

function Generator:uuid()
  local high, low = next_bits(self), next_bits(self)
  high = high & ~0xf000 | 0x4000 -- version 4
  low = low & 0x3fffffffffffffff | -0x8000000000000000
  return ("%08x-%04x-%04x-%04x-%012x"):format(high >> 32, high >> 16 & 0xffff, high & 0xffff,
    low >> 48, low & 0xffffffffffff)
end

--- `count` bytes.
---@param count integer
---@return string
function Generator:bytes(count)
  local list = {}
  for i = 1, count do
    list[i] = string.char(next_bits(self) & 0xff)
  end
  return table.concat(list)
end

Generator_mt.__index = function(_, key)
  local method = Generator[key]
  if method == nil and not (type(key) == "string" and key:find("^_")) then
    check.fail("the generator has no %s%s", check.describe(key),
      check.suggestion(key, check.sorted_keys(Generator)))
  end
  return method
end

return generator
