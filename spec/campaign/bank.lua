-- The work of the bank: one process of it, or the audit at the end. See bank.
--
--   dbscript bank.lua create DATABASE MODE
--   dbscript bank.lua work   DATABASE MODE SECONDS NUMBER    moves money
--   dbscript bank.lua read   DATABASE MODE SECONDS NUMBER    counts it meanwhile
--   dbscript bank.lua audit  DATABASE MODE FIGURES...        FIGURES: what the others printed
--
-- Each prints one line of figures; what goes wrong is a line that begins with "wrong:".
local d = require("dbcore")
local clock = require("dbcore.native").clock

local ACCOUNTS, MONEY = 20, 1000 -- on each account at the start

local accounts = d.table("accounts", {
  d.integer "id" :primary_key(),
  d.integer "balance" :not_null() :range(0, nil),
  d.integer "moves" :not_null() :default(0),
})
local moves = d.table("moves", {
  d.integer "id" :primary_key(),
  d.integer "from_id" :not_null() :references("accounts.id"),
  d.integer "to_id" :not_null() :references("accounts.id"),
  d.integer "amount" :not_null(),
  d.integer "worker" :not_null(),
  d.index "moves_worker" :on("worker"),
})
local schema = d.schema { accounts, moves }

local MODES = {
  ["wal-full"] = { durability = "full" },
  ["wal-normal"] = { durability = "normal" },
  ["delete-full"] = { durability = "full", pragmas = { journal_mode = "delete" } },
}

local function open(path, mode)
  local options = assert(MODES[mode], "there is no such mode")
  options.schema = schema
  return d.open(path, options)
end

local function wrong(text, ...)
  print("wrong: " .. text:format(...))
end

local parts = {}

function parts.create(path, mode)
  local db <close> = open(path, mode)
  db:create(schema)
  local rows = {}
  for i = 1, ACCOUNTS do
    rows[i] = { balance = MONEY }
  end
  db:insert(accounts):values(rows):run()
end

-- Reads both accounts, looks whether there is enough, writes both. True when money was moved.
local function move(tx, from, to, amount, worker)
  local source = tx:from(accounts):where(accounts.id:eq(from)):single()
  local target = tx:from(accounts):where(accounts.id:eq(to)):single()
  if source.balance < amount then
    return false
  end
  tx:update(accounts):set { balance = source.balance - amount, moves = source.moves + 1 }
    :where(accounts.id:eq(from)):run()
  tx:update(accounts):set { balance = target.balance + amount, moves = target.moves + 1 }
    :where(accounts.id:eq(to)):run()
  tx:insert(moves):values { from_id = from, to_id = to, amount = amount, worker = worker }:run()
  return true
end

function parts.work(path, mode, seconds, worker)
  local db <close> = open(path, mode)
  local done, refused, calls, slowest, failed = 0, 0, 0, 0, 0
  local stop = clock() + seconds
  repeat
    local from = math.random(ACCOUNTS)
    local to = (from + math.random(ACCOUNTS - 1) - 1) % ACCOUNTS + 1
    local amount = math.random(MONEY // 4)
    local started = clock()
    local ok, moved = pcall(db.transaction, db, function(tx)
      calls = calls + 1
      return move(tx, from, to, amount, worker)
    end)
    slowest = math.max(slowest, clock() - started)
    if not ok then
      failed = failed + 1
      wrong("worker %d: %s: %s", worker, moved.code, moved)
    elseif moved then
      done = done + 1
    else
      refused = refused + 1
    end
  until clock() > stop
  local waits = db:stats().busy_retries
  print(("worker=%d done=%d refused=%d again=%d waits=%d failed=%d slowest=%.3f"):format(worker,
    done, refused, calls - done - refused, waits, failed, slowest))
end

-- Whoever reads sees one state, in which no money is under way.
function parts.read(path, mode, seconds, worker)
  local db <close> = open(path, mode)
  local seen, slowest = 0, 0
  local stop = clock() + seconds
  repeat
    local started = clock()
    local ok, why = pcall(db.transaction, db, function(tx)
      local sum = tx:from(accounts):select(d.sum(accounts.balance)):value()
      local count = tx:from(moves):count()
      local counted = tx:from(accounts):select(d.sum(accounts.moves)):value()
      if sum ~= ACCOUNTS * MONEY or counted ~= 2 * count then
        wrong("reader %d sees %d, and %d moves of %d", worker, sum, counted, 2 * count)
      end
    end, { mode = "read" })
    slowest = math.max(slowest, clock() - started)
    if not ok then
      wrong("reader %d: %s: %s", worker, why.code, why)
    end
    seen = seen + 1
  until clock() > stop
  print(("reader=%d states=%d read_slowest=%.3f"):format(worker, seen, slowest))
end

-- Every move that was reported is there, once, and the balances are what the moves say.
function parts.audit(path, mode, ...)
  local db <close> = open(path, mode)
  local sum = db:from(accounts):select(d.sum(accounts.balance)):value()
  if sum ~= ACCOUNTS * MONEY then
    wrong("there is %d, and there was %d", sum, ACCOUNTS * MONEY)
  end
  local moved = {}
  for i = 1, ACCOUNTS do
    moved[i] = { balance = MONEY, moves = 0 }
  end
  local by_worker = {}
  for row in db:from(moves):rows() do
    local from, to = moved[row.from_id], moved[row.to_id]
    from.balance, from.moves = from.balance - row.amount, from.moves + 1
    to.balance, to.moves = to.balance + row.amount, to.moves + 1
    by_worker[row.worker] = (by_worker[row.worker] or 0) + 1
  end
  for row in db:from(accounts):rows() do
    local expected = moved[row.id]
    if row.balance ~= expected.balance or row.moves ~= expected.moves then
      wrong("account %d has %d after %d moves, its moves say %d after %d", row.id, row.balance,
        row.moves, expected.balance, expected.moves)
    end
  end
  for _, line in ipairs { ... } do
    local worker, done = line:match("^worker=(%d+) done=(%d+) ")
    if worker and (by_worker[tonumber(worker)] or 0) ~= tonumber(done) then
      wrong("worker %s moved %s times, %s are there", worker, done, by_worker[tonumber(worker)])
    end
  end
  local sound, problems = db:integrity_check()
  if not sound then
    wrong("integrity_check: %s", problems[1])
  end
end

local part, path, mode = table.unpack(arg, 1, 3)
if part == "work" or part == "read" then
  parts[part](path, mode, tonumber(arg[4]), tonumber(arg[5]))
else
  parts[part](path, mode, table.unpack(arg, 4))
end
