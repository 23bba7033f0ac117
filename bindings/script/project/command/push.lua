-- Changes the database to what the schema says, without a migration: for development, and for
-- files that have no history.
local native = require("dbcore.native")
local answers = require("dbscript.project.answers")
local backups = require("dbscript.project.backups")
local changes = require("dbscript.project.changes")
local hints = require("dbscript.project.hints")
local outcome = require("dbscript.project.outcome")
local screen = require("dbscript.project.screen")

local push = {
  about = "Changes the database to what the schema says, in one transaction that is verified "
    .. "before its commit. What would lose something, and what may be a rename, is asked on a "
    .. "terminal; in a pipe it is refused and the option that answers it is named.",
}

function push.declare(parser)
  hints.declare(parser)
  parser:flag("--dry-run"):description("show the SQL and change nothing")
  parser:flag("--check"):description("exit 6 when there is something to change")
  parser:flag("--no-backup"):description("make none before tables are copied or lost")
end

local function names_of(...)
  local names = {}
  for _, catalog in ipairs({ ... }) do
    for _, object in ipairs(catalog:objects()) do
      names[#names + 1] = object.table
    end
  end
  return names
end

local function wants_backup(job, plan)
  if job.given.no_backup then
    return false
  end
  for _, step in ipairs(plan:steps()) do
    if step.rebuilds or step.loses then
      return true
    end
  end
  return false
end

local function apply(job, db, plan, path)
  local backup = path ~= ":memory:" and wants_backup(job, plan)
    and backups.new_path(job.workspace.settings, path, "before-push") or nil
  plan:apply(db, {
    backup = backup,
    progress = function(at)
      job.progress:tell(("step %d of %d, %s"):format(at.step, at.steps, at.what), at.rows,
        at.rows_total, "rows")
    end,
  })
  job.progress:clear()
  job.document.backup = backup
  if backup then
    backups.prune(job.workspace.settings, path)
    job.screen:say("backup: %s", backup)
  end
  job.screen:say("done")
end

local function show(job, plan)
  for _, difference in ipairs(plan:differences()) do
    job.screen:say("%s", difference.words)
  end
  changes.show_findings(job, answers.advise(plan:findings()))
end

function push.run(job)
  local path, given = job.workspace:database_path(), hints.read(job.given)
  local target = job.workspace:target()
  local schema = type(target) == "userdata" and target or nil
  local is_preview = job.given.dry_run or job.given.check
  local db <close> = is_preview and job.workspace:preview({ schema = schema })
    or job.workspace:open({ create = true, schema = schema })
  local wanted = native.catalog_of(db, target)
  hints.ignore(given, job.workspace.settings.ignore, names_of(native.catalog(db), wanted))
  local plan = changes.settle(job, given, function(list)
    local made = native.plan(db, wanted, { hints = list })
    changes.document(job, made)
    return made, made:findings()
  end)
  local count = #plan:differences()
  job.document.changed = false
  if count == 0 and #plan:steps() == 0 then
    job.screen:say("nothing to do")
  elseif job.given.dry_run then
    job.document.sql = plan:script()
    job.screen:show(plan:script())
  elseif job.given.check then
    show(job, plan)
    outcome.stop(outcome.PENDING, "the database is not what the schema says: %s",
      screen.plural(count, "difference"))
  else
    show(job, plan)
    apply(job, db, plan, path)
    job.document.changed = true
  end
end

return push
