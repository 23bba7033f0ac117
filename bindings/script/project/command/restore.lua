-- Puts a backup in the place of the database, all or nothing, when nobody else has it open.
local check = require("dbcore.check")
local backups = require("dbscript.project.backups")
local file = require("dbscript.file")
local holders = require("dbscript.project.holders")
local outcome = require("dbscript.project.outcome")
local question = require("dbscript.project.question")
local screen = require("dbscript.project.screen")
local workspace = require("dbscript.project.workspace")

local restore = {
  about = "Puts FILE in the place of the database: all of it or, when it fails or is stopped, "
    .. "nothing. FILE is verified first. It must belong to the same application and, unless you "
    .. "say yes, have the same schema. Refused while another program has the database open.",
}

function restore.declare(parser)
  parser:argument("FILE"):target("file"):description("the backup")
  parser:flag("--yes"):description("also when the schema is another, as after a migration")
end

local function refuse_while_open(path)
  local others = holders.of(path)
  if others and #others > 0 then
    outcome.stop(outcome.LOCKED, "%s is open in %s: end that first", check.quote(path),
      holders.words(others))
  end
end

-- What is wrong with the database that is there; nil when it can be opened.
local function problem_of(path)
  local ok, problem = pcall(backups.about, path)
  if ok then
    return nil, problem
  elseif type(problem) == "table" and problem.code == "corrupt" then
    return problem.message
  end
  error(problem, 0)
end

local function ask(job, path, given)
  if job.given.yes or backups.have_same_schema(path, given) then
    return
  end
  question.insist(("the schema of %s is not that of %s"):format(check.quote(given),
    check.quote(path)), "Restore it?")
end

-- A database that cannot be opened any more is replaced as a file. What lies beside it belongs to
-- the old one and would be believed by SQLite.
local function replace_file(job, path, given)
  for _, suffix in ipairs({ "-wal", "-shm", "-journal" }) do
    os.remove(path .. suffix)
  end
  local db <close> = workspace.open(given, { readonly = true, create = false })
  db:backup(path, backups.options(job, "copying"))
end

local function replace_content(job, path, given)
  local db <close> = workspace.open(path, { create = false })
  db:restore(given, backups.options(job, "restoring"))
end

function restore.run(job)
  local path, given = job.workspace:database_path(), job.given.file
  local theirs = backups.about(given)
  local found = file.about(path)
  job.document.database, job.document.backup = path, given
  if found then
    refuse_while_open(path)
    local broken, ours = problem_of(path)
    if not broken then
      if ours.application_id ~= theirs.application_id then
        outcome.stop(outcome.REFUSED, "%s is of another application: its id is %d, that of %s %d",
          check.quote(given), theirs.application_id, check.quote(path), ours.application_id)
      end
      ask(job, path, given)
    end
    local is_new = broken or ours.page_size ~= theirs.page_size
    job.document.replaced = is_new and "file" or "content";
    (is_new and replace_file or replace_content)(job, path, given)
  else
    job.document.replaced = "file"
    replace_file(job, path, given)
  end
  job.progress:clear()
  job.screen:say("%s: %s restored from %s", path, screen.plural(theirs.pages, "page"), given)
end

return restore
