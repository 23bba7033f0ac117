-- Backups of a database that another process writes to. See backup.
--
--   dbscript backup.lua DATABASE COPIES ROWS
--   dbscript backup.lua writer DATABASE        commits until the file $STOP is there
--
-- The first form ends with a line of two numbers: how many checks passed, and how many failed.
local d = require("dbcore")
local native = require("dbcore.native")
local tally = require("tally")

local check = tally.check

-- Each commit adds one to both counters and to the log of them: a copy of one moment has the
-- same number three times.
local counters = d.table("counters", {
  d.text "name" :primary_key(),
  d.integer "n" :not_null(),
})
local ticks = d.table("ticks", { d.integer "n" :primary_key() })
local ballast = d.table("ballast", {
  d.integer "id" :primary_key(),
  d.integer "n" :not_null(),
  d.text "body" :not_null(),
})
local schema = d.schema { counters, ticks, ballast }

local BODY = ("b"):rep(1000)

local function exists(path)
  local file = io.open(path, "r")
  if file then
    file:close()
  end
  return file ~= nil
end

local function write_on(path)
  local db <close> = d.open(path, { schema = schema })
  local rows = db:from(ballast):count()
  local commits = 0
  print("writing")
  io.stdout:flush()
  repeat
    db:transaction(function(tx)
      tx:update(counters):set { n = counters.n + 1 }:where(counters.name:eq("first")):run()
      local n = tx:from(counters):where(counters.name:eq("first")):select(counters.n):value()
      tx:insert(ticks):values { n = n }:run()
      tx:update(ballast):set { n = n }:where(ballast.id:eq(math.random(rows))):run()
      tx:update(counters):set { n = n }:where(counters.name:eq("second")):run()
    end)
    commits = commits + 1
  until exists(os.getenv("STOP"))
  print(commits)
end

local function create(path, rows)
  local db = d.open(path, { schema = schema })
  db:create(schema)
  db:insert(counters):values { { name = "first", n = 0 }, { name = "second", n = 0 } }:run()
  local id = 0
  db:insert(ballast):values(function()
    id = id + 1
    return id <= rows and { id = id, n = 0, body = BODY } or nil
  end):run()
  return db
end

local function time_backup(db, copy)
  local started = native.clock()
  db:backup(copy)
  return native.clock() - started
end

local function median(list)
  table.sort(list)
  return list[(#list + 1) // 2]
end

-- The moment a copy shows.
local function inspect(copy)
  local db <close> = d.open(copy, { schema = schema, readonly = true })
  local first = db:from(counters):where(counters.name:eq("first")):select(counters.n):value()
  local second = db:from(counters):where(counters.name:eq("second")):select(counters.n):value()
  local sound, problems = db:integrity_check()
  check("a copy that is not sound: " .. tostring(problems[1]), sound)
  check(("a copy of two moments: %d and %d"):format(first, second), first == second)
  check("a copy without its log", db:from(ticks):count() == first)
  return first
end

local function main(path, copies, rows)
  local db <close> = create(path, rows)
  local copy = path .. ".copy"
  local idle, busy = {}, {}
  for i = 1, 3 do
    idle[i] = time_backup(db, copy)
  end

  local pipe <close> = assert(io.popen(("'%s' '%s' writer '%s'"):format(os.getenv("DBSCRIPT"),
    arg[0], path), "r"))
  assert(pipe:read() == "writing")
  local last = 0
  for i = 1, copies do
    busy[i] = time_backup(db, copy)
    local moment = inspect(copy)
    check("a copy older than the one before", moment >= last)
    last = moment
  end
  assert(io.open(os.getenv("STOP"), "w")):close()
  local commits = tonumber(pipe:read())
  check("the writer went on", commits and commits >= last and commits > 0)
  print(("%d copies of %.1f MiB beside %s commits: %.3f s, nobody writing %.3f s (medians)")
    :format(copies, rows * #BODY / 2 ^ 20, commits, median(busy), median(idle)))
  print(tally.figures())
end

if arg[1] == "writer" then
  write_on(arg[2])
else
  main(arg[1], math.tointeger(arg[2]), math.tointeger(arg[3]))
end
