-- Columns of JSON, and the descriptions of what is inside them, whose parts are described as
-- columns, too.
local check = require("dbcore.check")
local column = require("dbcore.column")

local json = {}

-- What a field of a document cannot have: only a row calls functions.
local NOT_INSIDE = { "default_fn", "on_update", "validate" }

-- The description of something inside a document, under `name` when it has one.
local function inner(value, name, where)
  if type(value) == "table" and getmetatable(value) == nil then
    value = json.column(value)
  elseif not column.is(value) then
    check.fail("%s of %s is %s; describe it as a column, d.text()",
      name and "field " .. check.quote(name) or "an item", where, check.describe(value))
  end
  local own = value._def.name
  if own and name and own ~= name then
    check.fail("field %s of %s is called %s inside; leave that name out", check.quote(name), where,
      check.quote(own))
  end
  local def = column.def(value)
  for _, verb in ipairs(NOT_INSIDE) do
    if def[verb] ~= nil then
      check.fail("%s() is for columns of a table; %s cannot have it inside", verb, where)
    end
  end
  def.name = name or own
  return def
end

-- Fields of an object: a list of named columns, or name = column.
local function fields_of(shape, where)
  local fields, seen = {}, {}
  if shape[1] == nil then
    for _, key in ipairs(check.sorted_keys(shape)) do
      fields[#fields + 1] = inner(shape[key], key, where)
    end
  end
  for key in pairs(shape) do
    if type(key) ~= "string" and math.type(key) ~= "integer" then
      check.fail("%s has the key %s; name fields by text", where, check.describe(key))
    end
  end
  for i = 1, shape[1] ~= nil and check.list(shape, where) or 0 do
    if not column.is(shape[i]) then
      check.fail("item %d of %s is no column, it is %s", i, where, check.describe(shape[i]))
    end
    local def = inner(shape[i], nil, where)
    if not def.name then
      check.fail('item %d of %s has no name; write d.%s "name"', i, where, def.type)
    elseif seen[def.name] then
      check.fail("%s has the field %s twice", where, check.quote(def.name))
    end
    seen[def.name], fields[i] = true, def
  end
  return fields
end

--- A column of JSON: any Lua table, text, number, boolean or dbcore.null. With a description of
--- what is inside, every write and d.validate() check it:
---
---     d.json("settings", {
---       theme = d.text():enum { "dark", "light" } :not_null(), -- it has to be there
---       size = d.integer():range(8, 32),                       -- it may be missing, or null
---       tags = d.list(d.text():length(1, 20)),
---       home = { city = d.text(), zip = d.text():pattern "^%d+$" },
---     })
---
--- Fields that are not described are refused. Inside a description the name may be left out:
--- `d.json { … }`.
---@param name? string
---@param shape? dbcore.Column|table a table of fields (name = column, or a list of named columns)
--- describes an object, a single column each item of a list
---@return dbcore.Column
function json.column(name, shape)
  if type(name) == "table" and shape == nil then
    name, shape = nil, name
  end
  local new = column.constructor("json")()
  if name ~= nil or shape == nil then
    new._def.name = check.name(name, "column")
  end
  if shape == nil then
    return new
  end
  local where = ("the description of the json column %s"):format(check.quote(name or "inside"))
  if column.is(shape) then
    new._def.shape = { items = inner(shape, nil, where) }
  elseif type(shape) == "table" and getmetatable(shape) == nil then
    new._def.shape = { fields = fields_of(shape, where) }
  else
    check.fail("%s is a table of fields or a column, got %s", where, check.describe(shape))
  end
  return new
end

--- A list inside JSON: `d.list(d.text())`, or a column that holds one: `d.list("tags", d.text())`.
---@param name string|dbcore.Column|table the column's name; inside a description the item itself
---@param item? dbcore.Column|table what each item is; a table of fields describes objects
---@return dbcore.Column
function json.list(name, item)
  if item == nil and type(name) ~= "string" then
    name, item = nil, name
  end
  if type(item) == "table" and getmetatable(item) == nil then
    item = json.column(item)
  elseif not column.is(item) then
    check.fail("d.list() takes what each item is, such as d.text(), got %s", check.describe(item))
  end
  local new = json.column(item)
  new._def.name = name and check.name(name, "column")
  return new
end

return json
