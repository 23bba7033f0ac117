-- LuaDBI on the workloads it can do: lua5.4 luadbi.lua WORKLOAD DATASET SCRATCH
local DBI = require "DBI"
local w = require "workload"

local name, dataset, scratch = ...
local INSERT = "INSERT INTO items VALUES (?, ?, ?, ?, ?, ?, ?, ?)"

local function run(db, sql)
  local stmt = assert(db:prepare(sql))
  assert(stmt:execute())
  stmt:close()
end

local function open(path)
  local db = assert(DBI.Connect("SQLite3", path))
  db:autocommit(true)
  for _, pragma in ipairs(w.PRAGMAS) do
    run(db, pragma)
  end
  return db
end

local work = {}

function work.point()
  local db = open(dataset)
  local stmt = assert(db:prepare("SELECT * FROM tickets WHERE id = ?"))
  w.measure("point", "kept statement", w.READS, function()
    for i = 1, w.READS do
      stmt:execute(w.key(i))
      assert(stmt:fetch(true).priority)
    end
  end)
end

local function scan(keep)
  local db = open(dataset)
  local stmt = assert(db:prepare("SELECT * FROM tickets"))
  return function()
    local rows, count = {}, 0
    assert(db:ping()) -- a connection that nobody refers to is collected
    stmt:execute()
    for row in stmt:rows(true) do
      count = count + 1
      if keep then
        -- It fills one table over and over: a list needs copies.
        local copy = {}
        for key, value in pairs(row) do
          copy[key] = value
        end
        rows[count] = copy
      end
    end
    assert(count == w.TICKETS and (#rows == 0 or #rows == count))
  end
end

function work.all()
  w.measure("all", "kept statement", w.TICKETS, scan(true))
end

function work.iterate()
  w.measure("iterate", "one table", w.TICKETS, scan(false))
end

function work.insert()
  local rows = w.rows(w.TICKETS)
  w.measure("insert", "kept statement", w.TICKETS, function(db)
    local stmt = assert(db:prepare(INSERT))
    run(db, "BEGIN IMMEDIATE")
    for i = 1, #rows do
      local r = rows[i]
      stmt:execute(r.id, r.title, r.status, r.body, r.project_id, r.priority, r.score, r.note)
    end
    run(db, "COMMIT")
    stmt:close()
  end, w.items(scratch, open, run))
end

if work[name] then
  work[name]()
end
