-- Schemas: the tables and relations of a program, checked as a whole, and the reader that gives
-- all of it back.
local native = require("dbcore.native")
local check = require("dbcore.check")
local policy = require("dbcore.policy")
local relation = require("dbcore.relation")

local schema = {}

---@class dbcore.Definition
local Definition_mt = { __name = "dbcore.definition" }

--- A part of the schema as the CREATE statement that makes it: what the other words cannot say. It
--- is created behind all tables. Queries reach such a table through a d.table() of the columns they
--- need, which is left out of the schema.
---@param sql string CREATE TABLE, VIRTUAL TABLE, INDEX, VIEW or TRIGGER
---@return dbcore.Definition an item of d.schema()
function schema.define(sql)
  return setmetatable({ _sql = check.sql(sql, "dbcore.define") }, Definition_mt)
end

--- Puts tables and relations together. `schema.users` is the descriptor of a table.
---@param list table descriptors, d.relations(…), d.policy(…) and d.define(…), in any order
---@return dbcore.Schema
function schema.schema(list)
  local what = "dbcore.schema"
  local descriptors, relations, definitions, policies = {}, {}, {}, {}
  for i = 1, check.list(list, what) do
    local defs = relation.list(list[i])
    if defs then
      table.move(defs, 1, #defs, #relations + 1, relations)
    elseif type(list[i]) == "userdata" then
      descriptors[#descriptors + 1] = list[i]
    elseif policy.is(list[i]) then
      policies[#policies + 1] = list[i]
    elseif getmetatable(list[i]) == Definition_mt then
      definitions[#definitions + 1] = list[i]._sql
    else
      check.fail("item %d of %s is %s; it takes tables, d.relations(…) and d.define(…)", i, what,
        check.describe(list[i]))
    end
  end
  local made = native.schema(descriptors, relations, definitions)
  policy.attach(made, policies)
  return made
end

--- All that is known of a table or a schema, as plain tables: a table's definition with its
--- columns in order, or { tables = { … }, relations = { … }, definitions = { … } }.
---@param value dbcore.Table|dbcore.Schema
---@return table
function schema.describe(value)
  return native.describe(value)
end

return schema
