-- Relations between tables: `d.many "tags" :through "post_tags"`. Without keys they come from
-- the foreign keys; the schema works that out.
local native = require("dbcore.native")
local check = require("dbcore.check")

local relation = {}

---@class dbcore.Relation
local Relation = {}

local function label(self)
  return ('d.%s(%s)'):format(self._def.kind, check.quote(self._def.target))
end

local Relation_mt = check.class("dbcore.relation", Relation, label)
local Relations_mt = { __name = "dbcore.relations" }

-- The name of a table given by name or as a descriptor.
local function table_name(value, what)
  if type(value) == "string" then
    return check.name(value, "table")
  end
  local name = native.kind(value) == "table" and native.describe(value).name
  if not name then
    check.fail("%s takes a table or its name, got %s", what, check.describe(value))
  end
  return name
end

-- One name or a list of names.
local function columns(value, what)
  if value == nil then
    return nil
  end
  return check.names(type(value) == "string" and { value } or value, what, "column")
end

local function keys(given, what)
  if (given.from == nil) ~= (given.to == nil) then
    check.fail("%s needs both from and to, or neither", what)
  end
  return columns(given.from, what), columns(given.to, what)
end

--- The relation goes over a table between the two.
---@param through string|dbcore.Table
---@param options? { from: string|string[], to: string|string[] } columns of that table: `from`
--- meets the table where the relation starts, `to` the one where it ends
---@return dbcore.Relation
function Relation:through(through, options)
  local what = label(self) .. ":through()"
  local copy = check.copy(self)
  copy._def = check.copy(self._def)
  if copy._def.through then
    check.fail("%s is said twice; keep one", what)
  end
  copy._def.through = table_name(through, what)
  local given = check.options(options, { from = "any", to = "any" }, what)
  copy._def.through_from, copy._def.through_to = keys(given, what)
  return copy
end

-- A table between is a verb, because it has ends of its own.
local function refuse_through(kind, target, options)
  local through = type(options) == "table" and options.through
  if not through then
    return
  end
  local named = type(through) == "string" or native.kind(through) == "table"
  check.fail("dbcore.%s has no option \"through\": say d.%s %s :through %s", kind, kind,
    check.quote(target), named and check.quote(table_name(through, "through")) or "(…)")
end

local function constructor(kind)
  return function(target, options)
    local what = "dbcore." .. kind
    local def = { kind = kind, target = table_name(target, what) }
    refuse_through(kind, def.target, options)
    local given = check.options(options, { from = "any", to = "any", where = "any" }, what)
    def.from, def.to = keys(given, what)
    if given.where ~= nil and native.kind(given.where) ~= "expr" then
      check.fail('option "where" of %s is a condition such as posts.views:gt(10), got %s', what,
        check.describe(given.where))
    end
    def.where = given.where
    return setmetatable({ _def = def }, Relation_mt)
  end
end

--- At most one row of `target` belongs to a row.
---@param target string|dbcore.Table
---@param options? { from: string|string[], to: string|string[], where: dbcore.Expr } from and to:
--- the columns here and there, from the foreign keys when left out; where: only rows of `target`
--- for which it is true are related
---@return dbcore.Relation
relation.one = constructor("one")

--- Any number of rows of `target` belong to a row.
---@param target string|dbcore.Table
---@param options? { from: string|string[], to: string|string[], where: dbcore.Expr }
---@return dbcore.Relation
relation.many = constructor("many")

--- The relations of one table, by name; an item of d.schema().
---@param source string|dbcore.Table
---@param map table<string, dbcore.Relation>
---@return dbcore.Relations
function relation.relations(source, map)
  local name = table_name(source, "dbcore.relations")
  local what = ("the relations of %s"):format(check.quote(name))
  if type(map) ~= "table" or getmetatable(map) ~= nil then
    check.fail("%s are a table, name = d.one(…) or d.many(…), got %s", what, check.describe(map))
  end
  local list = {}
  for _, key in ipairs(check.sorted_keys(map)) do
    if getmetatable(map[key]) ~= Relation_mt then
      check.fail("%s: %s is d.one(…) or d.many(…), got %s", what, check.quote(key),
        check.describe(map[key]))
    end
    local def = check.copy(map[key]._def)
    def.table, def.name = name, check.name(key, "relation")
    list[#list + 1] = def
  end
  for key in pairs(map) do
    if type(key) ~= "string" then
      check.fail("%s have names, got the key %s", what, check.describe(key))
    end
  end
  return setmetatable({ _list = list }, Relations_mt)
end

local TO_ONE, TO_MANY = "d.one(…)", "d.many(…)"
local BETWEEN = 'd.many "tags" :through "post_tags"'

--- What the words of other libraries for relations are here: name → how it is said.
relation.elsewhere = { belongs_to = TO_ONE, has_one = TO_ONE, many_to_one = TO_ONE,
  one_to_one = TO_ONE, has_many = TO_MANY, one_to_many = TO_MANY, belongs_to_many = BETWEEN,
  has_many_through = BETWEEN, many_through = BETWEEN, many_to_many = BETWEEN, through = BETWEEN }

--- The definitions in a value of d.relations(), or nil when `value` is none.
---@param value any
---@return table[]?
function relation.list(value)
  return getmetatable(value) == Relations_mt and value._list or nil
end

return relation
