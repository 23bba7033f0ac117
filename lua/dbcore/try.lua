-- Errors as values, for those who prefer to look at them.

local function results(good, ...)
  if good then
    return ...
  end
  return nil, (...)
end

--- Calls `f(...)`. Returns what it returns, or nil and the error it raised.
---@param f function
---@param ... any
---@return any ...
local function try(f, ...)
  return results(pcall(f, ...))
end

return try
