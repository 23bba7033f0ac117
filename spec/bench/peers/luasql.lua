-- LuaSQL on the workloads it can do: lua5.4 luasql.lua WORKLOAD DATASET SCRATCH
-- It binds no values: each statement is text, and is prepared each time.
local w = require "workload"
local driver = require "luasql.sqlite3"

local name, dataset, scratch = ...
local environment = driver.sqlite3()

local function open(path)
  local db = environment:connect(path)
  for _, pragma in ipairs(w.PRAGMAS) do
    local cursor = db:execute(pragma)
    if type(cursor) == "userdata" then
      cursor:close()
    end
  end
  return db
end

local work = {}

function work.point()
  local db = open(dataset)
  w.measure("point", "text", w.READS, function()
    for i = 1, w.READS do
      local cursor = db:execute(("SELECT * FROM tickets WHERE id = %d"):format(w.key(i)))
      assert(cursor:fetch({}, "a").priority)
      cursor:close()
    end
  end)
end

local function scan(fetch_into)
  local db = open(dataset)
  return function()
    local cursor = db:execute("SELECT * FROM tickets")
    local rows, count = {}, 0
    local row = cursor:fetch({}, "a")
    while row do
      count = count + 1
      if fetch_into then
        rows[count] = row
      end
      row = cursor:fetch({}, "a")
    end
    cursor:close()
    assert(count == w.TICKETS and (#rows == 0 or #rows == count))
  end
end

function work.all()
  w.measure("all", "text", w.TICKETS, scan(true))
end

function work.iterate()
  w.measure("iterate", "text", w.TICKETS, scan(false))
end

function work.insert()
  local rows = w.rows(w.TICKETS)
  local text = "INSERT INTO items VALUES (%d, '%s', '%s', '%s', %d, %d, %.17g, %s)"
  w.measure("insert", "text", w.TICKETS, function(db)
    db:execute("BEGIN IMMEDIATE")
    for i = 1, #rows do
      local r = rows[i]
      local note = r.note and ("'%s'"):format(r.note) or "NULL"
      local sql = text:format(
        r.id, r.title, r.status, r.body, r.project_id, r.priority, r.score, note
      )
      assert(db:execute(sql))
    end
    db:execute("COMMIT")
  end, w.items(scratch, open, function(db, sql)
    db:execute(sql)
  end))
end

if work[name] then
  work[name]()
end
