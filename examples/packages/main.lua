-- What is installed on this machine, what does it need, and what would break?
-- Loads the package indexes of dpkg and apt into a database and answers.
local here = arg[0]:match("^(.*)/[^/]*$") or "."
package.path = here .. "/?.lua;" .. package.path

local import = require "import"
local questions = require "questions"
local report = require "report"
local schema = require "schema"
local sources = require "sources"

local USAGE = [[
usage: dbscript main.lua [OPTION…] [PACKAGE]

Loads this machine's package index into a database and answers questions about
it; with PACKAGE also what that one pulls in and who would break without it.

  --database FILE   the database to write (packages.db)
  --source FILE     read this index instead of the machine's
  --keep            ask what is there already, import nothing
  --search WORDS    the words to look for in the summaries
  --help            this text
]]

local DEFAULT_PACKAGE = "libc6-dev"
local LONGEST = 15 -- rows of a list that is printed

local function fail(...)
  io.stderr:write("error: ", string.format(...), "\n")
  os.exit(2, true)
end

local function read_arguments(words)
  local options = { database = "packages.db", search = "Lua" }
  local takes = { ["--database"] = "database", ["--source"] = "source", ["--search"] = "search" }
  local i = 1
  while i <= #words do
    local word = words[i]
    if word == "--help" then
      io.write(USAGE)
      os.exit(0, true)
    elseif word == "--keep" then
      options.keep = true
    elseif takes[word] then
      i = i + 1
      options[takes[word]] = words[i] or fail("%s needs a value; try --help", word)
    elseif word:find "^%-" then
      fail("there is no option %s; try --help", word)
    elseif options.package then
      fail("one package at a time; got %s and %s", options.package, word)
    else
      options.package = word
    end
    i = i + 1
  end
  if not options.search:find "%S" then
    fail "--search needs words to look for"
  end
  return options
end

local function find_sources(options)
  if options.source then
    return sources.file(options.source)
  end
  local machine = sources.machine()
  if not machine then
    print "There is no dpkg on this machine: reading the sample beside this script."
    machine = sources.file(here .. "/sample.status")
  end
  return machine
end

-- Seconds, to the millisecond, by the database's clock; Lua's own counts whole ones.
local function clock(db)
  return db:query("SELECT julianday('now') * 86400.0"):value()
end

local function run_import(db, list)
  local titles = {}
  for i, source in ipairs(list) do
    titles[i] = source.title
  end
  print("Reading " .. table.concat(titles, ", then "))

  local show = report.progress()
  local started = clock(db)
  local totals = import.run(db, list, function(totals)
    show(("  %s packages, %s dependencies"):format(
      report.number(totals.packages), report.number(totals.dependencies)))
  end)
  show ""

  local seconds = clock(db) - started
  local rows = totals.packages + totals.dependencies + totals.provides
  print(("%s rows in %.1f s, %s a second"):format(
    report.number(rows), seconds, report.number(rows // seconds)))
end

local SIZE = { "size", "size", align = "right", format = report.size }
local COLUMNS = { { "package", "name" }, SIZE, { "what it is", "summary" } }

local function heading(...)
  print("\n" .. string.format(...))
end

-- Prints rows as a table, the longest lists only in part.
local function print_list(rows)
  report.table(COLUMNS, table.move(rows, 1, math.min(#rows, LONGEST), 1, {}))
  if #rows > LONGEST then
    print(("  … and %s more"):format(report.number(#rows - LONGEST)))
  end
end

local function total_size(rows)
  local sum = 0
  for _, row in ipairs(rows) do
    sum = sum + row.size
  end
  return report.size(sum)
end

local function answer_for_machine(db)
  local overview = questions.overview(db)
  print(("%s packages are known, %s of them installed; %s dependencies"):format(
    report.number(overview.packages), report.number(overview.installed),
    report.number(overview.dependencies)))

  heading "Installed size by section"
  report.table({
    { "section", "section" },
    { "packages", "packages", align = "right", format = report.number },
    SIZE,
  }, questions.sizes_by_section(db, 10))

  heading "Most wanted"
  report.table({
    { "package", "name" },
    { "wanted by", "wanted_by", align = "right", format = report.number },
    { "what it is", "summary" },
  }, questions.most_wanted(db, 10))

  heading "Installed, but nothing installed needs them"
  print_list(questions.unneeded(db, 10))
end

local function answer_for_package(db, name)
  local package = questions.package(db, name)
  if not package then
    fail("there is no package %s; look for one with --search", name)
  end
  print(("\n%s %s: %s"):format(package.name, package.version, package.summary))

  local pulled = questions.pulled_in(db, name)
  if #pulled == 0 then
    heading("%s needs nothing else", name)
  else
    heading("%s pulls in %s packages, %s", name, report.number(#pulled), total_size(pulled))
    print_list(pulled)
  end

  local broken = questions.broken_without(db, name, package.installed)
  local where = package.installed and "here" or "of all that could be installed"
  if #broken == 0 then
    heading("Without %s nothing %s would break", name, where)
  else
    heading("Without %s, %s packages %s would break", name, report.number(#broken), where)
    print_list(broken)
  end
end

local function answer_search(db, words)
  local found = questions.search(db, words, LONGEST)
  if #found == 0 then
    heading("No summary speaks of \"%s\"", words)
  else
    heading("Summaries that speak of \"%s\"", words)
    print_list(found)
  end
end

local options = read_arguments(arg)
local db <close> = schema.open(options.database)
if not options.keep then
  run_import(db, find_sources(options))
end
answer_for_machine(db)
answer_for_package(db, options.package or DEFAULT_PACKAGE)
answer_search(db, options.search)
