-- What the commands around migrations share: the migrator of the project, its options from the
-- command line, the line of progress.
local arguments = require("dbscript.project.arguments")
local dbcore = require("dbcore")
local check = require("dbcore.check")
local file = require("dbscript.file")
local outcome = require("dbscript.project.outcome")
local problems = require("dbscript.project.problems")

local migrating = {}

--- Adds the options of commands that run migrations.
---@param parser table
function migrating.declare(parser)
  parser:option("--lock-timeout"):argname("SECONDS")
    :convert(arguments.number("--lock-timeout", 0, false))
    :description("how long to wait for another that migrates (10)")
  parser:option("--backup"):argname("FOLDER")
    :description("where backups go, instead of the folder beside the database")
  parser:flag("--no-backup"):description("make none")
  parser:option("--keep"):argname("NUMBER")
    :convert(arguments.number("--keep", 0, true))
    :description("how many backups stay (5)")
  parser:flag("--no-drift-check"):description("do not look for changes made by hand")
  parser:flag("--allow-out-of-order"):description("let in what comes before an applied one")
end

local function backup_of(job)
  if job.given.no_backup then
    return false
  end
  return job.given.backup or job.workspace.settings.backups
end

--- The folder of migrations, which must be there.
---@param job dbscript.Job
---@return string
function migrating.folder(job)
  local path = job.workspace.settings.migrations
  local found = file.about(path)
  if found and found.kind ~= "folder" then
    outcome.stop(outcome.FAILED, "%s is a file: migrations are in a folder", check.quote(path))
  elseif not found then
    outcome.stop(outcome.FAILED, "there is no folder of migrations %s: dbscript init makes it",
      check.quote(path))
  end
  return path
end

--- The schema as d.migrator() takes it: a schema, a text, or both as one schema.
---@param job dbscript.Job
---@return dbcore.Schema|string?
function migrating.schema(job)
  local first = job.workspace.settings.schema[1]
  if #job.given.schema == 0 and not (first and file.about(first)) then
    return nil
  end
  return job.workspace:target()
end

--- The project's migrator.
---@param job dbscript.Job
---@param db dbcore.Conn
---@param with_schema boolean?
---@return dbcore.Migrator
function migrating.migrator(job, db, with_schema)
  local given = job.given
  return dbcore.migrator(db, {
    dir = migrating.folder(job),
    schema = with_schema and migrating.schema(job) or nil,
    lock_timeout = given.lock_timeout,
    backup = backup_of(job),
    keep = given.keep or job.workspace.settings.keep,
    drift_check = not given.no_drift_check,
    out_of_order = given.allow_out_of_order or nil,
    ignore = #job.workspace.settings.ignore > 0 and job.workspace.settings.ignore or nil,
    progress = function(at)
      job.progress:tell(("step %d of %d, %s"):format(at.step, at.steps, at.what), at.rows,
        at.rows_total, "rows")
    end,
    done = function(step)
      job.progress:clear()
      job.screen:line({ "green", step.direction == "up" and "applied   " or "taken back" },
        ("  %s_%s  (%.2f s)"):format(step.version, step.name, step.seconds))
    end,
  })
end

--- Runs migrations. When history and files do not fit together, it shows all that does not, and
--- stops with the first of it.
---@param job dbscript.Job
---@param migrator dbcore.Migrator
---@param work fun(): dbcore.MigrateResult
---@return dbcore.MigrateResult
function migrating.run(job, migrator, work)
  local ok, result = pcall(work)
  if ok then
    return result
  elseif type(result) ~= "table" or result.code ~= "drift" then
    error(result, 0)
  end
  local found = problems.find(migrator).problems
  if #found == 0 then
    error(result, 0)
  end
  job.progress:clear()
  job.document.problems = found
  problems.show(job, found)
  outcome.stop(outcome.MISMATCH, "%s: %s", found[1].message, found[1].fix)
end

--- Tells what a run came to.
---@param job dbscript.Job
---@param result dbcore.MigrateResult
function migrating.tell(job, result)
  local native = require("dbcore.native")
  job.document.applied = native.array(result.applied)
  job.document.reverted = native.array(result.reverted)
  job.document.seconds, job.document.backup = result.seconds, result.backup
  if result.backup then
    job.screen:say("backup: %s", result.backup)
  end
  if #result.applied + #result.reverted == 0 then
    job.screen:say("nothing to do")
  end
end

return migrating
