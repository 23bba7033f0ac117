-- What the peers in Lua share: the dataset's rows, the look-up keys, the clock,
-- and how a result is printed (a line a repetition: workload, variant,
-- operations, seconds).
local floor = require "bench_floor"

-- Seconds that passed, or with CLOCK=cpu those of the processor.
local now = os.getenv("CLOCK") == "cpu" and os.clock or floor.now

local workload = {
  TICKETS = 100000,
  READS = 200000,
  BUILDS = 20000,
  LOADS = 20,
  COMMITS = 5000,
  BATCH = 1000,
  REPETITIONS = 3,
  KEYS = { "id", "title", "status", "body", "project_id", "priority", "score", "note" },
  ITEMS = "CREATE TABLE items (id INTEGER PRIMARY KEY, title TEXT NOT NULL, status TEXT NOT NULL, "
    .. "body TEXT NOT NULL, project_id INTEGER NOT NULL, priority INTEGER NOT NULL, "
    .. "score REAL NOT NULL, note TEXT)",
  PRAGMAS = {
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = NORMAL",
    "PRAGMA cache_size = -65536",
    "PRAGMA temp_store = MEMORY",
    "PRAGMA mmap_size = 268435456",
  },
}

--- The key of look-up `i`: scattered over the table, the same in every run.
function workload.key(i)
  return 1 + (i * 7919) % workload.TICKETS
end

--- The rows of the dataset, as raw.c makes them.
function workload.rows(count)
  local status = { [0] = "open", "closed", "in_progress", "blocked", "review" }
  local rows = {}
  for i = 1, count do
    rows[i] = {
      id = i,
      title = ("Ticket number %07d"):format(i),
      status = status[(i * 7) % 5],
      body = ("A ticket says in a sentence or two what is wrong and how to see it, mostly "
        .. "without hurry; number %07d"):format(i),
      project_id = 1 + (i * 7919) % 1000,
      priority = (i * 31) % 10,
      score = ((i * 48271) % 100003) / 7.0,
      note = i % 2 == 0 and ("note %d"):format(i) or nil,
    }
  end
  return rows
end

function workload.batches(rows)
  local batches = {}
  for i = 1, #rows, workload.BATCH do
    batches[#batches + 1] = table.move(rows, i, i + workload.BATCH - 1, 1, {})
  end
  return batches
end

--- Removes a database with its WAL.
function workload.remove(path)
  for _, suffix in ipairs({ "", "-wal", "-shm" }) do
    os.remove(path .. suffix)
  end
end

--- What stands around a workload that writes: two functions, one that makes a new database with
--- an empty table "items" at `path`, one that ends it. `open` opens a path, `run` runs a statement.
function workload.items(path, open, run)
  local function fresh()
    workload.remove(path)
    local db = open(path)
    run(db, workload.ITEMS)
    return db
  end
  local function close(db)
    db:close()
    workload.remove(path)
  end
  return fresh, close
end

--- One repetition that is not counted, then those that are. `before` and
--- `after` are not timed; what `before` returns is given to the others.
function workload.measure(name, variant, count, body, before, after)
  for i = 0, workload.REPETITIONS do
    local given = before and before()
    collectgarbage()
    local start = now()
    body(given)
    local seconds = now() - start
    if after then
      after(given)
    end
    if i > 0 then
      print(("%s\t%s\t%d\t%.9f"):format(name, variant, count, seconds))
    end
  end
end

return workload
