-- The rules of a table for programs that speak JSON Schema (2020-12): forms, other languages,
-- documentation. It says what d.validate() says, as far as JSON Schema has words for it.
local native = require("dbcore.native")
local check = require("dbcore.check")
local regex = require("dbcore.regex")

local USES = { "insert", "select", "update" }

local DIALECT = "https://json-schema.org/draft/2020-12/schema"

-- What a moment is made of.
local DATE = "[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
local TIME = "([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\\.[0-9]+)?"
local ZONE = "(Z|[+-][0-9]{2}:[0-9]{2})?"

-- What each type is in JSON, before its rules.
local TYPES = {
  integer = { type = "integer" },
  real = { type = "number" },
  numeric = { type = "number" },
  text = { type = "string" },
  enum = { type = "string" },
  blob = { type = "string", contentEncoding = "base64" },
  boolean = { type = "boolean" },
  timestamp = { type = "integer", description = "seconds since 1970-01-01 UTC" },
  timestamp_ms = { type = "integer", description = "milliseconds since 1970-01-01 UTC" },
  date = { type = "string", format = "date" },
  datetime = { type = "string", pattern = "^" .. DATE .. " " .. TIME .. ZONE .. "$" },
  uuid = { type = "string", format = "uuid",
    pattern = "^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$" },
  json = {},
  custom = {},
  any = {},
}

local describe

-- The fields of an object, and which of them have to be there.
local function describe_object(out, fields)
  local required = native.array {}
  out.type, out.properties = "object", {}
  for _, field in ipairs(fields) do
    out.properties[field.name] = describe(field, not field.not_null)
    if field.not_null then
      required[#required + 1] = field.name
    end
  end
  out.required = required[1] and required or nil
  out.additionalProperties = false
end

local function add_shape(out, shape)
  if shape.items then
    out.type, out.items = "array", describe(shape.items, not shape.items.not_null)
  elseif shape.fields then
    describe_object(out, shape.fields)
  else
    out.type = "object"
  end
end

local function add_rules(out, def)
  out.minimum, out.maximum = def.min, def.max
  if def.type ~= "blob" then -- whose length is in bytes
    out.minLength, out.maxLength = def.min_len, def.max_len
  end
  if def.enum then
    out.enum = native.array(table.move(def.enum, 1, #def.enum, 1, {}))
  end
  if def.pattern then
    local expression = regex.from_pattern(def.pattern)
    if expression then
      out.pattern = expression
    else
      out["$comment"] = "must match the Lua pattern " .. def.pattern
    end
  end
  if def.shape then
    add_shape(out, def.shape)
  end
end

-- Lets a value be null beside what it is.
local function allow_null(out)
  if out.type then
    out.type = native.array { out.type, "null" }
  end
  if out.enum then
    out.enum[#out.enum + 1] = native.null
  end
end

-- A column or a field.
function describe(def, nullable)
  local out = {}
  for key, value in pairs(TYPES[def.type]) do
    out[key] = value
  end
  add_rules(out, def)
  if nullable then
    allow_null(out)
  end
  if def.comment then
    out.description = def.comment
  end
  return out
end

-- What the database does with a row: whether a column may be left out of it.
local function is_optional(def, use, is_rowid)
  if use == "insert" then
    return not def.not_null or is_rowid or def.default ~= nil or def.default_sql ~= nil
      or def.default_now or def.default_fn ~= nil
  elseif use == "select" then
    return not def.not_null and not def.primary_key
  end
  return true
end

local function key_set(def)
  local set, count = {}, 0
  for _, column in ipairs(def.columns) do
    if column.primary_key then
      set[column.name], count = column, count + 1
    end
  end
  for _, name in ipairs(def.primary_key and def.primary_key.columns or {}) do
    set[name], count = true, count + 1
  end
  return set, count
end

-- Whether the key is the row's number, which the database gives.
local function is_rowid(def, column, keys, count)
  return keys[column.name] and count == 1 and column.type == "integer" and not column.storage
    and not column.desc_key and not def.without_rowid
end

local function add_column(out, def, column, use, keys, count)
  local generated, rowid = column.generated ~= nil, is_rowid(def, column, keys, count)
  if generated and use ~= "select" then
    return
  end
  local is_key = keys[column.name] and true or false
  local never_null = column.not_null or is_key and (use == "select" or def.without_rowid)
  local property = describe(column, not never_null or rowid and use == "insert")
  if use == "insert" and column.default ~= nil and column.type ~= "custom" then
    property.default = column.default
  end
  property.readOnly = generated or nil
  out.properties[column.as or column.name] = property
  local effective = { not_null = never_null, default = column.default,
    default_sql = column.default_sql, default_now = column.default_now,
    default_fn = column.default_fn }
  if not is_optional(effective, use, rowid) then
    out.required[#out.required + 1] = column.as or column.name
  end
end

local json_schema = {}

--- The description of a table's rows as JSON Schema 2020-12: what d.validate() accepts for the same
--- use, as far as JSON Schema has words for it. Checks, rules and functions of yours are not in it;
--- a pattern is when it can be said as a regular expression. NULL is null.
---@param descriptor dbcore.Table
---@param use? "insert"|"update"|"select" as for d.validate(); insert
---@return table schema plain tables; dbcore.null is null
---@return string text the same as JSON
function json_schema.json_schema(descriptor, use)
  if native.kind(descriptor) ~= "table" then
    check.fail("json_schema takes a table first, got %s", check.describe(descriptor))
  end
  use = check.word(use == nil and "insert" or use, USES, "the use of json_schema()")
  local def = native.describe(descriptor)
  local out = { ["$schema"] = DIALECT, title = def.name, description = def.comment,
    type = "object", properties = {}, required = native.array {}, additionalProperties = false }
  local keys, count = key_set(def)
  for _, column in ipairs(def.columns) do
    add_column(out, def, column, use, keys, count)
  end
  if not out.required[1] then
    out.required = nil
  end
  return out, native.encode_json(out)
end

return json_schema
