-- Brings the history in line with files that were edited, and the database with its history.
local hints = require("dbscript.project.hints")
local changes = require("dbscript.project.changes")
local migrating = require("dbscript.project.migrating")
local native = require("dbcore.native")
local outcome = require("dbscript.project.outcome")
local problems = require("dbscript.project.problems")
local screen = require("dbscript.project.screen")

local repair = {
  about = "Brings the history in line with the files where only their layout was edited; with "
    .. "--force also other edits and files that are gone. What was changed in the database by hand "
    .. "is shown with --drift, undone with --undo, taken as it is with --accept, or written as a "
    .. "migration with --adopt NAME.",
}

function repair.declare(parser)
  parser:flag("--force"):description("accept edits, and forget what is missing")
  parser:flag("--drift"):description("show what was changed by hand, and change nothing")
  parser:flag("--undo"):description("bring the database back to what its last migration left")
  parser:flag("--accept"):description("take the database as it is")
  parser:option("--adopt"):argname("NAME"):description("write a migration of it, already applied")
  hints.declare_loss(parser)
end

local function show_drift(job, migrator)
  local drift = migrator:drift()
  job.document.differences = native.array(drift.differences)
  job.document.repair, job.document.adopt = native.array(drift.repair), native.array(drift.adopt)
  for _, difference in ipairs(drift.differences) do
    job.screen:say("%s", difference.words)
  end
  for _, sql in ipairs(drift.repair) do
    job.screen:show("  undo: " .. sql)
  end
  if #drift.differences == 0 then
    return job.screen:say("the database is what its last migration left")
  end
  return outcome.MISMATCH
end

local function adopt(job, migrator)
  local result = migrator:adopt({ name = job.given.adopt })
  if not result then
    return job.screen:say("nothing to do")
  end
  job.document.id, job.document.path = result.id, result.path
  job.screen:say("written: %s", result.path)
end

-- What no repair without an option decides: changes by hand.
local function tell_rest(job, migrator)
  local rest = problems.find(migrator).problems
  if #rest == 0 then
    return outcome.DONE
  end
  job.document.problems = rest
  problems.show(job, rest)
  outcome.stop(outcome.MISMATCH, "%s: %s", rest[1].message, rest[1].fix)
end

function repair.run(job)
  local given = job.given
  local db <close> = job.workspace:open()
  local migrator = migrating.migrator(job, db)
  if given.drift then
    return show_drift(job, migrator)
  elseif given.adopt then
    return adopt(job, migrator)
  end
  local allowed, result = hints.read_losses(given), nil
  changes.settle(job, allowed, function()
    result = migrator:repair({ force = given.force, drift = given.undo, accept = given.accept,
      hints = allowed })
    return result
  end)
  job.document.mended, job.document.undone = result.mended, native.array(result.undone)
  for _, words in ipairs(result.undone) do
    job.screen:say("undone: %s", words)
  end
  job.screen:say("%s mended", screen.plural(result.mended, "entry", "entries"))
  return tell_rest(job, migrator)
end

return repair
