-- The command line: words to settings. Nothing is opened or run here.
local commands = require("dbscript.project.commands")

local options = {}

-- In the order of the help. `value` names what an option takes; without it it takes nothing.
local LIST = {
  { name = "-e", value = "CODE", help = "run CODE; may be given several times" },
  { name = "-l", value = "NAME", help = "require module NAME into the global NAME" },
  { name = "-i", help = "start the REPL afterwards" },
  { name = "--database", value = "FILE", help = "open FILE and give it to the script as `db`" },
  { name = "--readonly", help = "open it for reading only" },
  { name = "--schema", value = "FILE", help = "open it with the schema that FILE.lua returns" },
  { name = "--sandbox", help = "run FILE as code that is not trusted; --sandbox --help says more" },
  { name = "--version", help = "show the version" },
  { name = "--help", help = "show this help" },
}

local BY_NAME = {}
for _, option in ipairs(LIST) do
  BY_NAME[option.name] = option
end

local HEAD = [=[
usage: dbscript [OPTION...] [FILE [ARG...]]
       dbscript COMMAND [OPTION...]

Runs the Lua script FILE with the arguments in `arg` and `...`. The module dbcore is there as the
global `dbcore`. Without FILE and -e it starts a REPL, or runs standard input when that is not a
terminal. `-` is standard input too, and `--` ends the options.

]=]

local COMMANDS = [[

Commands of a project, each with its own --help. A command's name is always the command: a script
of that name is run by its path, ./NAME, or behind `--`.

]]

local TAIL = [[

exit status: 0 done, 1 failed, 2 wrong usage, 130 interrupted; commands know more
]]

--- The text of --help.
---@return string
function options.help()
  local lines = {}
  for i, option in ipairs(LIST) do
    local left = option.name .. (option.value and " " .. option.value or "")
    lines[i] = ("  %-18s %s\n"):format(left, option.help)
  end
  lines[#lines + 1] = COMMANDS
  for _, name in ipairs(commands.names()) do
    lines[#lines + 1] = ("  %-18s %s\n"):format(name, commands.summary(name))
  end
  return HEAD .. table.concat(lines) .. TAIL
end

-- Letters to add, drop, change or swap until `a` is `b`.
local function distance(a, b)
  local before, row = {}, {}
  for j = 0, #b do
    row[j] = j
  end
  for i = 1, #a do
    local older = before
    before, row = row, { [0] = i }
    for j = 1, #b do
      local same = a:byte(i) == b:byte(j)
      row[j] = math.min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (same and 0 or 1))
      if i > 1 and j > 1 and a:byte(i) == b:byte(j - 1) and a:byte(i - 1) == b:byte(j) then
        row[j] = math.min(row[j], older[j - 2] + 1)
      end
    end
  end
  return row[#b]
end

--- The name that was perhaps meant by `word`, or nil when none is near.
---@param word string
---@param names string[]
---@return string?
function options.nearest(word, names)
  local best, best_distance = nil, math.max(1, #word:match("^%-*(.*)$") // 3) + 1
  for _, name in ipairs(names) do
    local d = distance(word, name)
    if d < best_distance then
      best, best_distance = name, d
    end
  end
  return best
end

local function unknown(word)
  local names = {}
  for _, option in ipairs(LIST) do
    if #option.name > 2 then
      names[#names + 1] = option.name
    end
  end
  local near = #word > 3 and options.nearest(word, names)
  local hint = near and ('did you mean "%s"?'):format(near) or "dbscript --help lists them all"
  return ('unknown option "%s": %s'):format(word, hint)
end

-- Splits "--name=value" and "-eCODE". Returns the option and its value, or nil and why not.
local function read_option(word)
  local name, value = word:match("^(%-%-[^=]+)=(.*)$")
  if not name then
    name = word
    if word:find("^%-[el].") then
      name, value = word:sub(1, 2), word:sub(3)
    end
  end
  local option = BY_NAME[name]
  if not option then
    return nil, unknown(name)
  elseif value and not option.value then
    return nil, ('option "%s" takes no value'):format(name)
  end
  return option, value
end

local function apply(settings, option, value)
  if option.name == "-e" then
    table.insert(settings.steps, { code = value })
  elseif option.name == "-l" then
    local global, module = value:match("^([%a_][%w_]*)=(.+)$")
    table.insert(settings.steps, { module = module or value, global = global or value })
  elseif option.name == "-i" then
    settings.interactive = true
  else
    settings[option.name:sub(3)] = option.value and value or true
  end
end

local function contradiction(settings)
  for _, name in ipairs({ "readonly", "schema" }) do
    if settings[name] and not settings.database then
      return ('option "--%s" needs "--database FILE" beside it'):format(name)
    end
  end
end

---@class dbscript.Settings
---@field steps table[] what -e and -l ask for, in order: { code = } or { module =, global = }
---@field script string? the script, "-" for standard input
---@field first integer index of the script in the command line, or of its end
---@field interactive boolean?
---@field database string?
---@field readonly boolean?
---@field schema string?
---@field version boolean?
---@field help boolean?
---@field command string? a command of a project; `first` is its place

--- The command that was perhaps meant by a word that is neither a command nor a file.
---@param word string
---@return string?
function options.nearest_command(word)
  return not word:find("[./]") and options.nearest(word, commands.names()) or nil
end

-- What stands before a command must mean something to it.
local function misplaced(settings)
  for _, option in ipairs(LIST) do
    local is_given = settings[option.name:gsub("^-+", "")]
    if is_given and option.name ~= "--database" and option.name ~= "--schema" then
      return option.name
    end
  end
  return #settings.steps > 0 and (settings.steps[1].code and "-e" or "-l") or nil
end

-- Settings for a command: "--database" and "--schema" before it are as good as behind it.
local function read_command(settings, name, first, is_script)
  if is_script or not name or not commands.summary(name) then
    return nil
  end
  local wrong = misplaced({ steps = settings.steps, i = settings.interactive,
    readonly = settings.readonly })
  if wrong then
    return ('option "%s" is for scripts; the command "%s" does not take it'):format(wrong, name)
  end
  settings.command, settings.first = name, first
end

--- Reads the command line.
---@param words string[] what follows the program's name
---@return dbscript.Settings? settings
---@return string? problem one line, when the usage is wrong
function options.parse(words)
  local settings = { steps = {} }
  local i, is_script = 1, false
  while i <= #words do
    local word = words[i]
    if word == "--" then
      i, is_script = i + 1, true
      break
    elseif word == "-" or word:sub(1, 1) ~= "-" then
      break
    end
    local option, value = read_option(word)
    if not option then
      return nil, value
    end
    if option.value and not value then
      i = i + 1
      value = words[i]
    end
    -- Code may be empty; a file or a module may not.
    if option.value and (not value or (value == "" and option.name ~= "-e")) then
      return nil, ('option "%s" needs a value: %s %s'):format(
        option.name, option.name, option.value)
    end
    apply(settings, option, value)
    i = i + 1
  end
  local problem = read_command(settings, words[i], i, is_script)
  if not settings.command then
    settings.script, settings.first = words[i], i
    problem = problem or contradiction(settings)
  end
  if problem then
    return nil, problem
  end
  return settings
end

return options
