-- Writes the types of the schema as LuaCATS annotations: of every table the row that is read, the
-- row that is inserted and the row of an update, and the schema itself.
local dbcore = require("dbcore")
local check = require("dbcore.check")
local outcome = require("dbscript.project.outcome")
local product = require("dbscript.project.product")
local screen = require("dbscript.project.screen")

local types = {
  about = "Writes annotations for editors that read LuaCATS (lua-language-server): of every table "
    .. "the classes NAME.Row, NAME.Insert and NAME.Update, and a class Schema. They go to "
    .. "standard output, or to a file.",
}

function types.declare(parser)
  parser:option("-o --output"):argname("FILE"):description("write them to FILE")
  parser:flag("--check"):description("exit 6 when FILE is not what would be written")
end

-- What a value of a column's type is in Lua.
local LUA = { integer = "integer", real = "number", text = "string", blob = "string",
  boolean = "boolean", numeric = "number", timestamp = "number", timestamp_ms = "integer",
  datetime = "string", date = "string", uuid = "string" }

local function enum_type(values)
  local parts = {}
  for i, value in ipairs(values) do
    parts[i] = type(value) == "string" and ("%q"):format(value) or tostring(value)
  end
  return table.concat(parts, "|")
end

-- Names of columns that are no identifiers are written in brackets.
local function field_name(name)
  return name:find("^[%a_][%w_]*$") and name or ("[%q]"):format(name)
end

local type_of

-- What is inside of JSON: a field that is not NOT NULL may be missing, or null.
local function shape_type(shape)
  if shape.items then
    local kind = type_of(shape.items)
    if not shape.items.not_null then
      kind = kind .. "|dbcore.Null"
    end
    return (kind:find("|", 1, true) and not kind:find("^%b{}$") and "(" .. kind .. ")" or kind)
      .. "[]"
  elseif not shape.fields or #shape.fields == 0 then
    return "table"
  end
  local parts = {}
  for i, one in ipairs(shape.fields) do
    parts[i] = ("%s%s: %s%s"):format(field_name(one.name), one.not_null and "" or "?",
      type_of(one), one.not_null and "" or "|dbcore.Null")
  end
  return "{ " .. table.concat(parts, ", ") .. " }"
end

function type_of(column)
  if column.enum then
    return enum_type(column.enum)
  elseif column.shape then
    return shape_type(column.shape)
  end
  return LUA[column.type] or "any"
end

local function is_required(column)
  local has_default = column.default ~= nil or column.default_sql or column.default_now
    or column.default_fn or column.generated
  local is_key = column.primary_key and column.type == "integer"
  return column.not_null and not has_default and not is_key
end

local function field(column, is_optional, may_be_null)
  local comment = column.comment and " " .. column.comment:gsub("%s+", " ") or ""
  local kind = type_of(column)
  return ("---@field %s%s %s%s"):format(field_name(column.name), is_optional and "?" or "",
    may_be_null and kind .. "|dbcore.Null" or kind, comment)
end

local function is_key(def, column)
  for _, name in ipairs(def.primary_key and def.primary_key.columns or {}) do
    if name == column.name then
      return true
    end
  end
  return column.primary_key
end

local function class_name(name)
  return (name:gsub("[^%w_]", "_"))
end

local function add_row(lines, def)
  lines[#lines + 1] = ("---@class %s.Row"):format(class_name(def.name))
  for _, column in ipairs(def.columns) do
    lines[#lines + 1] = field(column, not (column.not_null or is_key(def, column)))
  end
  lines[#lines + 1] = ""
end

local function add_write(lines, def, kind)
  lines[#lines + 1] = ("---@class %s.%s"):format(class_name(def.name), kind)
  for _, column in ipairs(def.columns) do
    if not column.generated then
      lines[#lines + 1] = field(column, kind == "Update" or not is_required(column),
        not column.not_null and not is_key(def, column))
    end
  end
  lines[#lines + 1] = ""
end

local function add_table(lines, def)
  lines[#lines + 1] = ("---@class %s: dbcore.Table"):format(class_name(def.name))
  if def.comment then
    table.insert(lines, #lines, "--- " .. def.comment:gsub("%s+", " "))
  end
  for _, column in ipairs(def.columns) do
    lines[#lines + 1] = ("---@field %s dbcore.Expr"):format(field_name(column.name))
  end
  lines[#lines + 1] = ""
end

--- The annotations of a schema.
---@param described table what d.describe(schema) gave
---@return string
function types.text(described)
  local lines = { "---@meta", "-- Written by dbscript types; write it again after a change.", "" }
  for _, def in ipairs(described.tables) do
    add_row(lines, def)
    if def.kind == "table" then
      add_write(lines, def, "Insert")
      add_write(lines, def, "Update")
    end
    add_table(lines, def)
  end
  lines[#lines + 1] = "---@class Schema: dbcore.Schema"
  for _, def in ipairs(described.tables) do
    lines[#lines + 1] = ("---@field %s %s"):format(field_name(def.name), class_name(def.name))
  end
  return table.concat(lines, "\n") .. "\n"
end

local function compare(job, path, text)
  local handle = io.open(path, "rb")
  local old = handle and handle:read("a")
  if handle then
    handle:close()
  end
  job.document.up_to_date = old == text
  if old ~= text then
    outcome.stop(outcome.PENDING, "%s is not up to date: dbscript types -o %s", check.quote(path),
      path)
  end
  job.screen:say("%s is up to date", path)
end

function types.run(job)
  local path = job.given.output
  local schema = job.workspace:lua_schema()
  local text = types.text(dbcore.describe(schema))
  if job.given.check and not path then
    outcome.stop(outcome.WRONG_USAGE, "--check compares with a file: add -o FILE")
  elseif job.given.check then
    return compare(job, path, text)
  elseif not path then
    return product.show(job, text)
  end
  product.save(job, "output", path, text)
  job.screen:say("%s: %s", path, screen.plural(#dbcore.describe(schema).tables, "table"))
end

return types
