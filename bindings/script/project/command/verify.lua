-- Compares files, history, database and schema, and tries the ways back, all without a change.
local migrating = require("dbscript.project.migrating")
local native = require("dbcore.native")
local outcome = require("dbscript.project.outcome")
local problems = require("dbscript.project.problems")
local screen = require("dbscript.project.screen")

local verify = {
  about = "Checks that files and history fit, that the database is what its last migration left, "
    .. "that the migrations lead to the schema, and in memory that their ways back lead back. "
    .. "Exits 5 when something does not fit.",
}

function verify.run(job)
  local db <close> = job.workspace:open({ readonly = true })
  local result = migrating.migrator(job, db, true):verify()
  job.document.ok, job.document.problems = result.ok, native.array(result.problems)
  problems.show(job, problems.reword(result.problems))
  if result.ok then
    return job.screen:say("all fits")
  end
  job.screen:say("%s", screen.plural(#result.problems, "problem"))
  return outcome.MISMATCH
end

return verify
