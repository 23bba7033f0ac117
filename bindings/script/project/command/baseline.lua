-- Marks migrations as done without running them.
local migrating = require("dbscript.project.migrating")
local native = require("dbcore.native")

local baseline = {
  about = "Marks all migrations, or those up to VERSION, as applied without running them: for a "
    .. "database that was made otherwise. It must be what they lead to, unless --force says so.",
}

function baseline.declare(parser)
  parser:option("--to"):argname("VERSION"):description("the last one to be marked")
  parser:flag("--force"):description("whatever the database holds")
end

function baseline.run(job)
  local db <close> = job.workspace:open()
  local result = migrating.migrator(job, db):baseline({ to = job.given.to,
    force = job.given.force })
  job.document.marked = native.array(result.marked)
  for _, id in ipairs(result.marked) do
    job.screen:say("marked  %s", id)
  end
  if #result.marked == 0 then
    job.screen:say("nothing to do")
  end
end

return baseline
