-- Work on a disk that is full, one scenario after the other. See full.
--
--   dbscript full.lua SMALL LARGE [COUNT]
--
-- SMALL is a folder on a file system of 1 MiB that is all ours, LARGE one with more room, COUNT
-- how many of the scenarios to run, from the first on.
--
-- Each begins with a database of which some is in the file, then eats what is left of the disk
-- but for a little. The work has to fail with "full" and leave everything as it was, on the same
-- connection; when there is room again the same work has to be done, without opening anew; and
-- whoever opens the file then finds just that.
local d = require("dbcore")

local small, large = arg[1], arg[2]
local path, copy = small .. "/app.db", small .. "/copy.db"
local filler, reserve = small .. "/filler", small .. "/reserve"

local items = d.table("items", {
  d.integer "id" :primary_key(),
  d.text "name" :unique(),
  d.text "body" :not_null(),
})
local schema = d.schema { items }

local KIB = 1024
local BASE_ROWS = 20 -- of four KiB

-- ------------------------------------------------------------------------------------ the disk

local function write_kib(name, count)
  local file = assert(io.open(name, "wb"))
  file:setvbuf("no")
  local block, written = ("x"):rep(KIB), 0
  while written < count and file:write(block) do
    written = written + 1
  end
  file:close()
  return written
end

local function fill_disk(room)
  assert(write_kib(reserve, room) == room, "the disk is too small")
  write_kib(filler, math.huge)
  assert(os.remove(reserve))
end

local function size_of(name)
  local file = io.open(name, "rb")
  if not file then
    return 0
  end
  local size = file:seek("end")
  file:close()
  return size
end

-- What lies in a folder, sorted.
local function names_in(folder)
  local names = {}
  local list <close> = assert(io.popen("ls -A '" .. folder .. "'"))
  for name in list:lines() do
    names[#names + 1] = name
  end
  return table.concat(names, " ")
end

local function empty_disk()
  os.execute("rm -f '" .. small .. "'/*")
end

-- ------------------------------------------------------------------------------------ the rows

local function body(i, kib)
  return ("%08d"):format(i) .. ("b"):rep((kib or 4) * KIB - 8)
end

local function rows(first, last, kib)
  local list = {}
  for i = first, last do
    list[#list + 1] = { id = i, name = "row " .. i, body = body(i, kib) }
  end
  return list
end

local function insert(handle, first, last, kib)
  handle:insert(items):values(rows(first, last, kib)):run()
end

-- All there is, in a line.
local function state_of(db)
  local row = db:query([[SELECT count(*) AS n, coalesce(sum(id), 0) AS ids,
    coalesce(sum(length(body)), 0) AS len, coalesce(max(substr(body, 9, 1)), '') AS letter,
    (SELECT group_concat(name) FROM sqlite_schema) AS schema FROM items]]):one()
  return ("%d rows, ids %d, %d bytes of %s, %s"):format(row.n, row.ids, row.len, row.letter,
    row.schema)
end

local function assert_sound(db)
  local sound, problems = db:integrity_check()
  assert(sound, problems[1])
end

local function assert_equal(expected, found, what)
  if expected ~= found then
    error(("%s: expected %s, found %s"):format(what, expected, found), 0)
  end
end

-- A refusal is the one we mean, and says so in one line.
local function assert_full(good, err)
  assert(not good, "it was done although the disk is full")
  assert_equal("full", type(err) == "table" and err.code or tostring(err), "the error's code")
  assert(not err.message:find("\n") and err.message:find("full"), err.message)
end

-- ------------------------------------------------------------------------------- the scenarios

local DELETE = { journal_mode = "delete" }
local scenarios = {}

local function scenario(name, fields)
  fields.name = name
  scenarios[#scenarios + 1] = fields
end

-- room: KiB that are left. prepare: before the disk is full. act: what is tried. after: a check
-- when it has been done. drops: the items are gone then.

scenario("a row that is larger than the room", {
  room = 40,
  act = function(db) insert(db, 100, 100, 200) end,
})

scenario("the commit of a large transaction", {
  room = 40,
  act = function(db)
    db:transaction(function(tx)
      for i = 100, 150 do
        insert(tx, i, i)
      end
    end)
  end,
})

scenario("a checkpoint", {
  room = 40,
  prepare = function(db) insert(db, 100, 160) end,
  act = function(db) db:checkpoint("truncate") end,
  after = function(db)
    assert_equal(0, size_of(path .. "-wal"), "the size of the log")
    assert_equal(false, not not db:checkpoint("full").busy, "busy")
  end,
})

scenario("many rows at once", {
  room = 40,
  act = function(db) insert(db, 100, 160) end,
})

scenario("a large transaction that does not fit into the cache", {
  room = 40,
  pragmas = { cache_size = 10 },
  act = function(db)
    db:transaction(function(tx)
      for i = 100, 150 do
        insert(tx, i, i)
      end
    end)
  end,
})

scenario("an update of every row", {
  room = 30,
  act = function(db) db:update(items):set { body = ("c"):rep(5000) }:everywhere():run() end,
})

scenario("a delete of every row", {
  room = 4,
  act = function(db) db:delete(items):everywhere():run() end,
})

scenario("a new index", {
  room = 20,
  act = function(db) db:exec("CREATE INDEX items_body ON items (body)") end,
})

scenario("a new table, filled from another", {
  room = 30,
  act = function(db) db:exec("CREATE TABLE twin AS SELECT * FROM items") end,
})

scenario("a dropped index", {
  room = 4,
  prepare = function(db)
    db:exec("CREATE INDEX items_body ON items (body)")
    db:checkpoint("truncate")
  end,
  act = function(db) db:exec("DROP INDEX items_body") end,
})

scenario("a backup", {
  room = 40,
  act = function(db) db:backup(copy) end,
  left = "app.db app.db-shm app.db-wal filler",
  after = function()
    local other <close> = d.open(copy, { schema = schema, readonly = true })
    assert_equal(BASE_ROWS, other:from(items):count(), "rows of the copy")
  end,
})

scenario("a backup over an older one", {
  room = 40,
  prepare = function(db)
    db:backup(copy)
    insert(db, 100, 120)
  end,
  act = function(db) db:backup(copy) end,
  left = "app.db app.db-shm app.db-wal copy.db filler",
  meanwhile = function()
    local other <close> = d.open(copy, { schema = schema, readonly = true })
    assert_equal(BASE_ROWS, other:from(items):count(), "rows of the older copy")
  end,
})

scenario("a restore of something larger", {
  room = 40,
  prepare = function()
    local name = large .. "/larger.db"
    os.remove(name)
    local other <close> = d.open(name, { schema = schema })
    other:create(schema)
    insert(other, 1, 70)
  end,
  act = function(db) db:restore(large .. "/larger.db") end,
  after = function(db) assert_equal(70, db:from(items):count(), "rows") end,
})

scenario("a vacuum", {
  room = 20,
  prepare = function(db)
    insert(db, 100, 120)
    db:delete(items):where(items.id:lt(110)):run()
    db:checkpoint("truncate")
  end,
  act = function(db) db:vacuum() end,
})

scenario("a savepoint whose failure takes the whole with it", {
  room = 40,
  pragmas = { cache_size = 10 },
  act = function(db)
    db:transaction(function(tx)
      insert(tx, 100, 101)
      tx:transaction(function(inner) insert(inner, 110, 160) end)
    end)
  end,
})

-- What is written after the failure must not stand alone.
scenario("a savepoint whose failure somebody hides", {
  room = 40,
  pragmas = { cache_size = 10 },
  act = function(db)
    local hidden
    local good, err = pcall(db.transaction, db, function(tx)
      insert(tx, 100, 101)
      local done, why = pcall(tx.transaction, tx, function(inner) insert(inner, 110, 160) end)
      hidden = not done and why or nil
      insert(tx, 170, 170)
    end)
    if hidden then
      assert(hidden.rolled_back, "the failure does not say that all is gone")
      assert(not good and err.code == "closed", "the rest was committed")
    end
    if not good then
      error(hidden or err, 0)
    end
  end,
})

scenario("rows that are returned while they are written", {
  room = 30,
  act = function(db)
    db:insert(items):values(rows(100, 140)):on_conflict("id"):ignore():returning(items.id):list()
  end,
})

scenario("a journal: a row that is larger than the room", {
  room = 40,
  pragmas = DELETE,
  act = function(db) insert(db, 100, 100, 200) end,
})

scenario("a journal: the commit of a large transaction", {
  room = 40,
  pragmas = DELETE,
  act = function(db) insert(db, 100, 150) end,
})

scenario("a journal: an update of every row", {
  room = 30,
  pragmas = DELETE,
  act = function(db) db:update(items):set { body = ("c"):rep(5000) }:everywhere():run() end,
})

scenario("a journal: a vacuum", {
  room = 20,
  pragmas = DELETE,
  prepare = function(db) db:delete(items):where(items.id:lt(10)):run() end,
  act = function(db) db:vacuum() end,
})

scenario("a database that may not grow", {
  room = 500,
  pragmas = { max_page_count = 60 },
  act = function(db) insert(db, 100, 160) end,
  make_room = function(db) db:exec("PRAGMA max_page_count = 1000") end,
})

-- ------------------------------------------------------------------------------------ running

local function open_small(options)
  return d.open(path, { schema = schema, pragmas = options and options.pragmas })
end

local function set_up(what)
  empty_disk()
  local db = open_small(what)
  db:create(schema)
  insert(db, 1, BASE_ROWS)
  db:checkpoint("truncate")
  if what.prepare then
    what.prepare(db)
  end
  return db
end

local function play(what)
  local db <close> = set_up(what)
  local before = state_of(db)
  fill_disk(what.room)

  assert_full(pcall(what.act, db))
  assert_equal(before, state_of(db), "what is there on the full disk")
  assert_equal(false, db:in_transaction(), "in a transaction")
  if what.left then
    assert_equal(what.left, names_in(small), "files on the full disk")
  end
  if what.meanwhile then
    what.meanwhile()
  end
  assert_full(pcall(what.act, db)) -- a second time is like the first

  assert(os.remove(filler))
  if what.make_room then
    what.make_room(db)
  end
  what.act(db)
  if what.after then
    what.after(db)
  end
  assert_sound(db)
  local done = state_of(db)
  db:close()

  local again <close> = open_small(what)
  assert_equal(done, state_of(again), "what is there in the end")
  assert_sound(again)
end

-- Those that do not fail as a whole.

local function rows_until_full()
  local db <close> = set_up {}
  fill_disk(100)
  local count = 0
  local good, err
  repeat
    good, err = pcall(insert, db, 100 + count, 100 + count, 1)
    count = good and count + 1 or count
  until not good
  assert_full(good, err)
  assert(count > 3, "there was room for some")
  assert_equal(BASE_ROWS + count, db:from(items):count(), "rows that were acknowledged")
  assert(os.remove(filler))
  insert(db, 500, 500)
  db:close()
  local again <close> = open_small()
  assert_equal(BASE_ROWS + count + 1, again:from(items):count(), "rows")
  assert_sound(again)
end

-- The log takes the commit, but the file cannot take the log: no failure, the rows wait.
local function log_that_cannot_be_copied()
  local db <close> = set_up { pragmas = { wal_autocheckpoint = 4 } }
  local size = size_of(path)
  fill_disk(100)
  insert(db, 100, 109)
  assert_equal(BASE_ROWS + 10, db:from(items):count(), "rows")
  assert_full(pcall(db.checkpoint, db, "full"))
  assert(os.remove(filler))
  insert(db, 110, 111)
  insert(db, 112, 112)
  assert(size_of(path) >= size + 12 * 4 * KIB, "the log has not been copied")
  assert_sound(db)
  db:close()
  local again <close> = open_small()
  assert_equal(BASE_ROWS + 13, again:from(items):count(), "rows")
  assert_sound(again)
end

-- There is not even room for a log.
local function open_on_full_disk()
  set_up({}):close()
  fill_disk(0)
  local good, err = pcall(function()
    local db <close> = open_small()
    return db:from(items):count()
  end)
  if good then
    assert_equal(BASE_ROWS, err, "rows")
  else
    assert_full(good, err)
  end
  assert(os.remove(filler))
  local db <close> = open_small()
  insert(db, 100, 100)
  assert_equal(BASE_ROWS + 1, db:from(items):count(), "rows")
  assert_sound(db)
end

local function create_on_full_disk()
  empty_disk()
  fill_disk(0)
  assert_full(pcall(function()
    local db <close> = open_small()
    db:create(schema)
  end))
  assert(os.remove(filler))
  local db <close> = open_small()
  db:create(schema)
  insert(db, 1, 3)
  assert_equal(3, db:from(items):count(), "rows")
end

scenario("a row after the other, until nothing fits", { run = rows_until_full })
scenario("a log that cannot be copied back", { run = log_that_cannot_be_copied })
scenario("opening a database", { run = open_on_full_disk })
scenario("creating a database", { run = create_on_full_disk })

local runs = 0

-- With the room it has in the table, and with less and less.
local function sweep(what)
  if what.run then
    runs = runs + 1
    return what.run()
  end
  local most = what.room
  for room = most, 0, -4 do
    what.room = room
    local good, err = pcall(play, what)
    if not good then
      error(("with %d KiB of room: %s"):format(room, err), 0)
    end
    runs = runs + 1
  end
end

local passed, failed = 0, 0
for i = 1, math.min(#scenarios, tonumber(arg[3]) or #scenarios) do
  local what = scenarios[i]
  local good, err = pcall(sweep, what)
  if good then
    passed = passed + 1
  else
    failed = failed + 1
    print(("   %s: %s"):format(what.name, err))
  end
end
empty_disk()
print(("%d scenarios on %d full disks"):format(passed + failed, runs))
print(("%d %d"):format(passed, failed))
