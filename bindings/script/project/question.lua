-- Questions to a person at the terminal. In a pipe nobody answers, so nothing is asked there.
local outcome = require("dbscript.project.outcome")
local terminal = require("dbscript.terminal")
local text = require("dbscript.text")

local question = {}

-- After the end of input nobody answers any more: a terminal would go on after it.
local has_ended = false

--- Whether there is a person to ask.
---@return boolean
function question.is_possible()
  return not has_ended and terminal.is("stdin") and terminal.is("stderr")
end

--- Asks for one line. The question goes to standard error, since output may be redirected.
---@param prompt string
---@return string? answer without blanks around; nil at the end of input
function question.ask(prompt)
  if has_ended then
    return nil
  end
  io.stdout:flush()
  io.stderr:write(text.clean(prompt), " ")
  io.stderr:flush()
  local line = io.stdin:read("l")
  if not line then
    has_ended = true
    io.stderr:write("\n")
    return nil
  end
  return line:match("^%s*(.-)%s*$")
end

--- Asks for yes or no; no is what Enter means.
---@param prompt string
---@return boolean
function question.confirm(prompt)
  while true do
    local answer = question.ask(prompt .. " [y/N]")
    answer = answer and answer:lower()
    if answer == "y" or answer == "yes" then
      return true
    elseif not answer or answer == "" or answer == "n" or answer == "no" then
      return false
    end
    io.stderr:write("y or n, please\n")
  end
end

--- Goes on only when a person says yes; in a pipe only with the option --yes, which is named.
---@param message string what will be done
---@param prompt string
function question.insist(message, prompt)
  if not question.is_possible() then
    outcome.stop(outcome.REFUSED, "%s: add --yes if that is meant", message)
  elseif not question.confirm(("%s. %s"):format(message, prompt)) then
    outcome.stop(outcome.REFUSED, "nothing was changed")
  end
end

return question
