-- Plans as a person and a program read them: differences, findings, statements; and the way from
-- a plan with refusals to one without, by asking.
local native = require("dbcore.native")
local answers = require("dbscript.project.answers")
local outcome = require("dbscript.project.outcome")
local question = require("dbscript.project.question")

local changes = {}

local LEVELS = { refusal = { "red", "refused" }, warning = { "yellow", "warning" },
  note = { "dim", "note   " } }

--- The first finding that stands in the way.
---@param plan any
---@return table?
function changes.refusal(plan)
  for _, finding in ipairs(plan:findings()) do
    if finding.level == "refusal" then
      return finding
    end
  end
end

--- Shows what a plan found.
---@param job dbscript.Job
---@param findings table[]
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
  job.document.findings = native.array(plan:findings())
  job.document.steps = native.array(plan:steps())
end

--- Makes a plan with `make(hints)`, asking about what stands in the way where somebody can answer;
--- else stops with the first refusal.
---@param job dbscript.Job
---@param hints table[] gets what was answered
---@param make fun(hints: table[]): any
---@return any plan
function changes.settle(job, hints, make)
  while true do
    local plan = make(hints)
    local finding = changes.refusal(plan)
    changes.document(job, plan)
    if not finding then
      return plan
    end
    local hint = question.is_possible() and not job.given.json and answers.ask(finding)
    if not hint then
      changes.show_findings(job, plan:findings())
      local fix = finding.fix and finding.fix ~= "" and ": " .. finding.fix or ""
      outcome.stop(outcome.REFUSED, "%s%s", finding.message, fix)
    end
    hints[#hints + 1] = hint
  end
end

return changes
