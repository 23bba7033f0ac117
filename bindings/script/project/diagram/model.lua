-- What a picture of a schema shows: tables with their columns, and a line for each foreign key.
local inspection = require("dbscript.project.inspection")

local model = {}

---@class dbscript.Diagram
---@field tables table[] { name, columns = { { name, type, marks } } }; marks: "PK", "FK", "UK"
---@field lines table[] { parent, child: indexes of tables; parent_column, child_column: indexes of
--- columns; label; is_optional: a child may have no parent; is_single: a parent has one child }

-- Which columns are a whole unique key by themselves.
local function unique_columns(one)
  local found = {}
  for _, index in ipairs(one.indexes) do
    if index.unique and not index.partial and index.origin ~= "pk" and #index.columns == 1
      and index.columns[1] then
      found[inspection.fold(index.columns[1])] = true
    end
  end
  return found
end

local function foreign_columns(one)
  local found = {}
  for _, key in ipairs(one.foreign_keys) do
    for _, name in ipairs(key.columns) do
      found[inspection.fold(name)] = true
    end
  end
  return found
end

local function read_table(one, types)
  local unique, foreign = unique_columns(one), foreign_columns(one)
  local shown = { name = one.name, columns = {} }
  local words = types[inspection.fold(one.name)] or {}
  for i, column in ipairs(one.columns) do
    local folded, marks = inspection.fold(column.name), {}
    marks[#marks + 1] = column.key > 0 and "PK" or nil
    marks[#marks + 1] = foreign[folded] and "FK" or nil
    marks[#marks + 1] = unique[folded] and "UK" or nil
    shown.columns[i] = { name = column.name, type = words[folded] or column.type, marks = marks,
      is_required = column.not_null or column.key > 0 }
  end
  return shown
end

local function column_place(one, name)
  for i, column in ipairs(one.columns) do
    if inspection.fold(column.name) == inspection.fold(name) then
      return i
    end
  end
  return 1
end

local function is_optional(one, key)
  for _, name in ipairs(key.columns) do
    local column = inspection.column(one, name)
    if column and not column.not_null and column.key == 0 then
      return true
    end
  end
  return false
end

local function read_line(found, places, one, key)
  local parent = found.by_name[inspection.fold(key.table)]
  local place = parent and places[parent]
  if not place then
    return nil
  end
  local to = key.to[1] or inspection.primary_key(parent)[1]
  return {
    parent = place,
    child = places[one],
    parent_column = to and column_place(parent, to) or 1,
    child_column = column_place(one, key.columns[1]),
    label = table.concat(key.columns, ", "),
    is_optional = is_optional(one, key),
    is_single = inspection.is_unique(one, key.columns),
  }
end

-- The words of a description for the types of columns: by table, then by column.
local function words_of(described)
  local types = {}
  for _, def in ipairs(described and described.tables or {}) do
    local columns = {}
    for _, column in ipairs(def.columns) do
      local word = column.storage or column.type
      columns[inspection.fold(column.name)] = word ~= "any" and word ~= "custom" and word or nil
    end
    types[inspection.fold((def.prefix or "") .. def.name)] = columns
  end
  return types
end

--- The picture of what a database holds.
---@param found dbscript.Inspection
---@param described table? what d.describe(schema) gave: for the types as they were written
---@return dbscript.Diagram
function model.of(found, described)
  local self, places = { tables = {}, lines = {} }, {}
  local types = words_of(described)
  for i, one in ipairs(found.tables) do
    self.tables[i], places[one] = read_table(one, types), i
  end
  for _, one in ipairs(found.tables) do
    for _, key in ipairs(one.foreign_keys) do
      self.lines[#self.lines + 1] = read_line(found, places, one, key)
    end
  end
  return self
end

return model
