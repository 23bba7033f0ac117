-- Runs the migrations that are due, each in a transaction of its own.
local migrating = require("dbscript.project.migrating")
local native = require("dbcore.native")
local outcome = require("dbscript.project.outcome")
local screen = require("dbscript.project.screen")

local migrate = {
  about = "Runs the migrations that are due, in order, each in a transaction of its own and with a "
    .. "backup before anything is lost or copied. Many may do so at once: each step is done by "
    .. "one of them. A step that fails is undone as a whole; those before it stay.",
}

function migrate.declare(parser)
  parser:option("--to"):argname("VERSION"):description("up or down to that one; 0 is before all")
  parser:flag("--whole"):description("all of it in one transaction")
  parser:flag("--dry-run"):description("show the SQL and change nothing")
  parser:flag("--check"):description("exit 6 when something is due")
  migrating.declare(parser)
end

local function show_plan(job, plan)
  job.document.steps = native.array(plan.steps)
  for _, step in ipairs(plan.steps) do
    job.screen:line({ "bold", ("-- %s (%s)"):format(step.id, step.direction) })
    for _, sql in ipairs(step.sql) do
      job.screen:show(sql:find(";%s*$") and sql or sql .. ";")
    end
  end
  if plan.unknown then
    job.screen:say("-- the rest is not known without rows: %s", plan.unknown)
  elseif #plan.steps == 0 then
    job.screen:say("nothing to do")
  end
end

local function check(job, migrator)
  local status = migrator:status()
  job.document.pending = status.pending
  if status.pending > 0 then
    outcome.stop(outcome.PENDING, "%s due: dbscript migrate", status.pending == 1
      and "1 migration is" or screen.plural(status.pending, "migration") .. " are")
  end
  job.screen:say("nothing is due")
end

function migrate.run(job)
  local given = job.given
  local is_preview = given.dry_run or given.check
  local db <close> = is_preview and job.workspace:preview() or job.workspace:open({ create = true })
  local migrator = migrating.migrator(job, db)
  if given.check then
    return check(job, migrator)
  elseif given.dry_run then
    return show_plan(job, migrating.run(job, migrator, function()
      return migrator:plan({ version = given.to, out_of_order = given.allow_out_of_order or nil })
    end))
  end
  local options = { whole = given.whole or nil }
  migrating.tell(job, migrating.run(job, migrator, function()
    return given.to and migrator:to(given.to, options) or migrator:up(options)
  end))
end

return migrate
