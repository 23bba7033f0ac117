-- Readers that stay while a writer goes on. See reader.
--
--   dbscript reader.lua DATABASE SECONDS MEBIBYTES
--   dbscript reader.lua agent DATABASE        a reader, told what to do through its input
--
-- The first form writes, and starts the second. It ends with a line of two numbers: how many
-- checks passed, and how many failed.
local d = require("dbcore")
local native = require("dbcore.native")
local tally = require("tally")

local check = tally.check

local rows = d.table("rows", {
  d.integer "id" :primary_key(),
  d.integer "version" :not_null(),
  d.text "body" :not_null(),
})
local schema = d.schema { rows }

local ROWS, ROWS_A_COMMIT = 1000, 20
local MIB = 1024 * 1024
local PAGE = 4096 + 24         -- in the log
local DUE = 1000               -- pages of log from which on a checkpoint is due
local LOG_LIMIT = 64 * MIB     -- of a log that nobody needs
local SLOWEST = 5              -- seconds a commit may take on a machine that is busy
local READERS, READ_FOR = 3, 0.15 -- seconds, longer than a commit waits at first

-- --------------------------------------------------------------------------------- the readers

local function state_of(handle)
  return handle:from(rows):select(d.sum(rows.version)):value()
end

local commands = {}

-- One state, for as long as it is held.
function commands.hold(db)
  local tx <close> = db:begin("read")
  local before = state_of(tx)
  print("held")
  assert(io.read() == "release")
  print(state_of(tx) == before and "same" or "changed")
end

-- States that overlap with those of the other readers, so that there is always one.
function commands.stay(db)
  print("staying")
  local left <close> = io.open(os.getenv("STOP"), "r")
  assert(not left)
  local seen = 0
  repeat
    local tx <close> = db:begin("read")
    local before = state_of(tx)
    native.sleep(READ_FOR)
    assert(state_of(tx) == before)
    seen = seen + 1
    local stop = io.open(os.getenv("STOP"), "r")
  until stop
  print(seen)
end

local function agent(path)
  local db <close> = d.open(path, { schema = schema, readonly = true })
  for line in io.lines() do
    commands[line](db)
  end
end

-- A process that is one. Its answers come through a named pipe.
local function start_agent(path, number)
  local pipe = ("%s.pipe%d"):format(path, number)
  assert(os.execute(("mkfifo '%s'"):format(pipe)))
  local to = assert(io.popen(("'%s' '%s' agent '%s' >'%s'"):format(os.getenv("DBSCRIPT"), arg[0],
    path, pipe), "w"))
  to:setvbuf("line")
  return { to = to, from = assert(io.open(pipe, "r")) }
end

local function tell(reader, line)
  assert(reader.to:write(line, "\n"))
end

local function hear(reader)
  return reader.from:read() or "nothing: it is gone"
end

-- ---------------------------------------------------------------------------------- the writer

local function log_size(path)
  local file <close> = io.open(path .. "-wal", "rb")
  return file and file:seek("end") or 0
end

-- Commits until `stop()`; the figures of it.
local function write_until(db, path, stop)
  local figures = { commits = 0, slowest = 0, longest = 0 }
  repeat
    local started = native.clock()
    local first = math.random(ROWS - ROWS_A_COMMIT)
    db:transaction(function(tx)
      tx:update(rows):set { version = rows.version + 1 }
        :where(rows.id:between(first, first + ROWS_A_COMMIT)):run()
    end)
    figures.commits = figures.commits + 1
    figures.slowest = math.max(figures.slowest, native.clock() - started)
    figures.longest = math.max(figures.longest, log_size(path))
  until stop(figures)
  return figures
end

local function show(title, figures)
  print(("%s: %d commits, slowest %.3f s, log at most %.1f MiB"):format(title, figures.commits,
    figures.slowest, figures.longest / MIB))
end

local function after(seconds)
  local deadline = native.clock() + seconds
  return function() return native.clock() > deadline end
end

-- A reader that does not move: the log grows, the writer goes on, and a checkpoint says why.
local function pinned(db, path, seconds, most)
  local impatient <close> = d.open(path, { schema = schema, busy_timeout = 50 })
  local reader = start_agent(path, 0)
  tell(reader, "hold")
  check("the reader holds a state", hear(reader) == "held")

  local late = after(seconds)
  local figures = write_until(db, path, function(so_far)
    return so_far.longest > most or (late() and so_far.longest > 3 * DUE * PAGE)
  end)
  show("a reader that stays", figures)
  local info = impatient:checkpoint("truncate")
  print(("   a checkpoint meanwhile: busy %s, %d pages in the log, %d of them copied"):format(
    info.busy, info.log_pages, info.done_pages))
  check("no commit waits long", figures.slowest < SLOWEST)
  check("the checkpoint says that it is not complete", info.busy)
  check("and how much waits", info.log_pages > 3 * DUE and info.done_pages < info.log_pages)

  tell(reader, "release")
  check("the reader has seen one state", hear(reader) == "same")
  reader.to:close()

  -- The next checkpoint comes when the log has grown by as much again as makes one due; the
  -- commit behind it begins the log anew and cuts it to its limit.
  local grown = log_size(path)
  local pages = 0
  write_until(db, path, function()
    pages = pages + ROWS_A_COMMIT
    return pages > 3 * DUE
  end)
  print(("   after it: log %.1f MiB, before %.1f MiB"):format(log_size(path) / MIB, grown / MIB))
  check("the log does not grow any more", log_size(path) <= grown + 2 * DUE * PAGE)
  check("the log is cut to its limit", log_size(path) <= LOG_LIMIT)
  local whole = db:checkpoint("truncate")
  check("a checkpoint is complete", not whole.busy)
  check("the log is empty", log_size(path) == 0)
end

-- Readers that come and go, one of them always there: the log stays small all the same.
local function steady(db, path, seconds)
  local readers = {}
  for i = 1, READERS do
    readers[i] = start_agent(path, i)
    tell(readers[i], "stay")
    check("a reader has begun", hear(readers[i]) == "staying")
  end

  local figures = write_until(db, path, after(seconds))
  show(("%d readers that overlap"):format(READERS), figures)
  assert(io.open(os.getenv("STOP"), "w")):close()
  for _, reader in ipairs(readers) do
    check("a reader saw whole states", tonumber(hear(reader)))
    reader.to:close()
  end
  check("no commit waits long", figures.slowest < SLOWEST)
  check("the log stays small", figures.longest < LOG_LIMIT)
  check("a checkpoint is complete", not db:checkpoint("truncate").busy)
end

local function main(path, seconds, mebibytes)
  local db <close> = d.open(path, { schema = schema })
  db:create(schema)
  local list = {}
  for i = 1, ROWS do
    list[i] = { version = 0, body = ("b"):rep(1500) }
  end
  db:insert(rows):values(list):run()

  pinned(db, path, seconds / 2, mebibytes * MIB)
  steady(db, path, seconds / 2)
  local sound, problems = db:integrity_check()
  check(problems[1] or "sound", sound)
  print(tally.figures())
end

if arg[1] == "agent" then
  io.stdout:setvbuf("line")
  agent(arg[2])
else
  main(arg[1], tonumber(arg[2]), tonumber(arg[3]))
end
