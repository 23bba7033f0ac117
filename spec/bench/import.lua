-- How fast examples/packages imports a package index, beside raw C that
-- inserts the same rows into the same tables:
--
--   dbscript spec/bench/import.lua [INDEX]
--
-- INDEX is a file in Debian's control format; without it, all that apt knows
-- is taken. Both write a fresh file a round, in turns; the medians count. The
-- import reads and parses its text meanwhile, C finds its rows ready made. On
-- a machine that has other work, compare the processor's seconds.
-- Needs a C compiler and the headers of SQLite.
local here = arg[0]:match "^(.*)/[^/]*$" or "."
package.path = here .. "/../../examples/packages/?.lua;" .. package.path

local d = require "dbcore"
local control = require "control"
local import = require "import"
local schema = require "schema"
local sources = require "sources"

local ROUNDS = 5

-- Files of this run, in a directory of their own.
local directory

local function shell(...)
  local command = string.format(...)
  if not os.execute(command) then
    error("this failed: " .. command, 0)
  end
end

local function output_of(...)
  local pipe <close> = io.popen(string.format(...))
  return pipe:read "a"
end

local function fresh(name)
  local path = directory .. "/" .. name
  for _, suffix in ipairs { "", "-wal", "-shm" } do
    os.remove(path .. suffix)
  end
  return path
end

-- Seconds that do not go backwards, to the hundredth.
local function clock()
  local file <close> = assert(io.open "/proc/uptime")
  return file:read "n"
end

-- Memory of this process in MiB: now ("VmRSS"), at most ("VmHWM").
local function memory(field)
  local file <close> = io.open "/proc/self/status"
  return file and tonumber(file:read("a"):match(field .. ":%s*(%d+)")) / 1024
end

---------------------------------------------------------------------------------------------------
-- The rows for C

local INSERTS = {
  {
    table_name = "packages",
    columns = {
      "name", "version", "section", "priority", "architecture", "summary", "homepage",
      "installed_size", "essential", "installed", "seen_at",
    },
    key = { "name" },
    rows = function(stanzas, names)
      return import.package_rows(stanzas, names, os.time())
    end,
  },
  {
    table_name = "dependencies",
    columns = { "package", "kind", "choice", "alternative", "target", "version" },
    key = { "package", "kind", "choice", "alternative" },
    rows = import.dependency_rows,
  },
  {
    table_name = "provides",
    columns = { "package", "name" },
    key = { "package", "name" },
    rows = import.provided_rows,
  },
}

-- The pragmas that decide about speed, as the connection has them. Checkpoints are not among
-- them: the library makes its own, C keeps those that SQLite makes by default.
local PRAGMAS = {
  "page_size", "journal_mode", "synchronous", "cache_size", "mmap_size", "temp_store",
  "foreign_keys", "recursive_triggers",
}

local function insert_sql(insert)
  local is_key, update, marks = {}, {}, {}
  for _, column in ipairs(insert.key) do
    is_key[column] = true
  end
  for i, column in ipairs(insert.columns) do
    marks[i] = "?"
    if not is_key[column] then
      update[#update + 1] = ("%s = excluded.%s"):format(column, column)
    end
  end
  return ("INSERT INTO %s (%s) VALUES (%s) ON CONFLICT (%s) DO %s"):format(
    insert.table_name, table.concat(insert.columns, ", "), table.concat(marks, ", "),
    table.concat(insert.key, ", "),
    #update == 0 and "NOTHING" or "UPDATE SET " .. table.concat(update, ", "))
end

local function pack_value(value)
  if value == nil then
    return "n"
  elseif type(value) == "string" then
    return string.pack("<c1s4", "t", value)
  elseif type(value) == "boolean" then
    value = value and 1 or 0
  end
  return string.pack("<c1i8", "i", value)
end

-- Everything a database needs before its first row, as SQL texts.
local function preparation()
  local db <close> = schema.open(fresh "empty.db")
  local texts = {}
  for _, name in ipairs(PRAGMAS) do
    local value = db:query("PRAGMA " .. name):value()
    if value then
      texts[#texts + 1] = ("PRAGMA %s = %s"):format(name, value)
    end
  end
  local objects = db:query [[
    SELECT sql FROM sqlite_schema
    WHERE sql IS NOT NULL AND NOT (type = 'table' AND name GLOB '*_text_*')
    ORDER BY rowid]]
  for object in objects:rows() do
    texts[#texts + 1] = object.sql
  end
  texts[#texts + 1] = "BEGIN IMMEDIATE"
  return texts
end

local function write_rows(path, index)
  local out <close> = assert(io.open(path, "wb"))
  for _, text in ipairs(preparation()) do
    out:write(string.pack("<c1s4", "X", text))
  end
  for _, insert in ipairs(INSERTS) do
    out:write(string.pack("<c1s4", "P", insert_sql(insert)))
  end
  local file <close> = assert(io.open(index, "rb"))
  for stanzas, names in import.read_batch, control.stanzas(file) do
    for number, insert in ipairs(INSERTS) do
      local head = string.pack("<c1BB", "R", number - 1, #insert.columns)
      for row in insert.rows(stanzas, names) do
        out:write(head)
        for _, column in ipairs(insert.columns) do
          out:write(pack_value(row[column]))
        end
      end
    end
  end
  out:write(string.pack("<c1s4", "X", "COMMIT"))
end

---------------------------------------------------------------------------------------------------
-- The two ways

local function import_with_dbcore(index, watch)
  local path = fresh "dbcore.db"
  local started, processor = clock(), os.clock()
  local db <close> = schema.open(path)
  local totals = import.run(db, sources.file(index), watch)
  local rows = totals.packages + totals.dependencies + totals.provides
  return rows, clock() - started, os.clock() - processor
end

local function import_with_c(program, rows)
  local text = output_of("'%s' '%s' '%s'", program, fresh "c.db", rows)
  local count, seconds, processor = text:match "^(%d+) (%S+) (%S+)"
  return assert(tonumber(count), "the C peer failed"), tonumber(seconds), tonumber(processor)
end

local function median(list)
  table.sort(list)
  return list[(#list + 1) // 2]
end

local function same_contents()
  local db <close> = d.open(directory .. "/dbcore.db")
  local other <close> = d.open(directory .. "/c.db")
  for _, insert in ipairs(INSERTS) do
    local sql = ("SELECT count(*) FROM %s"):format(insert.table_name)
    local ours, theirs = db:query(sql):value(), other:query(sql):value()
    if ours ~= theirs then
      error(("%s: %d rows here, %d in C"):format(insert.table_name, ours, theirs), 0)
    end
  end
end

local function run()
  local index = arg[1]
  if not index then
    index = directory .. "/index"
    shell("apt-cache dumpavail > '%s'", index)
  end
  local program, rows = directory .. "/import", directory .. "/rows"
  shell("cc -std=c11 -O2 '%s/import.c' -lsqlite3 -o '%s'", here, program)

  -- Memory first, in a process that has done nothing else yet.
  local early, batches = nil, 0
  local count = import_with_dbcore(index, function()
    batches = batches + 1
    if batches == 20 then
      early = memory "VmRSS"
    end
  end)
  local late, most = memory "VmRSS", memory "VmHWM"
  write_rows(rows, index)
  import_with_c(program, rows)
  same_contents()

  local ours, theirs, our_cpu, their_cpu = {}, {}, {}, {}
  for round = 1, ROUNDS do
    local _
    _, ours[round], our_cpu[round] = import_with_dbcore(index)
    _, theirs[round], their_cpu[round] = import_with_c(program, rows)
  end

  local function line(name, seconds, processor)
    print(("%-8s  %6.2f s  %8.0f rows/s  %6.2f s of the processor"):format(
      name, seconds, count / seconds, processor))
  end
  print(("rows      %d"):format(count))
  line("dbcore", median(ours), median(our_cpu))
  line("raw C", median(theirs), median(their_cpu))
  print(("ratio     %6.2f    %20.2f of the processor"):format(
    median(theirs) / median(ours), median(their_cpu) / median(our_cpu)))
  if early then
    print(("memory    %.1f MiB after 20 batches, %.1f at the end, %.1f at most"):format(
      early, late, most))
  end
end

directory = output_of("mktemp -d"):match "%S+"
local good, problem = pcall(run)
shell("rm -rf '%s'", directory)
if not good then
  io.stderr:write("error: ", tostring(problem), "\n")
  os.exit(1, true)
end
