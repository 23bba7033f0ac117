-- Shows which migrations ran and which are due. Exits 5 when history, files and database do not
-- fit.
local check = require("dbcore.check")
local file = require("dbscript.file")
local migrating = require("dbscript.project.migrating")
local native = require("dbcore.native")
local outcome = require("dbscript.project.outcome")
local problems = require("dbscript.project.problems")

local status = {
  about = "Shows every migration with its state, what does not fit together, and what was changed "
    .. "in the database by hand: then it exits 5. Changes nothing. With --check it exits 6 when "
    .. "something is due.",
}

function status.declare(parser)
  parser:flag("--check"):description("exit 6 when something is due")
end

local function rows_of(entries)
  local rows = {}
  for i, entry in ipairs(entries) do
    rows[i] = { migration = entry.id, state = entry.state:gsub("_", " "),
      applied = entry.applied_at and os.date("!%Y-%m-%d %H:%M:%S", entry.applied_at) or "",
      seconds = entry.seconds or "", back = entry.reversible and "yes" or "no" }
  end
  return rows
end

function status.run(job)
  local path = job.workspace:database_path()
  local db <close> = job.workspace:preview({ readonly = true })
  local found = problems.find(migrating.migrator(job, db))
  job.document.entries, job.document.problems = native.array({}), native.array(found.problems)
  for i, entry in ipairs(found.entries) do
    job.document.entries[i] = { id = entry.id, version = entry.version, name = entry.name,
      state = entry.state, reversible = entry.reversible, path = entry.path,
      applied_at = entry.applied_at, seconds = entry.seconds }
  end
  job.document.applied, job.document.pending = found.applied, found.pending
  job.document.current = found.current
  job.screen:table(rows_of(found.entries), { "migration", "state", "applied", "seconds", "back" })
  job.screen:say("%d applied, %d due", found.applied, found.pending)
  if not file.about(path) then
    job.screen:say("there is no database %s yet: dbscript migrate makes it", check.quote(path))
  end
  problems.show(job, found.problems)
  if #found.problems > 0 then
    return outcome.MISMATCH
  end
  return job.given.check and found.pending > 0 and outcome.PENDING or outcome.DONE
end

return status
