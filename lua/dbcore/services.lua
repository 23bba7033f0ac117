-- Services of a connection that are a statement or two: optimize, vacuum, integrity_check. What
-- only the engine can do (backup, checkpoint, functions) comes from the native part.
local native = require("dbcore.native")
local check = require("dbcore.check")

local services = {}

--- Brings the planner's statistics up to date, where it pays. Cheap; good before closing.
function services.optimize(handle)
  check.handle(handle, "optimize")
  handle:exec("PRAGMA optimize")
end

--- Rewrites the file without the room that deleted rows left. It needs as much free disk as the
--- database has, and locks it meanwhile.
function services.vacuum(handle)
  check.handle(handle, "vacuum")
  if handle:in_transaction() then
    check.fail("vacuum() cannot run inside a transaction; end it first")
  end
  handle:exec("VACUUM")
end

local MOST_PROBLEMS = 100

--- Reads the whole file and checks it, indexes and foreign keys included.
---@return boolean sound
---@return string[] problems a line each, the first hundred; empty when the file is sound
function services.integrity_check(handle)
  check.handle(handle, "integrity_check")
  local sql = ("PRAGMA integrity_check(%d)"):format(MOST_PROBLEMS)
  local problems = handle:query(sql):list()
  if #problems == 1 and problems[1] == "ok" then
    problems = {}
  end
  for row in handle:query('SELECT "table" AS name, rowid, parent FROM pragma_foreign_key_check '
    .. "LIMIT ?", MOST_PROBLEMS) do
    problems[#problems + 1] = ("row %s of %s points to a row of %s that is not there"):format(
      row.rowid or "(without rowid)", check.quote(row.name), check.quote(row.parent))
  end
  return #problems == 0, problems
end

-- Puts the limit back that was there before.
local Limit_mt = {
  __name = "dbcore.limit",
  __close = function(limit)
    if limit.handle:is_open() then
      limit.handle:set_timeout(limit.before)
    end
  end,
}

--- Calls `body(...)`; each statement it runs fails with `timeout` when it takes longer than
--- `seconds`. The limit that was set before holds again afterwards, whatever happens.
---@param seconds number more than 0
---@param body fun(...): ... may not yield the handle to other code
---@return any ... what `body` returns
function services.with_timeout(handle, seconds, body, ...)
  check.handle(handle, "with_timeout")
  check.kind(body, "function", "with_timeout")
  local _ <close> =
    setmetatable({ handle = handle, before = handle:set_timeout(seconds) }, Limit_mt)
  return body(...)
end

for _, kind in ipairs({ "conn", "txn" }) do
  local methods = native.methods(kind)
  methods.optimize = services.optimize
  methods.vacuum = services.vacuum
  methods.integrity_check = services.integrity_check
  methods.with_timeout = services.with_timeout
end

return services
