-- Joins branches of migrations.
local dbcore = require("dbcore")
local migrating = require("dbscript.project.migrating")
local native = require("dbcore.native")
local product = require("dbscript.project.product")

local merge = {
  about = "Writes a migration that joins the heads of branches: they may come in any order, after "
    .. "all orders were tried in memory and came to the same.",
}

function merge.declare(parser)
  parser:argument("NAME"):target("name"):args("?"):description("what it is called: merge")
  parser:flag("--dry-run"):description("show it and write nothing")
end

function merge.run(job)
  local db <close> = dbcore.open(":memory:", { trusted_schema = true })
  local result = migrating.migrator(job, db):merge({ name = job.given.name,
    dry_run = job.given.dry_run })
  if not result then
    return job.screen:say("nothing to do: there is one head")
  end
  job.document.heads = native.array(result.heads)
  product.migration(job, result)
end

return merge
