-- A checker for JSON Schema 2020-12, as much of it as the meta-schema and our own schemas use, and
-- the meta-schema itself. Any keyword it does not know is an error, so that nothing passes because
-- it was not looked at. Patterns are not matched, only checked to be text.
local d = require("dbcore")

local checker = {}

local function is_array(value)
  return type(value) == "table" and (getmetatable(value) ~= nil or value[1] ~= nil)
end

local function is_object(value)
  return type(value) == "table" and getmetatable(value) == nil and value[1] == nil
end

local TYPES = {
  null = function(value) return value == d.null end,
  boolean = function(value) return type(value) == "boolean" end,
  integer = function(value)
    return type(value) == "number" and math.tointeger(value) ~= nil
  end,
  number = function(value) return type(value) == "number" end,
  string = function(value) return type(value) == "string" end,
  array = is_array,
  object = is_object,
}

local function equal(a, b)
  if type(a) ~= "table" or type(b) ~= "table" then
    return a == b
  end
  for key, value in pairs(a) do
    if not equal(value, b[key]) then
      return false
    end
  end
  for key in pairs(b) do
    if a[key] == nil then
      return false
    end
  end
  return true
end

local valid

local function among(value, list)
  for _, item in ipairs(list) do
    if equal(item, value) then
      return true
    end
  end
  return false
end

local KEYWORDS = {
  ["$schema"] = true, title = true, description = true, default = true, readOnly = true,
  format = true, contentEncoding = true, pattern = true, ["$comment"] = true, ["$defs"] = true,
}

local function check_with(name, applies, holds)
  KEYWORDS[name] = function(rule, value, root)
    return not applies(value) or holds(value, rule, root)
  end
end

local function anything()
  return true
end

check_with("type", anything, function(value, rule)
  for _, name in ipairs(type(rule) == "table" and rule or { rule }) do
    if TYPES[name](value) then
      return true
    end
  end
  return false
end)
check_with("enum", anything, function(value, rule) return among(value, rule) end)
check_with("$ref", anything, function(value, rule, root)
  if rule == "#" then
    return valid(root, value, root)
  end
  return valid(root["$defs"][rule:match("^#/%$defs/(.+)$")], value, root)
end)
check_with("anyOf", anything, function(value, rule, root)
  for _, one in ipairs(rule) do
    if valid(one, value, root) then
      return true
    end
  end
  return false
end)
check_with("minimum", TYPES.number, function(value, rule) return value >= rule end)
check_with("exclusiveMinimum", TYPES.number, function(value, rule) return value > rule end)
check_with("maximum", TYPES.number, function(value, rule) return value <= rule end)
check_with("minLength", TYPES.string, function(value, rule) return utf8.len(value) >= rule end)
check_with("maxLength", TYPES.string, function(value, rule) return utf8.len(value) <= rule end)
check_with("minItems", is_array, function(value, rule) return #value >= rule end)
check_with("uniqueItems", is_array, function(value, rule)
  for i = 1, rule and #value or 0 do
    if among(value[i], table.move(value, i + 1, #value, 1, {})) then
      return false
    end
  end
  return true
end)
check_with("items", is_array, function(value, rule, root)
  for _, item in ipairs(value) do
    if not valid(rule, item, root) then
      return false
    end
  end
  return true
end)
check_with("required", is_object, function(value, rule)
  for _, name in ipairs(rule) do
    if value[name] == nil then
      return false
    end
  end
  return true
end)
check_with("properties", is_object, function(value, rule, root)
  for name, one in pairs(rule) do
    if value[name] ~= nil and not valid(one, value[name], root) then
      return false
    end
  end
  return true
end)

-- Those that `properties` of the same schema does not name.
local function check_additional(schema, value, root)
  for name, item in pairs(is_object(value) and value or {}) do
    local known = schema.properties and schema.properties[name] ~= nil
    if not known and not valid(schema.additionalProperties, item, root) then
      return false
    end
  end
  return true
end

function valid(schema, value, root)
  if type(schema) == "boolean" then
    return schema
  end
  for keyword, rule in pairs(schema) do
    local known = KEYWORDS[keyword]
    if keyword == "additionalProperties" then
      if not check_additional(schema, value, root) then
        return false
      end
    elseif known == nil then
      error("the checker does not know the keyword " .. tostring(keyword))
    elseif known ~= true and not known(rule, value, root) then
      return false
    end
  end
  return true
end

--- Whether `value` is what `schema` says.
---@param schema table
---@param value any
---@return boolean
function checker.valid(schema, value)
  return valid(schema, value, schema)
end

-- The vocabularies of the dialect in one document: each keyword and what may stand behind it. A
-- keyword that is none of them is refused here, which the dialect itself would let pass.
local function ref(name)
  return { ["$ref"] = "#/$defs/" .. name }
end

local SCHEMA = { ["$ref"] = "#" }
local SCHEMAS = { type = "object", additionalProperties = SCHEMA }
local LIST = { type = "array", minItems = 1, items = SCHEMA }
local TEXT, BOOLEAN, NUMBER = { type = "string" }, { type = "boolean" }, { type = "number" }
local COUNT = { type = "integer", minimum = 0 }

checker.META = {
  ["$defs"] = {
    simple_types = { enum = { "array", "boolean", "integer", "null", "number", "object",
      "string" } },
    texts = { type = "array", items = TEXT, uniqueItems = true },
  },
  type = { "object", "boolean" },
  additionalProperties = false,
  properties = {
    -- core
    ["$id"] = TEXT, ["$schema"] = TEXT, ["$ref"] = TEXT, ["$anchor"] = TEXT,
    ["$dynamicRef"] = TEXT, ["$dynamicAnchor"] = TEXT, ["$comment"] = TEXT,
    ["$vocabulary"] = { type = "object", additionalProperties = BOOLEAN }, ["$defs"] = SCHEMAS,
    -- applicator
    prefixItems = LIST, items = SCHEMA, contains = SCHEMA, additionalProperties = SCHEMA,
    properties = SCHEMAS, patternProperties = SCHEMAS, dependentSchemas = SCHEMAS,
    propertyNames = SCHEMA, ["if"] = SCHEMA, ["then"] = SCHEMA, ["else"] = SCHEMA, allOf = LIST,
    anyOf = LIST, oneOf = LIST, ["not"] = SCHEMA,
    -- unevaluated
    unevaluatedItems = SCHEMA, unevaluatedProperties = SCHEMA,
    -- validation
    type = { anyOf = { ref "simple_types",
      { type = "array", items = ref "simple_types", minItems = 1, uniqueItems = true } } },
    const = true, enum = { type = "array", items = true },
    multipleOf = { type = "number", exclusiveMinimum = 0 },
    maximum = NUMBER, exclusiveMaximum = NUMBER, minimum = NUMBER, exclusiveMinimum = NUMBER,
    maxLength = COUNT, minLength = COUNT, pattern = TEXT, maxItems = COUNT, minItems = COUNT,
    uniqueItems = BOOLEAN, maxContains = COUNT, minContains = COUNT, maxProperties = COUNT,
    minProperties = COUNT, required = ref "texts",
    dependentRequired = { type = "object", additionalProperties = ref "texts" },
    -- meta-data, format, content
    title = TEXT, description = TEXT, default = true, deprecated = BOOLEAN, readOnly = BOOLEAN,
    writeOnly = BOOLEAN, examples = { type = "array", items = true }, format = TEXT,
    contentEncoding = TEXT, contentMediaType = TEXT, contentSchema = SCHEMA,
  },
}

return checker
