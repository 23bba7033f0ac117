-- Running a command: its arguments are read, it does its work, and however it ends becomes an exit
-- code, one line that says why, and with --json one document.
local arguments = require("dbscript.project.arguments")
local commands = require("dbscript.project.commands")
local interrupt = require("dbscript.interrupt")
local outcome = require("dbscript.project.outcome")
local problems = require("dbscript.project.problems")
local progress = require("dbscript.project.progress")
local report = require("dbscript.report")
local screen = require("dbscript.project.screen")
local workspace = require("dbscript.project.workspace")

local run = {}

--- One run of a command, as it sees it.
---@class dbscript.Job
---@field name string the command
---@field given table its arguments
---@field screen dbscript.Screen
---@field progress dbscript.Progress
---@field workspace dbscript.Workspace
---@field document table what --json shows besides `command`, `exit` and `error`

local function new_job(name, given)
  return {
    name = name,
    given = given,
    screen = screen.new(given.json),
    progress = progress.new(),
    workspace = workspace.new(given),
    document = {},
  }
end

-- What an error object says, behind the line of the user's file that has to be mended.
local function message_of(err)
  local message = report.brief(err.message)
  local where = rawget(err, "where")
  if type(where) ~= "string" or report.is_ours(where) then
    return message
  end
  return where .. ": " .. message
end

-- The exit code, word, message and further fields of what was raised.
local function read_failure(value, stopped)
  local stop = outcome.stopped(value)
  local problem = problems.of(value)
  if stopped then
    return outcome.INTERRUPTED, "interrupted", "interrupted: nothing was kept of what was under way"
  elseif stop then
    return stop.exit, outcome.word(stop.exit), stop.message
  elseif problem then
    local exit = problem.code == "H4" and outcome.MISMATCH or outcome.of(value.code)
    return exit, outcome.word(exit), ("%s: %s"):format(problem.message, problem.fix)
  elseif type(value) == "table" and type(value.code) == "string" then
    local message = message_of(value)
    local is_answered = message:find("%d") or message:find("try again", 1, true)
    if value.code == "busy" and not is_answered then
      message = message .. ": try again when the other process is done"
    end
    return outcome.of(value.code), value.code, message
  end
  return outcome.FAILED, "failed", report.message(value)
end

-- The lines of a failure behind its message: which migration, which statement.
local function details_of(value)
  if type(value) ~= "table" or outcome.stopped(value) then
    return {}
  end
  return { table = value.table, columns = value.columns, sql = value.sql, row = value.row }
end

local function fail(job, value, stopped)
  local exit, word, message = read_failure(value, stopped)
  job.progress:clear()
  job.screen:complain(message)
  local failure = details_of(value)
  failure.code, failure.message = word, message
  job.document.error = failure
  return exit
end

local function perform(name, words, state)
  local command = commands.load(name)
  local given, help = arguments.read(name, command, words)
  if not given then
    io.stdout:write(help, "\n")
    return outcome.DONE
  end
  state.is_json = given.json
  state.job = new_job(name, given)
  return command.run(state.job) or outcome.DONE
end

-- A job for what failed before there was one.
local function bare_job(words)
  local is_json = false
  for _, word in ipairs(words) do
    is_json = is_json or word == "--json"
  end
  return { screen = screen.new(is_json), progress = progress.new(), document = {} }
end

--- Runs a command.
---@param name string
---@param words string[] what stands behind it
---@return integer exit code
function run.command(name, words)
  local state = {}
  interrupt.arm()
  local ok, value = xpcall(perform, function(raised)
    return raised
  end, name, words, state)
  local stopped = interrupt.disarm()
  local job = state.job or bare_job(words)
  -- What was stopped may have gone on, and found less than there is.
  local is_whole = ok and (not stopped or value == outcome.DONE)
  local exit = is_whole and value or fail(job, value, stopped)
  job.progress:clear()
  if job.name or not is_whole then
    job.document.command, job.document.exit = name, exit
    job.screen:finish(job.document)
  end
  return exit
end

return run
