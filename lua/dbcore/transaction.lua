-- Transactions around a function: commit when it returns, roll back when it raises, start again
-- when another connection was in the way.
local native = require("dbcore.native")
local check = require("dbcore.check")

local Conn, Txn = native.methods("conn"), native.methods("txn")
local commit_now, rollback_now = Txn.commit, Txn.rollback
local clock, sleep, call_whole = native.clock, native.sleep, native.call_whole

local MODES = { "deferred", "exclusive", "immediate", "read" }
local OPTIONS = { mode = MODES, retries = "integer", timeout = "number" }

local TIMEOUT = 10 -- seconds in which a busy transaction is tried again
local FIRST_WAIT, LONGEST_WAIT = 0.001, 0.1 -- seconds

local transaction = {}

-- Transactions whose end belongs to a running function: handle → what it left early with, packed,
-- or false.
local managed = setmetatable({}, { __mode = "k" })

-- What tx:rollback() raises to get out of the function.
local LEAVE = setmetatable({}, {
  __name = "dbcore.leave",
  __tostring = function()
    return "the transaction was rolled back by tx:rollback()"
  end,
})

-- Waits a little longer each time, and never equally long as another process. False when the
-- deadline would pass meanwhile.
local function wait(tries, deadline)
  local longest = math.min(FIRST_WAIT * 2 ^ tries, LONGEST_WAIT)
  local seconds = longest * (0.5 + math.random() / 2)
  if clock() + seconds > deadline then
    return false
  end
  sleep(seconds)
  return true
end

local function is_busy(err)
  return type(err) == "table" and rawget(err, "code") == "busy"
end

-- Commits; when only a reader is in the way, the commit alone is tried again.
local function commit(tx, deadline)
  local tries = 0
  while true do
    local good, err = pcall(commit_now, tx)
    if good then
      return
    end
    tries = tries + 1
    if not is_busy(err) or not tx:is_open() or not wait(tries, deadline) then
      error(err, 0)
    end
  end
end

-- What to do when the function has come back: `good` and what it returned, or its error.
local function conclude(tx, deadline, good, ...)
  local left = managed[tx]
  managed[tx] = nil
  if left and (good or ... == LEAVE) then
    return table.unpack(left, 1, left.n)
  elseif good then
    commit(tx, deadline)
    return ...
  end
  if tx:is_open() then
    pcall(rollback_now, tx) -- what went wrong first is what the caller has to know
  end
  return error((...), 0)
end

-- One try: begins, calls, and ends the transaction in every case.
local function attempt(handle, body, mode, deadline)
  local tx <close> = handle:begin(mode)
  managed[tx] = false
  return conclude(tx, deadline, call_whole(body, tx))
end

-- The results of a try, or those of the next one, if there may be one.
local function repeated(handle, body, how, tries, good, ...)
  if good then
    return ...
  elseif not is_busy(...) or tries >= how.retries or not wait(tries + 1, how.deadline) then
    return error((...), 0)
  end
  return repeated(handle, body, how, tries + 1,
    pcall(attempt, handle, body, how.mode, how.deadline))
end

--- Calls `body` with a transaction. Commits when it returns, and returns what it returned; rolls
--- back when it raises, and raises the same error. `tx:rollback(...)` leaves early: it rolls
--- back, and its values are returned. Inside another transaction it is a savepoint; then mode,
--- retries and timeout are those of the outer one.
---
--- When another connection is in the way (`busy`) everything is rolled back and `body` called
--- again after a short, growing wait, so it should change nothing but the database.
---@param handle dbcore.Conn|dbcore.Tx
---@param body fun(tx: dbcore.Tx): ...
---@param options? { mode: string, retries: integer, timeout: number } mode: "immediate"
--- (default), "deferred", "exclusive", "read"; retries: at most so many (default: as time
--- permits); timeout: no retry later than so many seconds after the start (10)
---@return any ...
function transaction.run(handle, body, options)
  check.handle(handle, "transaction")
  check.kind(body, "function", "transaction()")
  local given = check.options(options, OPTIONS, "transaction()")
  local retries, timeout = given.retries or math.huge, given.timeout or TIMEOUT
  if retries < 0 or timeout < 0 or timeout ~= timeout then
    check.fail("retries and timeout of transaction() cannot be negative")
  end
  local deadline = clock() + timeout
  if handle:in_transaction() then
    return attempt(handle, body, nil, deadline)
  end
  return repeated(handle, body, { mode = given.mode, retries = retries, deadline = deadline }, 0,
    pcall(attempt, handle, body, given.mode, deadline))
end

Conn.transaction = transaction.run
Txn.transaction = transaction.run

--- Rolls back. In the function of transaction() it also leaves the function, and transaction()
--- returns the values.
---@param ... any
function Txn:rollback(...)
  if managed[self] == nil then
    if select("#", ...) > 0 then
      check.fail("rollback() takes values only inside the function of transaction()")
    end
    return rollback_now(self)
  end
  rollback_now(self)
  managed[self] = table.pack(...)
  return error(LEAVE, 0)
end

--- Commits. Not for the function of transaction(), which commits by returning.
function Txn:commit()
  if managed[self] ~= nil then
    check.fail("a transaction commits when its function returns; take out commit()")
  end
  return commit_now(self)
end

return transaction
