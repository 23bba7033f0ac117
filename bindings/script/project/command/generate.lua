-- Writes a migration from the difference between what the migrations lead to and the schema.
local changes = require("dbscript.project.changes")
local dbcore = require("dbcore")
local hints = require("dbscript.project.hints")
local migrating = require("dbscript.project.migrating")
local native = require("dbcore.native")
local outcome = require("dbscript.project.outcome")

local generate = {
  about = "Writes migrations/NNNN_NAME.lua: the way from what the migrations lead to, to what the "
    .. "schema says, and back. It is run in memory before it is written. Edit it as you like.",
}

function generate.declare(parser)
  parser:argument("NAME"):target("name"):args("?"):description("what it is about: add_role")
  hints.declare(parser)
  parser:flag("--check"):description("write nothing; exit 6 when a migration is missing")
  parser:flag("--dry-run"):description("show it and write nothing")
end

-- Returns whether an option would answer something that may stop the migration.
local function show(job, result)
  local is_open = false
  for _, difference in ipairs(result.differences) do
    job.screen:say("%s", difference.words)
  end
  for _, finding in ipairs(result.findings) do
    if finding.code == "F1" then
      job.screen:line({ "yellow", finding.message }, ": ", finding.fix)
      is_open = true
    end
  end
  if result.loses then
    job.screen:line({ "yellow", "it loses something that only a backup can bring back" })
  end
  if result.irreversible then
    job.screen:line({ "yellow", "a part of it has no way back: it is marked in the file" })
  end
  return is_open
end

function generate.run(job)
  local given = hints.read(job.given)
  local db <close> = dbcore.open(":memory:", { trusted_schema = true })
  local migrator = migrating.migrator(job, db, true)
  if not job.workspace:target() then
    outcome.stop(outcome.FAILED, "there is no schema")
  end
  local is_asked = changes.can_ask(job)
  local function make(list, is_trial)
    return migrator:generate({ name = job.given.name, hints = list,
      dry_run = is_trial or job.given.check or job.given.dry_run })
  end
  local result = changes.settle(job, given, function(list)
    local made = make(list, is_asked)
    return made, made and made.findings
  end)
  if is_asked and not job.given.check then
    changes.fill(job, given, result and result.findings or {}, function(list)
      result = make(list, true)
    end)
    result = make(given)
  end
  job.document.differences = native.array(result and result.differences or {})
  job.document.findings = native.array(result and result.findings or {})
  if not result then
    return job.screen:say("nothing to do: the migrations lead to the schema")
  end
  job.document.id, job.document.path = result.id, result.path
  job.document.loses, job.document.irreversible = result.loses, result.irreversible
  if job.given.check then
    show(job, result)
    outcome.stop(outcome.PENDING, "a migration is missing: dbscript generate NAME")
  elseif job.given.dry_run then
    job.document.text = result.text
    job.screen:show(result.text)
  else
    local is_open = show(job, result)
    job.screen:say("written: %s%s", result.path,
      is_open and " (to answer by an option: delete it and generate again)" or "")
  end
end

return generate
