-- What was typed at the prompt in earlier sessions. A history that cannot be kept is no error.
local file = require("dbscript.file")

local history = {}

--- Lines that are kept.
history.LIMIT = 1000

--- Where it is: $XDG_STATE_HOME/dbscript/history, or below ~/.local/state.
---@return string? path nil when there is no home
function history.path()
  local state = os.getenv("XDG_STATE_HOME")
  -- The rules of that variable: a path that is not absolute does not count.
  if not state or state:sub(1, 1) ~= "/" then
    local home = os.getenv("HOME")
    if not home or home == "" then
      return nil
    end
    state = home .. "/.local/state"
  end
  return state .. "/dbscript/history"
end

--- The lines of earlier sessions, oldest first.
---@param path string?
---@return string[]
function history.load(path)
  local handle = path and io.open(path, "r")
  if not handle then
    return {}
  end
  local lines = {}
  for line in handle:lines() do
    lines[#lines + 1] = line
  end
  handle:close()
  local kept = table.move(lines, math.max(1, #lines - history.LIMIT + 1), #lines, 1, {})
  if #lines > history.LIMIT then
    file.replace(path, table.concat(kept, "\n") .. "\n")
  end
  return kept
end

--- Adds a line to the file.
---@param path string?
---@param line string
function history.add(path, line)
  if path and not line:find("\n", 1, true) then
    file.append(path, line .. "\n")
  end
end

return history
