-- The arguments of a command, read by argparse. Its complaints are brought into the one line that
-- all complaints of the program have, with the nearest name.
local argparse = require("argparse")

local commands = require("dbscript.project.commands")
local options = require("dbscript.options")
local outcome = require("dbscript.project.outcome")

local arguments = {}

local TAIL = [[
exit status: 0 done or nothing to do, 1 failed, 2 wrong usage, 3 refused: an answer is needed and
nothing was changed, 4 another process holds the lock, 5 history does not match, 6 changes are
pending, 130 interrupted]]

--- A converter for an option that takes a number from `least` on.
---@param name string
---@param least number
---@param is_whole boolean
---@return fun(word: string): number?, string?
function arguments.number(name, least, is_whole)
  return function(word)
    local number = tonumber(word)
    number = number and is_whole and math.tointeger(number) or not is_whole and number or nil
    if not number or number < least or number ~= number then
      return nil, ("%s takes a %s from %s, got '%s'"):format(name,
        is_whole and "whole number" or "number", least, word)
    end
    return number
  end
end

local function declare_shared(parser)
  parser:option("--config"):argname("FILE"):default("dbcore.lua")
    :description("the project's settings; dbcore.lua, when it is there")
    :show_default(false)
  parser:option("--database"):argname("FILE"):description("the database instead of the project's")
  parser:option("--schema"):argname("FILE"):count("*")
    :description("the schema instead of the project's, Lua or SQL; several are put together")
  parser:option("--migrations"):argname("FOLDER")
    :description("the folder of migrations instead of the project's")
  parser:flag("--json"):description("write one JSON document to standard output")
  parser:flag("-h --help"):description("show this help")
end

--- The parser of a command.
---@param name string
---@param command dbscript.Command
---@return table
function arguments.parser(name, command)
  local summary = commands.summary(name)
  local about = command.about or (summary:sub(1, 1):upper() .. summary:sub(2) .. ".")
  local parser = argparse("dbscript " .. name, about, TAIL):add_help(false)
  parser:help_max_width(100):usage_max_width(100):help_description_margin(30)
  if command.declare then
    command.declare(parser)
  end
  declare_shared(parser)
  return parser
end

local function option_names(parser)
  local names = {}
  for _, option in ipairs(parser._options) do
    for _, alias in ipairs(option._aliases) do
      if #alias > 2 then
        names[#names + 1] = alias
      end
    end
  end
  table.sort(names)
  return names
end

-- argparse's complaint as one line of ours.
local function reword(message, parser, name)
  local wrong = message:match("^unknown option '([^']*)'")
  if wrong then
    local near = options.nearest(wrong, option_names(parser))
    return ('unknown option "%s": %s'):format(wrong, near and ('did you mean "%s"?'):format(near)
      or ("dbscript %s --help lists them all"):format(name))
  end
  message = message:gsub("\n", " "):gsub("'([^']*)'", '"%1"')
  return ("%s: dbscript %s --help shows how it is used"):format(message, name)
end

local function asks_for_help(words)
  for _, word in ipairs(words) do
    if word == "--" then
      return false
    elseif word == "-h" or word == "--help" then
      return true
    end
  end
  return false
end

--- Reads the words behind a command.
---@param name string
---@param command dbscript.Command
---@param words string[]
---@return table? given what was given, by name; nil when it is the help that is wanted
---@return string? help
function arguments.read(name, command, words)
  local parser = arguments.parser(name, command)
  if asks_for_help(words) then
    return nil, parser:get_help()
  end
  local ok, given = parser:pparse(words)
  if not ok then
    outcome.stop(outcome.WRONG_USAGE, "%s", reword(given, parser, name))
  end
  return given
end

return arguments
