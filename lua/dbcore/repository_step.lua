-- The steps that every write of a repository is made of: hooks, what it sets by itself, the row
-- that is meant and why there is none. A write of several statements, hooks included, is one
-- transaction (or a savepoint of the one it runs in).
local native = require("dbcore.native")
local check = require("dbcore.check")
local hidden = require("dbcore.repository_hidden")
local key = require("dbcore.repository_key")
local read = require("dbcore.repository_read")

local step = {}

--- A method in the words of a message: `users:update()`.
function step.what(self, method)
  return ("%s:%s()"):format(self._definition.name, method)
end

--- A copy of a row that is given.
function step.check(self, row, method)
  if type(row) ~= "table" or getmetatable(row) ~= nil then
    check.fail("%s takes a row, a table of column = value; got %s", step.what(self, method),
      check.describe(row))
  end
  return check.copy(row)
end

---------------------------------------------------------------------------------------------------
-- Hooks

--- Whether there is a hook of one of these names.
function step.has_hooks(self, ...)
  for _, name in ipairs({ ... }) do
    if self._definition.hooks[name] then
      return true
    end
  end
  return false
end

--- Calls the hooks `name` with a row and what else they get; a hook may change the row in place, or
--- return another one.
function step.call_hooks(self, name, row, ...)
  for _, hook in ipairs(self._definition.hooks[name] or {}) do
    local other = hook(row, self._handle, ...)
    if other ~= nil and (type(other) ~= "table" or getmetatable(other) ~= nil) then
      check.fail("a hook %s of %s returned %s; it returns a row or nothing, and raises to refuse",
        name, check.quote(self._definition.name), check.describe(other))
    end
    row = other or row
  end
  return row
end

--- Calls `body` with the repository on a transaction.
function step.together(self, body)
  return self._handle:transaction(function(tx)
    return body(self:_on(tx))
  end)
end

---------------------------------------------------------------------------------------------------
-- What the repository sets by itself

-- The present moment as a column stores it, by the database's clock.
local NOW = {
  timestamp = "CAST(strftime('%s', 'now') AS INTEGER)",
  timestamp_ms = "CAST(round((julianday('now') - 2440587.5) * 86400000) AS INTEGER)",
  datetime = "datetime('now')",
  date = "date('now')",
}

--- What a column of moments, or of yes and no, is set to now.
function step.moment(column)
  return column.type == "boolean" or native.raw(NOW[column.type])
end

--- What a soft delete's column says of a row that is not deleted.
function step.live(column)
  if column.type == "boolean" then
    return false
  end
  return native.null
end

--- Sets a column unless the row does, under its name or its key in rows.
function step.set_silent(self, row, column, value)
  if column and row[column.name] == nil and row[self._definition.row_key[column.name]] == nil then
    row[column.name] = value
  end
end

--- Fills a new row with what it is silent about.
function step.stamp_new(self, row)
  local definition = self._definition
  for _, name in ipairs({ "created", "updated" }) do
    local column = definition[name]
    if column and not column.default_now then
      step.set_silent(self, row, column, step.moment(column))
    end
  end
  local version = definition.version
  if version and not version.default and not version.default_sql then
    step.set_silent(self, row, version, 1)
  end
  return row
end

--- The same for changes; the version always counts on.
function step.stamp_changed(self, changes)
  local definition = self._definition
  if definition.updated and not definition.updated.on_update_now then
    step.set_silent(self, changes, definition.updated, step.moment(definition.updated))
  end
  if definition.version then
    changes[definition.row_key[definition.version.name]] = nil
    changes[definition.version.name] =
      native.coalesce(definition.table[definition.version.name], 0) + 1
  end
  return changes
end

---------------------------------------------------------------------------------------------------
-- One row by its key

--- The version that the caller knows of, taken out of what is set.
function step.expected_version(self, given, changes)
  local column = self._definition.version
  if not column then
    return nil
  end
  local name, row_key = column.name, self._definition.row_key[column.name]
  local own = changes and (changes[row_key] or changes[name])
  if own == nil and type(given) == "table" then
    own = given[row_key] or given[name]
  end
  if own ~= nil and math.type(own) ~= "integer" then
    check.fail("the version of a row of %s is an integer, got %s", self._definition.name,
      check.describe(own))
  end
  return own
end

--- The condition for the row that is meant: its key, and the scopes.
function step.target(self, values)
  local definition = self._definition
  local condition = key.condition(definition, values)
  if self:_is_scoped() then
    condition = condition & key.among(definition, self:query():where(condition))
  end
  return condition
end

--- Says why no row was written.
function step.refuse(self, values, expected)
  local definition = self._definition
  local row = expected and self:query():where(key.condition(definition, values)):one()
  if not row then
    return read.refuse_missing(definition, values)
  end
  local name = definition.version.name
  return native.raise("conflict",
    ("the row of %s with %s was changed by somebody else: version %d was expected, it is %s; read "
      .. "it again"):format(definition.name, key.say(definition, values), expected,
      tostring(row[definition.row_key[name]])),
    { table = definition.name, columns = { name } })
end

--- The handle that sees the rows which this repository is about.
function step.handle(self)
  return hidden.handle(self._handle, self._definition.table, self._deleted ~= nil)
end

--- Updates one row and returns it as it is then.
function step.update(self, values, changes, expected)
  local definition = self._definition
  local condition = step.target(self, values)
  if expected then
    condition = condition & definition.table[definition.version.name]:eq(expected)
  end
  if self._deleted == "only" then
    condition = condition & hidden.deleted(definition.table)
  end
  -- The row may leave what the handle shows, as by a soft delete: it is returned all the same.
  local row = step.handle(self):update(definition.table):set(changes):where(condition):returning()
    :one()
  return row or step.refuse(self, values, expected)
end

--- The row as it is, for hooks that want to know.
function step.get(self, values)
  local definition = self._definition
  return self:query():where(key.condition(definition, values)):one()
    or read.refuse_missing(definition, values)
end

--- Whether a table has nothing in it.
function step.is_empty(changes)
  return next(changes) == nil
end

--- update() inside a transaction, with hooks.
function step.update_with_hooks(self, values, changes, expected)
  local old = step.get(self, values)
  changes = step.call_hooks(self, "before_update", changes, old)
  local row = step.update(self, values, step.stamp_changed(self, changes), expected)
  return step.call_hooks(self, "after_update", row, old)
end

---------------------------------------------------------------------------------------------------
-- Many rows

--- The query over the rows that are meant; `true` means all of the repository.
function step.meant(self, conditions, method)
  if conditions == true then
    return self:query()
  end
  return read.needed(self, conditions, method)
end

--- Calls `body` with the key of each row that is meant. The keys are read before the first call.
function step.for_each_key(self, query, body)
  local definition, count = self._definition, 0
  local columns = {}
  for i, name in ipairs(definition.key) do
    columns[i] = definition.table[name]
  end
  for _, row in ipairs(query:select(table.unpack(columns)):all()) do
    local values = {}
    for i, name in ipairs(definition.key) do
      values[i] = row[definition.row_key[name]]
    end
    body(values)
    count = count + 1
  end
  return count
end

return step
