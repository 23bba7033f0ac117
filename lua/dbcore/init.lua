-- dbcore: a data layer over SQLite for Lua 5.4. This is the module that `require "dbcore"`
-- gives; what each function does is said where it is defined.
local native = require("dbcore.native")
local check = require("dbcore.check")
local column = require("dbcore.column")
local item = require("dbcore.item")
local json = require("dbcore.json")
local policy = require("dbcore.policy")
local tables = require("dbcore.table")
local relation = require("dbcore.relation")
local schema = require("dbcore.schema")

-- These add methods to queries and handles.
require("dbcore.transaction")
require("dbcore.page")
require("dbcore.explain")
require("dbcore.advise")
require("dbcore.services")

---@class dbcore
local dbcore = {
  version = native.version,
  null = native.null,
  try = require("dbcore.try"),
  open = require("dbcore.open"),
  type = require("dbcore.type"),

  enum = column.enum,
  json = json.column,
  list = json.list,

  table = tables.table,
  view = tables.view,
  fts = tables.fts,

  index = item.index,
  unique = item.unique,
  primary_key = item.primary_key,
  foreign_key = item.foreign_key,
  check = item.check,
  trigger = item.trigger,
  rule = item.rule,

  one = relation.one,
  many = relation.many,
  relations = relation.relations,
  json_schema = require("dbcore.json_schema").json_schema,
  repository = require("dbcore.repository").repository,
  schema = schema.schema,
  define = schema.define,
  policy = policy.policy,
  describe = schema.describe,
  migrator = require("dbcore.migrator"),
}

for _, kind in ipairs({ "integer", "real", "text", "blob", "boolean", "numeric", "timestamp",
  "timestamp_ms", "datetime", "date", "uuid" }) do
  dbcore[kind] = column.constructor(kind)
end
dbcore.untyped = column.constructor("any")

-- Queries and expressions are made by the native part, as they are.
local NATIVE = {
  "alias", "array", "delete", "from", "insert", "mock", "ref", "update", "validate", "with",
  "abs", "all", "any", "avg", "bm25", "case", "cast", "coalesce", "count", "count_distinct",
  "cume_dist", "dense_rank", "excluded", "exists", "first_value", "func", "group_concat", "has",
  "has_not", "hex", "ifnull", "iif", "instr", "json_array", "json_extract", "json_object", "lag",
  "last_value", "lead", "length", "lower", "ltrim", "match", "match_words", "max", "min", "not_",
  "not_exists", "now", "nth_value", "ntile", "nullif", "param", "percent_rank", "random", "rank",
  "raw", "replace", "round", "row_number", "rtrim", "snippet", "sql", "substr", "sum", "total",
  "trim", "typeof", "upper",
}

for _, name in ipairs(NATIVE) do
  dbcore[name] = native[name]
end

--- A misspelt name is an error that names the nearest, here as everywhere.
return setmetatable(dbcore, {
  __name = "dbcore",
  __index = function(_, key)
    if relation.elsewhere[key] then
      check.fail("dbcore has no %s; a relation is said with %s in d.relations(table, { … })",
        check.quote(key), relation.elsewhere[key])
    end
    return check.fail("dbcore has no %s%s", type(key) == "string" and check.quote(key)
      or check.describe(key), check.suggestion(key, check.sorted_keys(dbcore)))
  end,
})
