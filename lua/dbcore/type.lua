-- Types of the user's own: how a Lua value is stored, and how it is read back.
local check = require("dbcore.check")
local column = require("dbcore.column")

local STORAGES = { "ANY", "BLOB", "INTEGER", "NUMERIC", "REAL", "TEXT" }

--- A type of your own. Returns the constructor of its columns:
---
---     local money = d.type { name = "money", sql = "INTEGER",
---       encode = function(euro) return math.floor(euro * 100 + 0.5) end,
---       decode = function(cents) return cents / 100 end }
---     d.table("items", { money "price" :not_null() })
---
---@param options { name: string?, sql: string, encode: function, decode: function } `sql`:
--- INTEGER, REAL, TEXT, BLOB, NUMERIC or ANY; `encode(value)` returns a number, text or boolean to
--- be stored, `decode(stored)` what rows hold. NULL goes to neither. What they raise is raised.
---@return fun(name: string): dbcore.Column
local function new_type(options)
  local what = "dbcore.type"
  local rules = { name = "string", sql = "string", encode = "function", decode = "function" }
  local given = check.options(options, rules, what)
  for _, name in ipairs({ "sql", "encode", "decode" }) do
    if given[name] == nil then
      check.fail("%s needs the option %s", what, check.quote(name))
    end
  end
  local storage = check.word(given.sql:upper(), STORAGES, 'option "sql" of ' .. what)
  local codec = { name = given.name, encode = given.encode, decode = given.decode }
  return function(name)
    return column.custom(name, storage, codec)
  end
end

return new_type
