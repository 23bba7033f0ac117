-- Marks migrations as done without running them.
local migrating = require("dbscript.project.migrating")
local native = require("dbcore.native")
local outcome = require("dbscript.project.outcome")
local screen = require("dbscript.project.screen")

local baseline = {
  about = "Marks all migrations, or those up to VERSION, as applied without running them: for a "
    .. "database that was made otherwise. It must be what they lead to, unless --force says so.",
}

function baseline.declare(parser)
  parser:option("--to"):argname("VERSION"):description("the last one to be marked")
  parser:flag("--force"):description("whatever the database holds")
  parser:flag("--dry-run"):description("show which, and change nothing")
end

-- Tells all that differs, and what can be done about it.
local function refuse(job, raised)
  local differences = type(raised) == "table" and rawget(raised, "differences")
  if not differences then
    error(raised, 0)
  end
  job.document.differences = native.array(differences)
  for _, difference in ipairs(differences) do
    job.screen:say("%s", difference.words)
  end
  outcome.stop(outcome.MISMATCH, "the database is not what the migrations lead to, it has %s: "
    .. "change the one or the others, or mark them all the same with dbscript baseline --force",
    screen.plural(#differences, "difference"))
end

function baseline.run(job)
  local db <close> = job.workspace:open()
  local migrator = migrating.migrator(job, db)
  local ok, result = pcall(migrator.baseline, migrator, { to = job.given.to,
    force = job.given.force, dry_run = job.given.dry_run })
  if not ok then
    refuse(job, result)
  end
  job.document.marked = native.array(result.marked)
  for _, id in ipairs(result.marked) do
    job.screen:say("%s  %s", job.given.dry_run and "to be marked" or "marked", id)
  end
  if #result.marked == 0 then
    job.screen:say("nothing to do")
  end
end

return baseline
