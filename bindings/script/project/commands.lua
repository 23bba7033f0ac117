-- The commands of a project, in the order of the help. What each one does is in a module of its
-- own, which is loaded when it is asked for.
local commands = {}

local LIST = {
  { "init", "begin a project: dbcore.lua, schema.lua, migrations/" },
  { "generate", "write a migration from what changed in the schema" },
  { "migrate", "run the migrations that are due" },
  { "rollback", "take the last migrations back" },
  { "status", "show which migrations ran and which are due" },
  { "verify", "compare files, history, database and schema" },
  { "lint", "look for mistakes and risks in schema and migrations" },
  { "push", "change the database to what the schema says, without a migration" },
  { "pull", "write schema.lua from a database" },
  { "baseline", "mark migrations as done without running them" },
  { "squash", "put several migrations into one" },
  { "merge", "join two branches of migrations" },
  { "repair", "bring the history in line with files that were edited" },
  { "seed", "fill the database with rows" },
  { "backup", "copy the database to a file" },
  { "restore", "put a backup in the place of the database" },
  { "doctor", "examine the database file and its surroundings" },
  { "types", "write the types of the schema for editors" },
  { "diagram", "draw the schema, for Mermaid or as SVG" },
}

local SUMMARIES, NAMES = {}, {}
for i, entry in ipairs(LIST) do
  NAMES[i] = entry[1]
  SUMMARIES[entry[1]] = entry[2]
end

--- Their names in order.
---@return string[]
function commands.names()
  return table.move(NAMES, 1, #NAMES, 1, {})
end

--- What a command is for in a few words, or nil for a word that is none.
---@param name string
---@return string?
function commands.summary(name)
  return SUMMARIES[name]
end

--- What a command is made of.
---@class dbscript.Command
---@field about string? what the help says above the options
---@field declare fun(parser: table)? adds its arguments and options
---@field run fun(job: dbscript.Job): integer? the exit code, 0 when it says nothing

--- Loads a command.
---@param name string
---@return dbscript.Command
function commands.load(name)
  return require("dbscript.project.command." .. name)
end

return commands
