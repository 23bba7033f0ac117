-- The runner: settings to actions, failures to exit codes.
local dbcore = require("dbcore")

local interrupt = require("dbscript.interrupt")
local options = require("dbscript.options")
local report = require("dbscript.report")
local sandbox = require("dbscript.sandbox")
local terminal = require("dbscript.terminal")

local main = {}

-- What a shell sees.
local DONE, FAILED, WRONG_USAGE, INTERRUPTED = 0, 1, 2, 130

local function complain(lines)
  io.stdout:flush()
  io.stderr:write("dbscript: ", table.concat(lines, "\n"), "\n")
end

local function version(build)
  local ok, engine = pcall(function()
    local db <close> = dbcore.open(":memory:")
    return db:query("SELECT sqlite_version()"):value()
  end)
  local names = "Lua " .. build.lua:gsub("^Lua ", "")
  if ok then
    names = names .. ", SQLite " .. engine
  end
  return ("dbscript %s (%s)"):format(build.dbcore, names)
end

-- A failure whose message is all there is to say.
local function stop(message)
  error({ dbscript_message = message }, 0)
end

-- A chunk that load() gave, or its message: that has its own place.
local function must_load(chunk, problem)
  if not chunk then
    stop(problem)
  end
  return chunk
end

local function load_schema(path)
  local schema = must_load(loadfile(path))()
  if type(schema) ~= "userdata" then
    stop(('"%s" must return d.schema { ... }, it returned %s'):format(
      path, schema == nil and "nothing" or "a " .. type(schema)))
  end
  return schema
end

local function open_database(settings, globals)
  if not settings.database then
    return
  end
  local schema = settings.schema and load_schema(settings.schema)
  globals.schema = schema
  globals.db = dbcore.open(settings.database, { readonly = settings.readonly, schema = schema })
end

-- What the script finds in `arg`: itself at 0, its arguments behind, our own words before.
local function arguments_of(words, settings)
  local arg = {}
  local shift = settings.script and settings.first or 0
  for i = 0, #words do
    arg[i - shift] = words[i]
  end
  return arg
end

local function run_steps(settings, globals)
  for _, step in ipairs(settings.steps) do
    if step.code then
      must_load(load(step.code, "=(command line)"))()
    else
      globals[step.global] = require(step.module)
    end
  end
end

local function run_script(settings, arg)
  local script = settings.script
  if not script and #settings.steps == 0 and not terminal.is("stdin") then
    script = "-"
  end
  if script then
    must_load(loadfile(script ~= "-" and script or nil))(table.unpack(arg))
  end
end

-- What a failure of a script means for the shell.
local function fail(failure, stopped)
  local value = failure.value
  if stopped then
    complain({ failure.where and failure.where .. ": interrupted" or "interrupted" })
    return INTERRUPTED
  elseif type(value) == "table" and rawget(value, "dbscript_message") then
    complain({ value.dbscript_message })
  else
    complain(report.script(failure))
  end
  return FAILED
end

local function perform(words, settings, globals)
  local arg = arguments_of(words, settings)
  globals.arg = arg
  open_database(settings, globals)
  run_steps(settings, globals)
  run_script(settings, arg)
end

-- A word that is no file but nearly a command.
local function misspelt_command(settings)
  local script = settings.script
  local near = script and script ~= "-" and options.nearest_command(script)
  local file = (near or script == "help") and io.open(script, "rb")
  if file then
    file:close()
    return nil
  end
  return script == "help" and 'there is no script "help": dbscript --help shows what there is'
    or near and ('there is no script "%s": did you mean the command "%s"?'):format(script, near)
end

-- A command of a project. What was said before it is said to it.
local function run_command(words, settings)
  local rest = table.move(words, settings.first + 1, #words, 1, {})
  for _, name in ipairs({ "schema", "database" }) do
    if settings[name] then
      table.insert(rest, 1, settings[name])
      table.insert(rest, 1, "--" .. name)
    end
  end
  return require("dbscript.project.run").command(settings.command, rest)
end

local function wants_repl(settings)
  local is_idle = not settings.script and #settings.steps == 0
  return settings.interactive or (is_idle and terminal.is("stdin"))
end

--- Runs the program.
---@param words string[] the command line, the program itself at 0
---@param build table { dbcore =, lua = } versions
---@return integer exit code
function main.run(words, build)
  if sandbox.is_wanted(words) then
    return sandbox.run(words)
  end
  local settings, problem = options.parse(words)
  if settings and settings.interactive and not terminal.is("stdin") then
    problem = 'option "-i" needs a terminal as standard input'
  end
  problem = problem or settings.script and not settings.help and misspelt_command(settings)
  if problem then
    complain({ problem })
    return WRONG_USAGE
  elseif settings.help then
    io.stdout:write(options.help())
    return DONE
  elseif settings.version then
    io.stdout:write(version(build), "\n")
    return DONE
  end

  local globals = _G
  dbcore.open = interrupt.watch(dbcore.open)
  globals.dbcore = dbcore
  if settings.command then
    return run_command(words, settings)
  end
  interrupt.arm()
  local ok, failure = xpcall(perform, report.capture, words, settings, globals)
  local stopped = interrupt.disarm()
  if not ok then
    return fail(failure, stopped)
  end
  if wants_repl(settings) then
    require("dbscript.repl").run(globals, version(build))
  end
  return DONE
end

return main
