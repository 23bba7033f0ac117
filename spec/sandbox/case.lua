-- How a hostile script has to end, in one line each.
local case = {}

--- It is stopped with one of the words between the bars.
---@param name string
---@param message string
---@param code string
function case.limited(name, message, code)
  return { name = name, expect = "limited", message = message, code = code }
end

--- It comes to its end.
---@param name string
---@param code string
function case.ok(name, code)
  return { name = name, expect = "ok", code = code }
end

--- It ends in either way, and its assertions hold.
---@param name string
---@param code string
function case.safe(name, code)
  return { name = name, expect = "safe", code = code }
end

return case
