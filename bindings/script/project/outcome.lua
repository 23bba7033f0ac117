-- How a command ends: the exit codes, and stopping with one of them.
local outcome = {
  DONE = 0,
  FAILED = 1,
  WRONG_USAGE = 2,
  REFUSED = 3, -- an answer is needed; nothing was changed
  LOCKED = 4,
  MISMATCH = 5, -- the history and the files or the database do not go together
  PENDING = 6,
  INTERRUPTED = 130,
}

local Stop_mt = { __name = "dbscript.stop" }

-- Codes of error objects that mean more than "failed".
local BY_CODE = {
  refused = outcome.REFUSED,
  busy = outcome.LOCKED,
  drift = outcome.MISMATCH,
}

-- What JSON calls a failure that has no code of its own.
local WORDS = {
  [outcome.FAILED] = "failed",
  [outcome.WRONG_USAGE] = "usage",
  [outcome.REFUSED] = "refused",
  [outcome.LOCKED] = "busy",
  [outcome.MISMATCH] = "drift",
  [outcome.PENDING] = "pending",
  [outcome.INTERRUPTED] = "interrupted",
}

--- Ends the command with an exit code and one line that says why and how to mend it.
---@param exit integer
---@param format string as for string.format
function outcome.stop(exit, format, ...)
  error(setmetatable({ exit = exit, message = format:format(...) }, Stop_mt), 0)
end

--- What was given to stop(), or nil for any other value.
---@param value any
---@return { exit: integer, message: string }?
function outcome.stopped(value)
  return getmetatable(value) == Stop_mt and value or nil
end

--- The exit code of a failure with this code.
---@param code string? of an error object
---@return integer
function outcome.of(code)
  return BY_CODE[code] or outcome.FAILED
end

--- The word for an exit code.
---@param exit integer
---@return string
function outcome.word(exit)
  return WORDS[exit] or "failed"
end

return outcome
