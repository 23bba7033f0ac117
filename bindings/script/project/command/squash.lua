-- Puts several migrations into one.
local dbcore = require("dbcore")
local migrating = require("dbscript.project.migrating")
local native = require("dbcore.native")
local product = require("dbscript.project.product")

local squash = {
  about = "Writes one migration that makes in one go what all of them make, or those up to "
    .. "VERSION, proved equal in memory. It stands for them: a database that has them has it. Rows "
    .. "that they write are not in it; give them as --data.",
}

function squash.declare(parser)
  parser:argument("NAME"):target("name"):args("?"):description("what it is called: squash")
  parser:option("--to"):argname("VERSION"):description("the last one that goes into it")
  parser:option("--data"):argname("SQL"):description("rows that a new database needs")
  parser:flag("--dry-run"):description("show it and write nothing")
end

function squash.run(job)
  local db <close> = dbcore.open(":memory:", { trusted_schema = true })
  local result = migrating.migrator(job, db):squash({ to = job.given.to, name = job.given.name,
    data = job.given.data, dry_run = job.given.dry_run })
  if not result then
    return job.screen:say("nothing to do: there are not two migrations")
  end
  job.document.replaces = native.array(result.replaces)
  product.migration(job, result, (", in the place of %d"):format(#result.replaces))
end

return squash
