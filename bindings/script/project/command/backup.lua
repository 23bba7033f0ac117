-- Copies the database to a file while others go on with it.
local check = require("dbcore.check")
local backups = require("dbscript.project.backups")
local file = require("dbscript.file")
local outcome = require("dbscript.project.outcome")
local screen = require("dbscript.project.screen")

local backup = {
  about = "Copies the database to FILE, or to a new file with the time in its name, while other "
    .. "programs go on with it. The copy is exact to the page, verified, on the disk, and takes "
    .. "its name only when it is whole.",
}

function backup.declare(parser)
  parser:argument("FILE"):target("file"):args("?"):description("the copy")
  parser:flag("--force"):description("replace FILE when it is there")
end

function backup.run(job)
  local path = job.workspace:existing_database_path()
  local target = job.given.file or backups.new_path(job.workspace.settings, path, "backup")
  if file.about(target) and not job.given.force then
    outcome.stop(outcome.REFUSED, "%s is there already: choose another name or add --force",
      check.quote(target))
  end
  local db <close> = job.workspace:open({ readonly = true })
  db:backup(target, backups.options(job, "copying"))
  job.progress:clear()
  local size = file.about(target).size
  job.document.database, job.document.backup, job.document.bytes = path, target, size
  job.screen:say("%s: %s, verified", target, screen.size(size))
end

return backup
