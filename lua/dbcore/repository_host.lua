-- What a repository does around writes that do not start in Lua: those of a program in C on the
-- same connection. It is told of each row by the native part, which writes it.
local native = require("dbcore.native")
local check = require("dbcore.check")
local step = require("dbcore.repository_step")

local host = {}

-- The values of the key of a row, in the order of its columns.
local function key_of(definition, row)
  local values = {}
  for i, name in ipairs(definition.key) do
    values[i] = row[definition.row_key[name]]
  end
  return values
end

-- Whether the row is deleted softly.
local function is_hidden(definition, row)
  local column = definition.soft_delete
  local value = row[definition.row_key[column.name]]
  return value ~= nil and value ~= false
end

-- A row that was deleted softly is not there; an upsert brings it back.
local function before_update(repo, changes, old, how)
  local definition = repo._definition
  local column = definition.soft_delete
  if column and is_hidden(definition, old) then
    if not how then
      return false
    elseif how == "upsert" then
      step.set_silent(repo, changes, column, step.live(column))
    end
  end
  local expected = step.expected_version(repo, nil, changes)
  if expected ~= nil and expected ~= old[definition.row_key[definition.version.name]] then
    return step.refuse(repo, key_of(definition, old), expected)
  end
  return step.stamp_changed(repo, step.call_hooks(repo, "before_update", changes, old))
end

local function before_delete(repo, old, how)
  local column = repo._definition.soft_delete
  if column and not how and is_hidden(repo._definition, old) then
    return false
  end
  step.call_hooks(repo, "before_delete", check.copy(old))
  return column and step.stamp_changed(repo, { [column.name] = step.moment(column) }) or nil
end

-- kind, row, row as it was, "upsert" or "with_deleted" or nothing → the row to write; nothing
-- deletes for good; false leaves it alone
local function before(repo, kind, row, old, how)
  if kind == "insert" then
    return step.stamp_new(repo, step.call_hooks(repo, "before_create", row))
  elseif kind == "update" then
    return before_update(repo, row, old, how)
  end
  return before_delete(repo, old, how)
end

local function after(repo, kind, row, old)
  if kind == "insert" then
    step.call_hooks(repo, "after_create", row)
  elseif kind == "update" then
    step.call_hooks(repo, "after_update", row, old)
  else
    step.call_hooks(repo, "after_delete", old)
  end
end

--- From now on the repository stands around the writes to its table that do not start in Lua.
---@param handle dbcore.Conn
---@param repository dbcore.Repository
function host.hold(handle, repository)
  local repo = repository(handle)
  native.hook_writes(handle, repo._definition.table, function(kind, row, old, how)
    return before(repo, kind, row, old, how)
  end, function(kind, row, old)
    after(repo, kind, row, old)
  end)
end

--- Whether a value is what dbcore.repository() made.
---@param value any
---@return boolean
function host.is_repository(value)
  return type(value) == "table" and type(rawget(value, "_definition")) == "table"
end

return host
