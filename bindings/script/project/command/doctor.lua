-- Examines the database file: its content, its indexes, its surroundings. Changes nothing.
local dbcore = require("dbcore")
local check = require("dbcore.check")
local native = require("dbcore.native")
local file = require("dbscript.file")
local folder = require("dbscript.folder")
local holders = require("dbscript.project.holders")
local inspection = require("dbscript.project.inspection")
local outcome = require("dbscript.project.outcome")
local screen = require("dbscript.project.screen")

local doctor = {
  about = "Examines the database file and its surroundings: versions, journal, integrity, foreign "
    .. "keys, free pages, indexes, statistics, permissions, leftover files and who else has it "
    .. "open. Changes nothing. Exits 1 when something is broken; advice alone is no failure.",
}

local FREE_SHARE = 0.25 -- of the pages: then VACUUM is worth it
local FREE_LEAST = 256 -- pages
local STALE = 10 -- times as many or as few rows as when statistics were made

function doctor.declare(parser)
  parser:flag("--quick"):description("leave out what reads the whole file")
end

-- One line of the report. `level`: "ok", "note" (advice), "problem".
local function tell(job, level, about, message, fix)
  table.insert(job.document.checks, { level = level, check = about, message = message, fix = fix })
end

local function check_versions(job, db)
  local version = db:query("SELECT sqlite_version()"):value()
  job.document.versions = { dbcore = dbcore.version, lua = _VERSION:match("[%d.]+$"),
    sqlite = version }
  tell(job, "ok", "versions", ("dbcore %s, %s, SQLite %s"):format(dbcore.version, _VERSION,
    version))
  return version
end

-- Whether version "3.40.1" is before 3.51.3.
local function has_race(version)
  local major, minor, patch = version:match("^(%d+)%.(%d+)%.?(%d*)")
  major, minor, patch = tonumber(major), tonumber(minor), tonumber(patch) or 0
  return major * 1000000 + minor * 1000 + patch < 3051003
end

local function check_journal(job, db, version)
  local mode = db:query("PRAGMA journal_mode"):value()
  job.document.journal_mode = mode
  tell(job, "ok", "journal", "journal mode " .. mode)
  if mode == "wal" and has_race(version) then
    tell(job, "note", "journal", ("SQLite %s can damage a log when automatic checkpoints of two "
      .. "processes race; dbcore makes none, other programs may"):format(version),
      "use SQLite 3.51.3 or newer in every program that opens this file, or set "
      .. "wal_autocheckpoint to 0 there")
  end
end

local function check_integrity(job, db)
  local problems = db:query("PRAGMA integrity_check(20)"):list()
  if #problems == 1 and problems[1] == "ok" then
    return tell(job, "ok", "integrity", "every page and every index is sound")
  end
  for _, problem in ipairs(problems) do
    tell(job, "problem", "integrity", problem, "restore a backup: dbscript restore FILE")
  end
end

local function check_foreign_keys(job, db)
  local counts = db:query([[
    SELECT "table" AS child, parent, count(*) AS n, min(rowid) AS first
    FROM pragma_foreign_key_check GROUP BY "table", parent, fkid ORDER BY 1, 2]]):all()
  for _, row in ipairs(counts) do
    tell(job, "problem", "foreign keys", ("%s of %s %s to rows of %s that are not there%s"):format(
      screen.plural(row.n, "row"), check.quote(row.child), row.n == 1 and "points" or "point",
      check.quote(row.parent),
      row.first and (", such as row %d"):format(row.first) or ""),
      "insert the missing rows, or delete or change those that point to them")
  end
  if #counts == 0 then
    tell(job, "ok", "foreign keys", "every reference leads to a row")
  end
end

local function check_free(job, db)
  local pages = db:query("PRAGMA page_count"):value()
  local free = db:query("PRAGMA freelist_count"):value()
  local size = db:query("PRAGMA page_size"):value()
  job.document.pages = { size = size, count = pages, free = free }
  local words = ("%s in %d pages, %d free"):format(screen.size(pages * size), pages, free)
  if free >= FREE_LEAST and free > pages * FREE_SHARE then
    tell(job, "note", "space", words, "VACUUM gives the free pages back; it needs as much disk as "
      .. "the file has")
  else
    tell(job, "ok", "space", words)
  end
end

-- A name for a new index, and the statement.
local function index_for(one, key)
  local function quoted(name)
    return '"' .. name:gsub('"', '""') .. '"'
  end
  local columns = {}
  for i, name in ipairs(key.columns) do
    columns[i] = quoted(name)
  end
  return ("CREATE INDEX %s ON %s (%s)"):format(
    quoted(one.name .. "_" .. table.concat(key.columns, "_")), quoted(one.name),
    table.concat(columns, ", "))
end

local function check_indexes(job, found)
  local count = 0
  for _, one in ipairs(found.tables) do
    for _, key in ipairs(one.foreign_keys) do
      if not inspection.is_indexed(one, key.columns) then
        count = count + 1
        tell(job, "note", "indexes", ("the foreign key %s of %s has no index: deleting a row of %s "
          .. "reads all of %s"):format(check.quote(table.concat(key.columns, ", ")),
          check.quote(one.name), check.quote(key.table), check.quote(one.name)),
          index_for(one, key))
      end
    end
    for _, pair in ipairs(inspection.redundant_indexes(one)) do
      count = count + 1
      tell(job, "note", "indexes", ("the index %s of %s is needless beside %s"):format(
        check.quote(pair.index.name), check.quote(one.name), check.quote(pair.by.name)),
        ('DROP INDEX "%s"'):format(pair.index.name:gsub('"', '""')))
    end
  end
  if count == 0 then
    tell(job, "ok", "indexes", "foreign keys have indexes, no index is needless")
  end
end

local function has_table(db, name)
  return db:query("SELECT count(*) FROM sqlite_schema WHERE name = ?", name):value() > 0
end

-- Compares the rows of a table with those it had when ANALYZE looked at it.
local function check_table_statistics(job, db, row)
  local then_count = math.tointeger(tonumber(row.stat:match("^%d+")))
  local ok, now = pcall(function()
    return db:query(('SELECT count(*) FROM "%s"'):format(row.tbl:gsub('"', '""'))):value()
  end)
  if not ok or not then_count then
    return false
  end
  local more, less = math.max(now, then_count, 1), math.max(1, math.min(now, then_count))
  if more / less < STALE then
    return false
  end
  tell(job, "note", "statistics", ("%s had %s when its statistics were made, now it has %d"):format(
    check.quote(row.tbl), screen.plural(then_count, "row"), now), "ANALYZE brings them up to date")
  return true
end

-- An index whose first column has one value in all rows helps no query.
local function check_selectivity(job, row)
  local count, each = row.stat:match("^(%d+) (%d+)")
  if row.idx and tonumber(count) and tonumber(count) > 1000 and count == each then
    tell(job, "note", "indexes", ("the first column of index %s of %s has the same value in all %s "
      .. "rows: no query is faster for it"):format(check.quote(row.idx), check.quote(row.tbl),
      count), ('DROP INDEX "%s", or put another column first'):format(row.idx:gsub('"', '""')))
  end
end

local function check_statistics(job, db, is_quick)
  if not has_table(db, "sqlite_stat1") then
    return tell(job, "note", "statistics", "there are none: the planner guesses",
      "ANALYZE makes them; db:optimize() keeps them")
  end
  local is_stale, seen = false, {}
  for _, row in ipairs(db:query("SELECT tbl, idx, stat FROM sqlite_stat1 WHERE stat IS NOT NULL "
    .. "ORDER BY tbl, idx"):all()) do
    check_selectivity(job, row)
    if not is_quick and not seen[row.tbl] then
      seen[row.tbl] = true
      is_stale = check_table_statistics(job, db, row) or is_stale
    end
  end
  if not is_stale then
    tell(job, "ok", "statistics", "they fit the tables")
  end
end

local function check_permissions(job, path)
  local found = file.about(path)
  local above = file.about(path:match("^(.*)/[^/]*$") or ".")
  local ok = true
  if found.mode & 2 ~= 0 then
    ok = false
    tell(job, "problem", "permissions", ("everybody may write to %s"):format(check.quote(path)),
      "chmod o-w")
  end
  if not found.is_writable then
    ok = false
    tell(job, "note", "permissions", ("%s cannot be written by this user"):format(
      check.quote(path)), "chmod u+w, or run as its owner")
  end
  if above and not above.is_writable then
    ok = false
    tell(job, "note", "permissions", "the folder cannot be written: SQLite needs it for its log "
      .. "and its journal", "chmod u+w the folder")
  end
  if ok then
    tell(job, "ok", "permissions", ("%s, mode %o"):format(
      found.is_mine and "yours" or "of another user", found.mode))
  end
end

-- Files beside the database that no one works on: logs, journals, copies that were not finished.
local function check_leftovers(job, path, others)
  local above, name = path:match("^(.*/)([^/]*)$")
  above, name = above or "./", name or path
  local count = 0
  for _, beside in ipairs(folder.list(above) or {}) do
    local tail = beside:sub(1, #name) == name and beside:sub(#name + 1)
    local is_copy = tail and tail:find("^%.part%-%w%w%w%w%w%w$")
    local is_journal = tail == "-journal" and #others == 0
    local found = (is_copy or is_journal) and file.about(above .. beside)
    if found then
      count = count + 1
      tell(job, "note", "leftovers", ("%s (%s) was left by a program that was killed"):format(
        check.quote(above .. beside), screen.size(found.size)), is_journal
        and "open the database for writing once: SQLite rolls it back" or "delete it")
    end
  end
  if count == 0 then
    tell(job, "ok", "leftovers", "none")
  end
end

local function check_holders(job, others)
  job.document.holders = native.array({})
  for i, one in ipairs(others or {}) do
    job.document.holders[i] = one
  end
  if not others then
    tell(job, "ok", "holders", "unknown on this system")
  elseif #others == 0 then
    tell(job, "ok", "holders", "no other process has it open")
  else
    tell(job, "ok", "holders", "also open in " .. holders.words(others))
  end
end

local MARKS = { ok = { "green", "ok     " }, note = { "yellow", "note   " },
  problem = { "red", "problem" } }

local function show(job)
  local worst, counts = outcome.DONE, { ok = 0, note = 0, problem = 0 }
  for _, one in ipairs(job.document.checks) do
    counts[one.level] = counts[one.level] + 1
    job.screen:line(MARKS[one.level], ("  %-12s  %s"):format(one.check, one.message))
    if one.fix then
      job.screen:line({ "dim", (" "):rep(23) .. one.fix })
    end
    if one.level == "problem" then
      worst = outcome.FAILED
    end
  end
  job.screen:say("%s, %s", screen.plural(counts.problem, "problem"),
    screen.plural(counts.note, "note"))
  return worst
end

-- A file that cannot even be opened is the first thing a doctor must be able to tell.
local function open(job, path)
  local ok, db = pcall(dbcore.open, path, { readonly = true, create = false, busy_timeout = 1000 })
  if ok then
    local readable, problem = pcall(db.query, db, "SELECT count(*) FROM sqlite_schema")
    if readable then
      return db
    end
    db:close()
    db = problem
  end
  if type(db) ~= "table" or db.code ~= "corrupt" then
    error(db, 0)
  end
  tell(job, "problem", "integrity", db.message, "restore a backup: dbscript restore FILE")
end

-- Makes one check. Damage that stops it is what it found.
local function attempt(job, about, run, ...)
  local ok, problem = pcall(run, job, ...)
  if ok then
    return
  elseif type(problem) ~= "table" or problem.code ~= "corrupt" then
    error(problem, 0)
  end
  tell(job, "problem", about, problem.message, "restore a backup: dbscript restore FILE")
end

local function examine(job, db, path, others)
  local is_quick = job.given.quick
  local version = check_versions(job, db)
  attempt(job, "journal", check_journal, db, version)
  if not is_quick then
    job.progress:tell("reading the whole file", 0, 0, "pages")
    attempt(job, "integrity", check_integrity, db)
    attempt(job, "foreign keys", check_foreign_keys, db)
  end
  attempt(job, "space", check_free, db)
  attempt(job, "indexes", check_indexes, inspection.read(db))
  attempt(job, "statistics", check_statistics, db, is_quick)
  check_permissions(job, path)
  check_leftovers(job, path, others)
end

function doctor.run(job)
  local path = job.workspace:existing_database_path()
  local others = holders.of(path)
  job.document.database = path
  job.document.checks = native.array({})
  local db <close> = open(job, path)
  if db then
    examine(job, db, path, others or {})
  end
  check_holders(job, others)
  job.progress:clear()
  return show(job)
end

return doctor
