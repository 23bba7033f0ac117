-- Asking a person about what stands in the way of a plan: each finding that refuses becomes a
-- question, each answer a hint.
local question = require("dbscript.project.question")

local answers = {}

local LOSSES = { D1 = true, D2 = true, D3 = true, D4 = true, D5 = true }

local function allow(finding)
  return { kind = "allow_loss", table = finding.table, name = finding.column }
end

-- The new name in a fix such as "say --rename t.a=b, or --allow-loss t.a when …".
local function new_name(finding)
  local old = finding.column and finding.table .. "." .. finding.column or finding.table
  local _, last = finding.fix:find("--rename " .. old .. "=", 1, true)
  return last and finding.fix:sub(last + 1):match("^(.-), or %-%-allow%-loss")
end

local function ask_rename(finding)
  local new = new_name(finding)
  if new and question.confirm(("%s. Is %s the new name?"):format(finding.message, new)) then
    return { kind = finding.column and "rename_column" or "rename_table", table = finding.table,
      name = finding.column, value = new }
  elseif question.confirm(("May %s go with what it holds?"):format(
    finding.column and finding.table .. "." .. finding.column or finding.table)) then
    return allow(finding)
  end
end

local function ask_value(finding)
  local value = question.ask(("%s. SQL for the value of these rows (Enter: stop):"):format(
    finding.message))
  if value and value ~= "" then
    return { kind = "backfill", table = finding.table, name = finding.column, value = value }
  end
end

--- Asks about a finding.
---@param finding table
---@return table? hint nil when the answer is no, or there is none to give
function answers.ask(finding)
  if finding.code == "B1" or finding.code == "B2" then
    return ask_rename(finding)
  elseif finding.code == "F1" and finding.column then
    return ask_value(finding)
  elseif LOSSES[finding.code] and question.confirm(finding.message .. ". Go on?") then
    return allow(finding)
  end
end

return answers
