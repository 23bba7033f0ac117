-- The hand-written binding on each workload: lua5.4 floor.lua WORKLOAD DATASET SCRATCH
local floor = require "bench_floor"
local w = require "workload"

local name, dataset, scratch = ...
local INSERT = "INSERT INTO items VALUES (?, ?, ?, ?, ?, ?, ?, ?)"

local function open(path)
  local db = floor.open(path)
  for _, pragma in ipairs(w.PRAGMAS) do
    db:exec(pragma)
  end
  return db
end

local fresh, close = w.items(scratch, open, function(db, sql)
  db:exec(sql)
end)

local work = {}

function work.point()
  local get = open(dataset):prepare("SELECT * FROM tickets WHERE id = ?"):getter()
  w.measure("point", "kept statement", w.READS, function()
    for i = 1, w.READS do
      assert(get(w.key(i)).priority)
    end
  end)
end

function work.all()
  local stmt = open(dataset):prepare("SELECT * FROM tickets")
  w.measure("all", "kept statement", w.TICKETS, function()
    assert(#stmt:all() == w.TICKETS)
  end)
end

function work.iterate()
  local stmt = open(dataset):prepare("SELECT * FROM tickets")
  w.measure("iterate", "kept statement", w.TICKETS, function()
    local sum = 0
    for row in stmt:rows() do
      sum = sum + row.priority
    end
    assert(sum > 0)
  end)
end

function work.deep()
  local db = open(dataset)
  local authors = db:prepare("SELECT id, name, email FROM authors")
  local posts = db:prepare("SELECT id, author_id, title, body FROM posts WHERE author_id IN "
    .. "(SELECT value FROM json_each(?)) ORDER BY author_id, id")
  local comments = db:prepare("SELECT id, post_id, author, body FROM comments WHERE post_id IN "
    .. "(SELECT value FROM json_each(?)) ORDER BY post_id, id")
  w.measure("deep", "kept statements, merged", w.LOADS, function()
    for _ = 1, w.LOADS do
      collectgarbage("stop")
      local rows = authors:all()
      collectgarbage("stop")
      comments:level(posts:level(rows, "posts"), "comments")
      collectgarbage("restart")
      assert(#rows == 100 and #rows[100].posts == 20 and #rows[100].posts[20].comments == 5)
    end
  end)
end

function work.insert()
  local rows = w.rows(w.TICKETS)
  w.measure("insert", "kept statement", w.TICKETS, function(db)
    local stmt = db:prepare(INSERT)
    local put = stmt:putter(w.KEYS)
    db:exec("BEGIN IMMEDIATE")
    for i = 1, #rows do
      put(rows[i])
    end
    db:exec("COMMIT")
    stmt:close()
  end, fresh, close)
end

function work.bulk()
  local batches = w.batches(w.rows(w.TICKETS))
  local function run(sql, returning)
    return function(db)
      local stmt = db:prepare(sql)
      db:exec("BEGIN IMMEDIATE")
      for i = 1, #batches do
        local rows = stmt:many(batches[i], w.KEYS, returning)
        assert(not returning or #rows == w.BATCH)
      end
      db:exec("COMMIT")
      stmt:close()
    end
  end
  w.measure("bulk", "1000 rows a call", w.TICKETS, run(INSERT, false), fresh, close)
  local returning = run(INSERT .. " RETURNING *", true)
  w.measure("bulk", "1000 rows a call, returning", w.TICKETS, returning, fresh, close)
end

function work.commit()
  local rows = w.rows(w.COMMITS)
  w.measure("commit", "kept statement", w.COMMITS, function(db)
    local stmt = db:prepare(INSERT)
    local put = stmt:putter(w.KEYS)
    for i = 1, #rows do
      put(rows[i])
    end
    stmt:close()
  end, fresh, close)
end

function work.update()
  w.measure("update", "kept statement", w.TICKETS, function(db)
    local stmt = db:prepare("UPDATE items SET priority = ?, score = ? WHERE id = ?")
    local run = stmt:runner()
    db:exec("BEGIN IMMEDIATE")
    for i = 1, w.TICKETS do
      run(i % 10, i / 3, w.key(i))
    end
    db:exec("COMMIT")
    stmt:close()
  end, function()
    local db = fresh()
    local stmt = db:prepare(INSERT)
    db:exec("BEGIN IMMEDIATE")
    stmt:many(w.rows(w.TICKETS), w.KEYS)
    db:exec("COMMIT")
    stmt:close()
    return db
  end, close)
end

if work[name] then
  work[name]()
end
