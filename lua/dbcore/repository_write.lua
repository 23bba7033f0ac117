-- Rows that are made and changed. Hooks get copies and the transaction; what they raise undoes all
-- of it.
local native = require("dbcore.native")
local check = require("dbcore.check")
local key = require("dbcore.repository_key")
local step = require("dbcore.repository_step")

local write = {}

-- The methods.
local Write = {}

write.methods = Write

--- Changes one row. With a version column, the version in `changes` (or in the row that is given
--- for the key) has to be the one in the database: else the error has the code `conflict`. Without
--- a row it is `not_found`.
---@param given any its key, or a row that has it
---@param changes dbcore.Row
---@return dbcore.Row row as it is now
function Write:update(given, changes)
  local values = key.read(self._definition, given, step.what(self, "update"))
  changes = step.check(self, changes, "update")
  if step.is_empty(changes) then
    check.fail("%s got an empty table: name at least one column", step.what(self, "update"))
  end
  local expected = step.expected_version(self, given, changes)
  if step.has_hooks(self, "before_update", "after_update") then
    return step.together(self, function(inner)
      return step.update_with_hooks(inner, values, changes, expected)
    end)
  end
  return step.update(self, values, step.stamp_changed(self, changes), expected)
end

-- Adds to columns. Returns the changes.
local function additions(self, columns, by, sign, method)
  local definition, changes = self._definition, {}
  if type(columns) == "string" then
    columns = { [columns] = by == nil and 1 or by }
  elseif type(columns) ~= "table" or getmetatable(columns) ~= nil or by ~= nil then
    check.fail("%s takes a column and a number, or a table of column = number; got %s",
      step.what(self, method), check.describe(columns))
  end
  for _, name in ipairs(check.sorted_keys(columns)) do
    local number = columns[name]
    if type(number) ~= "number" then
      check.fail("%s adds numbers, got %s for %s", step.what(self, method), check.describe(number),
        check.quote(name))
    end
    changes[name] = native.coalesce(definition.table[name], 0) + sign * number
  end
  if step.is_empty(changes) then
    check.fail("%s got no columns", step.what(self, method))
  end
  return changes
end

--- Adds to columns of one row, in the database, so that no other addition is lost. NULL counts as
--- 0. Hooks are not called.
---@param given any its key
---@param columns string|table<string, number> a column, or column = number
---@param by? number 1 when it is left out
---@return dbcore.Row row as it is now
function Write:increment(given, columns, by)
  local values = key.read(self._definition, given, step.what(self, "increment"))
  local changes = additions(self, columns, by, 1, "increment")
  return step.update(self, values, step.stamp_changed(self, changes))
end

--- The same, taking away.
---@param given any
---@param columns string|table<string, number>
---@param by? number
---@return dbcore.Row
function Write:decrement(given, columns, by)
  local values = key.read(self._definition, given, step.what(self, "decrement"))
  local changes = additions(self, columns, by, -1, "decrement")
  return step.update(self, values, step.stamp_changed(self, changes))
end

---------------------------------------------------------------------------------------------------
-- New rows

local function insert_one(self, row)
  return self._handle:insert(self._definition.table):values(row):returning():one()
end

local function create_with_hooks(self, row)
  row = step.call_hooks(self, "before_create", row)
  return step.call_hooks(self, "after_create", insert_one(self, step.stamp_new(self, row)))
end

--- Makes a row.
---@param row dbcore.Row
---@return dbcore.Row row as it is in the database
function Write:create(row)
  row = step.check(self, row, "create")
  if step.has_hooks(self, "before_create", "after_create") then
    return step.together(self, function(inner)
      return create_with_hooks(inner, row)
    end)
  end
  return insert_one(self, step.stamp_new(self, row))
end

--- Makes rows, all or none.
---@param rows dbcore.Row[]
---@return dbcore.Row[] rows as they are in the database
function Write:create_many(rows)
  local made = {}
  for i = 1, check.list(rows, step.what(self, "create_many")) do
    made[i] = step.check(self, rows[i], "create_many")
  end
  if #made == 0 then
    return made
  end
  return step.together(self, function(inner)
    for i, row in ipairs(made) do
      made[i] = step.stamp_new(inner, step.call_hooks(inner, "before_create", row))
    end
    made = inner._handle:insert(inner._definition.table):values(made):returning():all()
    for i, row in ipairs(made) do
      made[i] = step.call_hooks(inner, "after_create", row)
    end
    return made
  end)
end

--- The row that meets the conditions, made when there is none.
---@param conditions dbcore.Row column = value: also what a new row gets
---@param values? dbcore.Row what else a new row gets
---@return dbcore.Row row
---@return boolean created
function Write:find_or_create(conditions, values)
  conditions = step.check(self, conditions, "find_or_create")
  values = values == nil and {} or step.check(self, values, "find_or_create")
  local row = self:find_by(conditions)
  if row then
    return row, false
  end
  return step.together(self, function(inner)
    local found = inner:find_by(conditions) -- somebody may have been faster
    if found then
      return found, false
    end
    for name, value in pairs(conditions) do
      if values[name] == nil then
        values[name] = value
      end
    end
    return inner:create(values), true
  end)
end

-- The columns that tell an upsert what is there already.
local function conflict_columns(self, ...)
  local names = { ... }
  if #names == 1 and type(names[1]) == "table" then
    names = names[1]
  elseif select("#", ...) == 0 then
    return self._definition.key
  end
  names = check.names(names, step.what(self, "upsert"), "column")
  for _, name in ipairs(names) do
    local _ = self._definition.table[name] -- raises with the nearest name
  end
  return names
end

--- Makes a row, or changes the one that is there with the same values in these columns. A row that
--- was deleted softly comes back. Hooks of create or of update are called, whichever it is.
---@param row dbcore.Row
---@param ... string the columns, which are unique together; the primary key when left out
---@return dbcore.Row row
---@return boolean created
function Write:upsert(row, ...)
  row = step.check(self, row, "upsert")
  local definition, same, rest = self._definition, {}, check.copy(row)
  for _, name in ipairs(conflict_columns(self, ...)) do
    local row_key = definition.row_key[name] or name
    same[name] = row[name] ~= nil and row[name] or row[row_key]
    if same[name] == nil or same[name] == native.null then
      check.fail("%s needs a value for %s, by which it finds the row that is there",
        step.what(self, "upsert"), check.quote(name))
    end
    rest[name], rest[row_key] = nil, nil
  end
  return step.together(self, function(inner)
    local all = inner:unscoped()
    all = definition.soft_delete and all:with_deleted() or all
    local there = all:find_by(same)
    if not there then
      return inner:create(row), true
    end
    if definition.soft_delete then
      step.set_silent(inner, rest, definition.soft_delete, step.live(definition.soft_delete))
    end
    return step.is_empty(rest) and there or all:update(there, rest), false
  end)
end

---------------------------------------------------------------------------------------------------
-- Many rows

--- Changes all rows that meet the conditions. Without hooks it is one statement; with them each row
--- is changed by itself, in one transaction.
---@param conditions dbcore.Row|dbcore.Expr|true true: every row of the repository
---@param changes dbcore.Row
---@return integer changed
function Write:update_many(conditions, changes)
  changes = step.check(self, changes, "update_many")
  if step.is_empty(changes) then
    check.fail("%s got an empty table: name at least one column", step.what(self, "update_many"))
  end
  local query = step.meant(self, conditions, "update_many")
  if not step.has_hooks(self, "before_update", "after_update") then
    local definition = self._definition
    return step.handle(self):update(definition.table):set(step.stamp_changed(self, changes))
      :where(key.among(definition, query)):run().changes
  end
  return step.together(self, function(inner)
    return step.for_each_key(inner, step.meant(inner, conditions, "update_many"), function(values)
      step.update_with_hooks(inner, values, check.copy(changes))
    end)
  end)
end

return write
