-- Rows that are deleted, softly or for good, and brought back.
local check = require("dbcore.check")
local key = require("dbcore.repository_key")
local step = require("dbcore.repository_step")

local deletion = {}

-- The methods.
local Delete = {}

deletion.methods = Delete

-- Deletes one row softly or for good. Returns whether there was one.
local function delete_one(self, values, expected, for_good)
  local definition = self._definition
  local condition, handle = step.target(self, values), step.handle(self)
  if expected then
    condition = condition & definition.table[definition.version.name]:eq(expected)
  end
  if for_good or not definition.soft_delete then
    return handle:delete(definition.table):where(condition):run().changes > 0
  end
  local column = definition.soft_delete
  local changes = step.stamp_changed(self, { [column.name] = step.moment(column) })
  return handle:update(definition.table):set(changes):where(condition):run().changes > 0
end

local function delete(self, given, method, for_good)
  local values = key.read(self._definition, given, step.what(self, method))
  local expected = step.expected_version(self, given)
  local function run(inner)
    local done = delete_one(inner, values, expected, for_good)
    if not done and expected and inner:find(values) then
      return step.refuse(inner, values, expected)
    end
    return done
  end
  if not step.has_hooks(self, "before_delete", "after_delete") then
    return run(self)
  end
  return step.together(self, function(inner)
    local row = inner:find(values)
    if not row then
      return false
    end
    step.call_hooks(inner, "before_delete", row)
    local done = run(inner)
    if done then
      step.call_hooks(inner, "after_delete", row)
    end
    return done
  end)
end

--- Deletes one row; softly, when the repository has soft deletes.
---@param given any its key, or a row that has it: then its version counts, too
---@return boolean deleted false when there was no such row
function Delete:delete(given)
  return delete(self, given, "delete", false)
end

--- Deletes one row for good, whether it was deleted softly before or not.
---@param given any
---@return boolean deleted
function Delete:purge(given)
  return delete(self._definition.soft_delete and self:with_deleted() or self, given, "purge", true)
end

local function check_soft(self, method)
  if not self._definition.soft_delete then
    check.fail("%s is for repositories with soft_delete", step.what(self, method))
  end
end

-- What makes a row that was deleted softly one that was not.
local function restoring(self)
  local column = self._definition.soft_delete
  return step.stamp_changed(self, { [column.name] = step.live(column) })
end

--- Takes a soft delete back. Without such a row it is `not_found`.
---@param given any its key
---@return dbcore.Row row as it is now
function Delete:restore(given)
  check_soft(self, "restore")
  local definition = self._definition
  local values = key.read(definition, given, step.what(self, "restore"))
  local function run(inner)
    return step.update(inner:only_deleted(), values, restoring(inner))
  end
  if not step.has_hooks(self, "before_restore", "after_restore") then
    return run(self)
  end
  return step.together(self, function(inner)
    step.call_hooks(inner, "before_restore", step.get(inner:only_deleted(), values))
    return step.call_hooks(inner, "after_restore", run(inner))
  end)
end

---------------------------------------------------------------------------------------------------
-- Many rows

local function delete_many(self, conditions, method, for_good)
  local definition = self._definition
  local query = step.meant(self, conditions, method)
  if step.has_hooks(self, "before_delete", "after_delete") then
    return step.together(self, function(inner)
      return step.for_each_key(inner, step.meant(inner, conditions, method), function(values)
        delete(inner, values, method, for_good)
      end)
    end)
  end
  local handle, among = step.handle(self), key.among(definition, query)
  if for_good or not definition.soft_delete then
    return handle:delete(definition.table):where(among):run().changes
  end
  local column = definition.soft_delete
  local changes = step.stamp_changed(self, { [column.name] = step.moment(column) })
  return handle:update(definition.table):set(changes):where(among):run().changes
end

--- Deletes all rows that meet the conditions; softly, when the repository has soft deletes.
---@param conditions dbcore.Row|dbcore.Expr|true true: every row of the repository
---@return integer deleted
function Delete:delete_many(conditions)
  return delete_many(self, conditions, "delete_many", false)
end

--- Deletes them for good, those that were deleted softly among them.
---@param conditions dbcore.Row|dbcore.Expr|true
---@return integer deleted
function Delete:purge_many(conditions)
  local all = self._definition.soft_delete and not self._deleted and self:with_deleted() or self
  return delete_many(all, conditions, "purge_many", true)
end

return deletion
