-- Asking a person about what stands in the way of a change: a finding brings the hints that settle
-- it, each of them becomes a question.
local hints = require("dbscript.project.hints")
local question = require("dbscript.project.question")

local answers = {}

local function place_of(hint)
  return hint.name and hint.table .. "." .. hint.name or hint.table
end

local function ask_rename(finding, hint)
  return question.confirm(("%s. Is %s the new name?"):format(finding.message, hint.value))
    and hint or nil
end

local function ask_loss(finding, hint)
  local is_first = finding.answers[1] == hint
  return question.confirm(is_first and finding.message .. ". Go on?"
    or ("May %s go with what it holds?"):format(place_of(hint))) and hint or nil
end

local function ask_value(finding, hint)
  local what = hint.kind == "copy" and "SQL that makes the new value of the old row"
    or "SQL for the value of these rows"
  local value = question.ask(("%s. %s (Enter: none):"):format(finding.message, what))
  if value and value ~= "" then
    return { kind = hint.kind, table = hint.table, name = hint.name, value = value }
  end
end

local ASK = { rename_table = ask_rename, rename_column = ask_rename, rename_index = ask_rename,
  allow_loss = ask_loss, backfill = ask_value, copy = ask_value }

--- Asks about a finding, until there is an answer or nothing left to ask.
---@param finding dbcore.Finding
---@return dbcore.Hint? hint nil when every answer is no, or there is none to give
function answers.ask(finding)
  for _, hint in ipairs(finding.answers or {}) do
    local answer = ASK[hint.kind](finding, hint)
    if answer then
      return answer
    end
  end
end

-- What a hint says, behind the option that gives it.
local SAYS = { rename_table = "says that it was renamed", allow_loss = "lets it go",
  backfill = "gives these rows a value", copy = "says how" }
SAYS.rename_column, SAYS.rename_index = SAYS.rename_table, SAYS.rename_table

-- The options that answer a finding, in words; nil when no option does.
local function options_for(finding)
  local parts, has_rename = {}, false
  for i, hint in ipairs(finding.answers or {}) do
    parts[i] = ("%s %s"):format(hints.write(hint), SAYS[hint.kind])
    has_rename = has_rename or hint.kind:find("^rename") ~= nil
  end
  if not has_rename and (finding.code == "D1" or finding.code == "D2") then
    parts[#parts + 1] = ("%s says what it was renamed to"):format(hints.write({
      kind = "rename_table", table = finding.table, name = finding.column,
      value = finding.column and "COLUMN" or "TABLE" }))
  end
  return #parts > 0 and table.concat(parts, ", ") or nil
end

--- Puts the options that answer findings in the place of what the library advises.
---@param findings dbcore.Finding[]
---@return dbcore.Finding[] findings the same ones
function answers.advise(findings)
  for _, finding in ipairs(findings) do
    finding.fix = options_for(finding) or finding.fix
  end
  return findings
end

return answers
