-- A text that a command makes: into a file, or to standard output, or into the document of --json.
local file = require("dbscript.file")
local outcome = require("dbscript.project.outcome")

local product = {}

--- Gives the text to who asked for it without a file.
---@param job dbscript.Job
---@param text string
function product.show(job, text)
  job.document.text = text
  if not job.given.json then
    io.stdout:write(text)
  end
end

--- Writes it to a file, whole or not at all, and names that in the document.
---@param job dbscript.Job
---@param key string of the document
---@param path string
---@param text string
function product.save(job, key, path, text)
  local saved, problem = file.save(path, text)
  if not saved then
    outcome.stop(outcome.FAILED, "%s", problem)
  end
  job.document[key] = path
end

--- Tells of a migration that was written, or shows what would be.
---@param job dbscript.Job
---@param result { id: string, path: string?, text: string }
---@param more? string what is said behind its path
function product.migration(job, result, more)
  job.document.id, job.document.path, job.document.text = result.id, result.path, result.text
  if job.given.dry_run then
    return job.screen:show(result.text)
  end
  job.screen:say("written: %s%s", result.path, more or "")
end

return product
