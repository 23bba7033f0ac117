-- Soft deletes: which tables have them, and handles that do not see what is deleted. Such a handle
-- leaves deleted rows out of everything that is asked through it, whatever the query is made of:
-- joins, subqueries, relations, counts.
local native = require("dbcore.native")
local check = require("dbcore.check")
local policy = require("dbcore.policy")

local hidden = {}

-- Descriptor → { live =, deleted = } conditions.
local known = setmetatable({}, { __mode = "k" })
local version = 0 -- changes with `known`

-- Handle → { version =, [descriptor or false] = handle }.
local handles = setmetatable({}, { __mode = "k" })

local CLOCKS = { timestamp = true, timestamp_ms = true, datetime = true, date = true }

--- Checks that a column can tell what is deleted, and makes it do so wherever a repository reads.
---@param descriptor dbcore.Table
---@param column table its description
---@param what string
function hidden.declare(descriptor, column, what)
  local expr = descriptor[column.name]
  local conditions
  if CLOCKS[column.type] and not column.not_null then
    conditions = { live = expr:is_null(), deleted = expr:is_not_null() }
  elseif column.type == "boolean" then
    conditions = { live = native.coalesce(expr, false):eq(false), deleted = expr:eq(true) }
  else
    check.fail("%s names %s, which is %s%s; it is a timestamp, timestamp_ms, datetime or date that "
      .. "may be null, or a boolean", what, check.quote(column.name), column.type,
      column.not_null and " and never null" or "")
  end
  known[descriptor] = conditions
  version = version + 1
end

-- The tables of a connection that have soft deletes, `own` among them, in an order that stays.
local function tables_of(handle, own, except)
  local list, seen = {}, {}
  for _, descriptor in pairs(handle:schema() or {}) do
    if known[descriptor] and descriptor ~= except then
      list[#list + 1] = { table = descriptor, condition = known[descriptor].live }
      seen[descriptor] = true
    end
  end
  if known[own] and own ~= except and not seen[own] then
    list[#list + 1] = { table = own, condition = known[own].live }
  end
  return list
end

--- The handle through which a repository of `own` reads: it does not see deleted rows, but those of
--- `own` when `with_own` says so.
---@param handle dbcore.Conn|dbcore.Tx
---@param own dbcore.Table
---@param with_own boolean
---@return dbcore.Conn|dbcore.Tx
function hidden.handle(handle, own, with_own)
  local kept = handles[handle]
  if not kept or kept.version ~= version then
    kept = { version = version, own = setmetatable({}, { __mode = "k" }),
      with = setmetatable({}, { __mode = "k" }) }
    handles[handle] = kept
  end
  local by_table = with_own and kept.with or kept.own
  if not by_table[own] then
    local list = tables_of(handle, own, with_own and own or nil)
    by_table[own] = list[1] and policy.filtered(handle, list) or handle
  end
  return by_table[own]
end

--- The condition that a row of the table is deleted.
---@param descriptor dbcore.Table
---@return dbcore.Expr
function hidden.deleted(descriptor)
  return known[descriptor].deleted
end

return hidden
