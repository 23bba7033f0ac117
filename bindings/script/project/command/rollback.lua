-- Takes the last migrations back.
local migrating = require("dbscript.project.migrating")
local native = require("dbcore.native")
local outcome = require("dbscript.project.outcome")

local rollback = {
  about = "Takes back the last migration that was applied, or the last N, by their way back. What "
    .. "a migration dropped comes back empty: its values are in the backup only.",
}

function rollback.declare(parser)
  parser:argument("N"):target("count"):args("?"):description("how many")
  parser:flag("--dry-run"):description("show the SQL and change nothing")
  migrating.declare(parser)
end

function rollback.run(job)
  local count = math.tointeger(tonumber(job.given.count or 1) or 0)
  if not count or count < 1 then
    outcome.stop(outcome.WRONG_USAGE, "rollback takes a number from 1, got %q", job.given.count)
  end
  local db <close> = job.workspace:open()
  local migrator = migrating.migrator(job, db)
  if job.given.dry_run then
    local plan = migrator:plan({ down = count })
    job.document.steps = native.array(plan.steps)
    for _, step in ipairs(plan.steps) do
      job.screen:say("-- %s (%s)", step.id, step.direction)
      for _, sql in ipairs(step.sql) do
        job.screen:show(sql .. ";")
      end
    end
    return
  end
  migrating.tell(job, migrating.run(job, migrator, function()
    return migrator:down(count)
  end))
end

return rollback
