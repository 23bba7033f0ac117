-- What the library advises, in the words of the commands: it speaks of its own methods, and who
-- runs a command has options.
local wording = {}

-- Plain texts in place of plain texts, the longer ones first.
local WORDS = {
  { "give { force = true } to accept it", "dbscript repair --force accepts it" },
  { "give { force = true } to forget that it was",
    "dbscript repair --force forgets that it was" },
  { "with repair { force = true }", "with dbscript repair --force" },
  { "with repair { drift = true }", "with dbscript repair --undo" },
  { "have it forgotten by a repair", "have it forgotten with dbscript repair --force" },
  { "accept it by a repair", "accept it with dbscript repair --force" },
  { "anew with repair", "anew with dbscript repair" },
  { "the missing migration with generate", "the missing migration with dbscript generate" },
  { "or merge both", "or join them with dbscript merge" },
  { "or allow it out of order", "or let it in with --allow-out-of-order" },
  { "update the program", "update the project, or bring the file back" },
}

-- What may be lost, or was renamed, is named in the middle.
local LOSS = "allow the loss of (%S+), or say what it was renamed to"
local LOSS_OPTIONS = "--allow-loss %1 lets it go, --rename %1=%2 says what it was renamed to"

local function replace(message, from, to)
  local first, last = message:find(from, 1, true)
  return first and message:sub(1, first - 1) .. to .. message:sub(last + 1) or message
end

--- A message or an advice of the library, for who runs a command.
---@param message string
---@return string
function wording.of_commands(message)
  for _, pair in ipairs(WORDS) do
    message = replace(message, pair[1], pair[2])
  end
  return (message:gsub(LOSS, function(name)
    return LOSS_OPTIONS:gsub("%%(%d)", { ["1"] = name, ["2"] = name:find(".", 1, true)
      and "COLUMN" or "TABLE" })
  end))
end

return wording
