-- Looks for mistakes and risks in the schema, on the way of the database to it, and in the history
-- of migrations.
local answers = require("dbscript.project.answers")
local check = require("dbcore.check")
local codes = require("dbscript.project.codes")
local file = require("dbscript.file")
local hints = require("dbscript.project.hints")
local lint = require("dbscript.project.lint")
local migrating = require("dbscript.project.migrating")
local native = require("dbcore.native")
local outcome = require("dbscript.project.outcome")
local problems = require("dbscript.project.problems")
local screen = require("dbscript.project.screen")

local command = {
  about = "Looks for mistakes in the schema (S), names against the project's rules (N); with a "
    .. "database also what pushing the schema would lose (D), stumble over (F), break (B) and cost "
    .. "(C); with migrations what does not fit in their history (H). A comment such as "
    .. "`-- dbscript: off S3 users` in a schema file silences a code, for one table or for all. "
    .. "Exits 1 when something is at --level or above.",
}

function command.declare(parser)
  parser:epilog(codes.help() .. "\n\n" .. parser._epilog)
  parser:option("--level"):argname("LEVEL"):choices(lint.LEVELS)
    :description("note, warning or refusal: what is shown and counts (warning)")
  hints.declare(parser)
end

local function append(all, more)
  table.move(more, 1, #more, #all + 1, all)
end

-- What a plan finds, but for mistakes of the schema that were found in it already.
local function append_new(all, more)
  local seen = {}
  local function key(one)
    return one.code .. " " .. (one.table or ""):lower()
  end
  for _, one in ipairs(all) do
    seen[key(one)] = true
  end
  for _, one in ipairs(more) do
    if not (one.code:find("^S") and seen[key(one)]) then
      table.insert(all, one)
    end
  end
end

-- What the database would meet on its way to the schema.
local function way_findings(job, found)
  local path = job.workspace.settings.database
  if not path or not file.about(path) then
    return
  end
  local db <close> = job.workspace:open({ readonly = true })
  local wanted = native.catalog_of(db, job.workspace:target())
  local plan = native.plan(db, wanted, { hints = hints.read(job.given) })
  append_new(found, answers.advise(plan:findings()))
  append(found, lint.breaking(plan, native.catalog(db), wanted))
  append(found, lint.costs(db, plan, job.workspace.settings.lint))
end

-- What does not fit in the history.
local function history_findings(job, found)
  local path, dir = job.workspace.settings.database, job.workspace.settings.migrations
  if not path or not file.about(path) or not file.about(dir) then
    return
  end
  local db <close> = job.workspace:open({ readonly = true })
  local ok, status = pcall(function()
    return migrating.migrator(job, db):status()
  end)
  if ok then
    return append(found, problems.reword(status.problems))
  end
  append(found, { problems.of(status) or error(status, 0) })
end

-- The schema's files by lines, for positions and for comments that silence.
local function read_lines(paths)
  local files = {}
  for i, path in ipairs(paths) do
    files[i] = { path = path, lines = {} }
    for line in io.lines(path) do
      table.insert(files[i].lines, line)
    end
  end
  return files
end

-- Where a table is first named in quotes or behind CREATE: as near as a text can tell.
local function position_of(files, name)
  local plain = name and name:gsub("%p", "%%%0")
  for _, one in ipairs(plain and files or {}) do
    for number, line in ipairs(one.lines) do
      if line:find("[\"'`%[%s]" .. plain .. "%f[^%w_]") then
        return one.path, number
      end
    end
  end
end

local function is_silenced(job, files, finding)
  for _, code in ipairs(job.workspace.settings.lint.off or {}) do
    if code == finding.code then
      return true
    end
  end
  for _, one in ipairs(files) do
    for _, line in ipairs(one.lines) do
      local code, name = line:match("%-%-%s*dbscript:%s*off%s+(%u%d+)%s*(%S*)")
      if code == finding.code and (name == "" or name == finding.table) then
        return true
      end
    end
  end
  return false
end

local RANK = { note = 1, warning = 2, refusal = 3 }
local COLOURS = { note = "dim", warning = "yellow", refusal = "red" }

local function show(job, finding)
  local place = finding.path and ("%s:%d: "):format(finding.path, finding.line) or ""
  job.screen:line({ COLOURS[finding.level], ("%-8s"):format(finding.level) },
    ("%-4s"):format(finding.code), place, finding.message)
  if finding.fix and finding.fix ~= "" then
    job.screen:line({ "dim", (" "):rep(12) .. finding.fix })
  end
end

local function gather(job)
  local texts = {}
  local found, all
  do
    local db <close> = job.workspace:scratch(lint.forgive(texts))
    found, all = lint.schema(db)
  end
  append(found, texts)
  append(found, lint.names(all, job.workspace.settings.lint.naming or {}))
  way_findings(job, found)
  history_findings(job, found)
  return found
end

function command.run(job)
  local level = job.given.level or job.workspace.settings.lint.level or "warning"
  if not RANK[level] then
    outcome.stop(outcome.FAILED, "the level of lint is note, warning or refusal, got %s",
      check.quote(level))
  end
  local found = gather(job)
  local files = read_lines(job.workspace.settings.schema)
  job.document.findings = native.array({})
  for _, finding in ipairs(found) do
    if RANK[finding.level] >= RANK[level] and not is_silenced(job, files, finding) then
      finding.path, finding.line = position_of(files, finding.table)
      table.insert(job.document.findings, finding)
      show(job, finding)
    end
  end
  local count = #job.document.findings
  job.screen:say(count == 0 and "nothing found" or screen.plural(count, "finding"))
  return count > 0 and outcome.FAILED or outcome.DONE
end

return command
