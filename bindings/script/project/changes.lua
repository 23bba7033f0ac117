-- Plans as a person and a program read them: differences, findings, statements; and the way from
-- a plan with refusals to one without, by asking.
local native = require("dbcore.native")
local answers = require("dbscript.project.answers")
local outcome = require("dbscript.project.outcome")
local question = require("dbscript.project.question")
local report = require("dbscript.report")

local changes = {}

local LEVELS = { refusal = { "red", "refused" }, warning = { "yellow", "warning" },
  note = { "dim", "note   " } }

local function refusal_of(findings)
  for _, finding in ipairs(findings) do
    if finding.level == "refusal" then
      return finding
    end
  end
end

--- Shows what a plan found.
---@param job dbscript.Job
---@param findings dbcore.Finding[] as answers.advise() gave them
function changes.show_findings(job, findings)
  for _, finding in ipairs(findings) do
    local level = LEVELS[finding.level]
    job.screen:line({ level[1], level[2] }, "  ", finding.code, "  ", finding.message)
    if finding.fix and finding.fix ~= "" then
      job.screen:line({ "dim", "             " .. finding.fix })
    end
  end
end

--- Puts a plan into the document of --json.
---@param job dbscript.Job
---@param plan any
function changes.document(job, plan)
  job.document.differences = native.array(plan:differences())
  job.document.findings = native.array(answers.advise(plan:findings()))
  job.document.steps = native.array(plan:steps())
end

-- What `make` comes to: its result, or the findings that it was refused with.
local function attempt(make, hints)
  local ok, result, findings = pcall(make, hints)
  if ok then
    return result, answers.advise(findings or {})
  end
  findings = type(result) == "table" and result.code == "refused" and rawget(result, "findings")
  if not findings then
    error(result, 0)
  end
  return nil, answers.advise(findings)
end

-- Whether SQL that was typed may be what is wrong.
local function is_about_answer(problem, hint)
  local code = type(problem) == "table" and problem.code
  return hint ~= nil and (hint.kind == "backfill" or hint.kind == "copy")
    and (code == "refused" or code == "syntax" or code == "schema" or code == "invalid")
end

--- Whether somebody can be asked.
---@param job dbscript.Job
---@return boolean
function changes.can_ask(job)
  return question.is_possible() and not job.given.json
end

--- Asks for values that rows may lack. Nobody has to know one; SQL that is none is asked for again.
---@param job dbscript.Job
---@param hints dbcore.Hint[] gets what was answered
---@param findings dbcore.Finding[]
---@param try fun(hints: dbcore.Hint[]) raises when an answer is wrong
function changes.fill(job, hints, findings, try)
  for _, finding in ipairs(findings) do
    local hint = finding.code == "F1" and finding.level == "warning" and changes.can_ask(job)
      and answers.ask(finding)
    while hint do
      hints[#hints + 1] = hint
      local ok, problem = pcall(try, hints)
      if ok then
        break
      elseif type(problem) ~= "table" or not problem.code then
        error(problem, 0)
      end
      table.remove(hints)
      job.screen:complain(report.brief(problem.message))
      hint = answers.ask(finding)
    end
  end
end

--- Makes something with `make(hints)`, asking about what stands in the way where somebody can
--- answer; else stops with the first refusal. SQL that is none is asked for again.
---@param job dbscript.Job
---@param hints dbcore.Hint[] gets what was answered
---@param make fun(hints: dbcore.Hint[]): any, dbcore.Finding[]? may raise `refused` with findings
---@return any result
function changes.settle(job, hints, make)
  local findings, finding, hint = nil, nil, nil
  while true do
    local ok, result, found = pcall(attempt, make, hints)
    if not ok and not is_about_answer(result, hint) then
      error(result, 0)
    elseif not ok then
      table.remove(hints)
      job.screen:complain(report.brief(result.message))
    else
      findings, finding = found, refusal_of(found)
      if not finding then
        return result
      end
    end
    job.document.findings = native.array(findings)
    hint = changes.can_ask(job) and answers.ask(finding) or nil
    if not hint then
      if #findings > 1 then
        changes.show_findings(job, findings)
      end
      local fix = finding.fix and finding.fix ~= "" and ": " .. finding.fix or ""
      outcome.stop(outcome.REFUSED, "%s%s", finding.message, fix)
    end
    hints[#hints + 1] = hint
  end
end

return changes
