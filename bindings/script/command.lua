-- The commands of the prompt: lines that begin with a dot.
local options = require("dbscript.options")

local command = {}

local LIST = {}

local function define(name, takes, help, run)
  local entry = { name = "." .. name, takes = takes, help = help, run = run }
  LIST[#LIST + 1] = entry
  LIST[entry.name] = entry
end

local HELP = [[
A line of Lua is run, and what it returns is shown; a query is run, its first rows are shown.
A statement of SQL that ends with a semicolon is run as it is. TAB completes, Ctrl-C stops.

]]

define("help", nil, "show this help", function(session)
  local lines = {}
  for i, entry in ipairs(LIST) do
    local left = entry.name .. (entry.takes and " " .. entry.takes or "")
    lines[i] = ("  %-18s %s"):format(left, entry.help)
  end
  session:say(HELP .. table.concat(lines, "\n"))
end)

define("open", "FILE", "open another database as db", function(session, path)
  if not path then
    return session:complain(".open needs a file: .open FILE")
  end
  session:open(path)
end)

define("quit", nil, "leave, as Ctrl-D does", function(session)
  session:quit()
end)

local function show_schema(session, name)
  local statements = session:need_database() and session.catalog:statements(name)
  if not statements then
    return
  elseif name and #statements == 0 then
    local near = options.nearest(name, session.catalog:tables())
    return session:complain(('no table "%s"%s'):format(
      name, near and (', did you mean "%s"?'):format(near) or ": .tables lists them"))
  end
  for _, statement in ipairs(statements) do
    session:say(statement)
  end
end

define("schema", "[TABLE]", "show the statements that made TABLE, or everything", show_schema)

define("tables", nil, "list tables and views", function(session)
  if session:need_database() then
    session:list(session.catalog:tables())
  end
end)

define("timing", "on|off", "show how long each line took", function(session, state)
  if state ~= "on" and state ~= "off" then
    return session:complain(".timing takes on or off")
  end
  session:set_timing(state == "on")
end)

table.sort(LIST, function(a, b)
  return a.name < b.name
end)

--- The names of all commands with their dot, sorted.
---@return string[]
function command.names()
  local names = {}
  for i, entry in ipairs(LIST) do
    names[i] = entry.name
  end
  return names
end

--- Runs a line that begins with a dot.
---@param session table the REPL
---@param line string
function command.run(session, line)
  local name, argument = line:match("^%s*(%.%S*)%s*(.-)%s*$")
  local entry = LIST[name]
  if not entry then
    local near = options.nearest(name, command.names())
    return session:complain(('unknown command "%s": %s'):format(
      name, near and ('did you mean "%s"?'):format(near) or ".help lists them all"))
  elseif argument ~= "" and not entry.takes then
    return session:complain(("%s takes nothing behind it"):format(name))
  end
  entry.run(session, argument ~= "" and argument or nil)
end

return command
