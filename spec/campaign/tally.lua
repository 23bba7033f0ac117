-- What a campaign has found to be good, and what not.
local tally = {}

local passed, failed = 0, 0

--- Counts one thing, and says what it was when it is wrong.
---@param what string
---@param good any
function tally.check(what, good)
  if good then
    passed = passed + 1
  else
    failed = failed + 1
    print("   wrong: " .. what)
  end
end

--- The last line of a program: how many checks passed, and how many failed.
---@return string
function tally.figures()
  return ("%d %d"):format(passed, failed)
end

return tally
