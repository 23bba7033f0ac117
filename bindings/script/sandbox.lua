-- dbscript --sandbox: the words of its command line. The script runs in C, in a process of its
-- own; here nothing is opened.
local untrusted = require("dbscript.untrusted")

local sandbox = {}

local DONE, WRONG_USAGE = 0, 2

-- What holds when nothing is said; for memory and time the supervising process needs to know it.
local MEMORY, TIME = "64M", "5s"

-- In the order of the help.
local LIST = {
  { name = "--sandbox", help = "run FILE as code that is not trusted" },
  { name = "--database", value = "FILE", help = "open FILE and give it to the script as `db`" },
  { name = "--db", value = "FILE", help = "the same" },
  { name = "--readonly", help = "open it for reading only" },
  { name = "--allow", value = "TABLE:OPS", help = "only the tables named so may be used; OPS is "
    .. "`all` or some of select,insert,update,delete" },
  { name = "--strict", help = "no coroutines, no load, no clock, no SQL as text" },
  { name = "--memory", value = "SIZE", help = "such as 32M; default " .. MEMORY },
  { name = "--time", value = "TIME", help = "such as 2s or 500ms; default " .. TIME },
  { name = "--instructions", value = "NUMBER", help = "such as 10M; default 50M" },
  { name = "--output", value = "SIZE", help = "printed at most; default 1M" },
  { name = "--help", help = "show this help" },
}

local BY_NAME = {}
for _, option in ipairs(LIST) do
  BY_NAME[option.name] = option
end

local HEAD = [[
usage: dbscript --sandbox [OPTION...] FILE

Runs a script that finds the harmless parts of Lua, `dbcore`, the database as `db`, and nothing
else of this machine. What it may use up is limited; `none` in place of a limit is no limit.

]]

local TAIL = [[

exit status: 0 done, 1 failed, 2 wrong usage, 7 a limit was exceeded
]]

local function help()
  local lines = {}
  for i, option in ipairs(LIST) do
    local left = option.name .. (option.value and " " .. option.value or "")
    lines[i] = ("  %-22s %s\n"):format(left, option.help)
  end
  return HEAD .. table.concat(lines) .. TAIL
end

local UNITS = { [""] = 1, k = 1 << 10, m = 1 << 20, g = 1 << 30 }
local THOUSANDS = { [""] = 1, k = 1000, m = 1000000, g = 1000000000 }
local MILLISECONDS = { ms = 1, s = 1000, m = 60000, h = 3600000, [""] = 1000 }

local NONE = -1 -- as the limits of a VM have it

-- A number with a unit as an integer, or nil.
local function measure(text, units)
  if text == "none" then
    return NONE
  end
  local number, unit = text:lower():match("^(%d+%.?%d*)([a-z]*)$")
  local factor = unit and (units[unit] or units[unit:gsub("i?b$", "")])
  local value = factor and math.floor(number * factor)
  return value and value >= 1 and value or nil
end

-- Each reads one value into the settings, and returns what is wrong with it.
local READ = {}

function READ.database(settings, value)
  settings.database = value
end
READ.db = READ.database

local function figure(field, units, example)
  return function(settings, value, name)
    settings[field] = measure(value, units)
    if not settings[field] then
      return ('option "%s" takes a number such as %s, or "none"; got "%s"'):format(
        name, example, value)
    end
  end
end

READ.memory = figure("memory", UNITS, "32M")
READ.time = figure("time_ms", MILLISECONDS, "2s")
READ.instructions = figure("instructions", THOUSANDS, "10M")
READ.output = figure("output", UNITS, "1M")

local OPERATIONS = { select = 1, insert = 2, update = 4, delete = 8, all = 15 }

function READ.allow(settings, value, name)
  local tab, words = value:match("^(.+):([%a,]+)$")
  local may = 0
  for word in (words or "?"):gmatch("[^,]+") do
    if not OPERATIONS[word] then
      return ('option "%s" takes TABLE:OPS, where OPS is "all" or some of select,insert,update,'
        .. 'delete; got "%s"'):format(name, value)
    end
    may = may | OPERATIONS[word]
  end
  settings.tables = settings.tables or {}
  table.insert(settings.tables, { name = tab, may = may })
end

for _, flag in ipairs({ "sandbox", "readonly", "strict", "help" }) do
  READ[flag] = function(settings)
    settings[flag] = true
  end
end

-- Splits "--name=value".
local function split(word)
  local name, value = word:match("^(%-%-[^=]+)=(.*)$")
  return name or word, value
end

local function read_option(settings, words, i)
  local options = require("dbscript.options")
  local name, value = split(words[i])
  local option = BY_NAME[name]
  if not option then
    local names = {}
    for _, one in ipairs(LIST) do
      names[#names + 1] = one.name
    end
    local near = options.nearest(name, names)
    return nil, ('unknown option "%s" of a sandbox: %s'):format(name,
      near and ('did you mean "%s"?'):format(near) or "dbscript --sandbox --help lists them all")
  elseif value and not option.value then
    return nil, ('option "%s" takes no value'):format(name)
  end
  if option.value and not value then
    i = i + 1
    value = words[i]
  end
  if option.value and (not value or value == "") then
    return nil, ('option "%s" needs a value: %s %s'):format(name, name, option.value)
  end
  local problem = READ[name:sub(3)](settings, value, name)
  if problem then
    return nil, problem
  end
  return i + 1
end

--- Reads the command line of a sandbox.
---@param words string[]
---@return table? settings
---@return string? problem
function sandbox.parse(words)
  local settings = {}
  local i = 1
  READ.memory(settings, MEMORY)
  READ.time(settings, TIME)
  while words[i] and words[i]:sub(1, 1) == "-" and words[i] ~= "--" do
    local after, problem = read_option(settings, words, i)
    if not after then
      return nil, problem
    end
    i = after
  end
  if words[i] == "--" then
    i = i + 1
  end
  settings.script = words[i]
  if settings.help then
    return settings
  elseif not settings.script then
    return nil, "a sandbox needs a script: dbscript --sandbox [OPTION...] FILE"
  elseif words[i + 1] then
    return nil, ('a script in a sandbox takes no arguments; got "%s"'):format(words[i + 1])
  elseif (settings.tables or settings.readonly) and not settings.database then
    return nil, ('option "%s" needs "--database FILE" beside it'):format(
      settings.readonly and "--readonly" or "--allow")
  end
  return settings
end

--- Whether a command line asks for a sandbox.
---@param words string[]
---@return boolean
function sandbox.is_wanted(words)
  local i = 1
  while words[i] and words[i]:sub(1, 1) == "-" and words[i] ~= "--" do
    local name, value = split(words[i])
    if name == "--sandbox" then
      return true
    end
    local option = BY_NAME[name]
    i = i + (option and option.value and not value and 2 or 1)
  end
  return false
end

--- Runs the script of a command line.
---@param words string[]
---@return integer exit code
function sandbox.run(words)
  local settings, problem = sandbox.parse(words)
  if not settings then
    io.stderr:write("dbscript: ", problem, "\n")
    return WRONG_USAGE
  elseif settings.help then
    io.stdout:write(help())
    return DONE
  end
  return untrusted.run(settings)
end

return sandbox
