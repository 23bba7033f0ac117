-- Runs the Lua specs with busted: `lua5.4 spec/lua/run.lua [busted's arguments]`, or with
-- dbscript in place of lua5.4. DBCORE_BUILD names the build folder, "build" by default.
local arg = arg or {}

local root = (arg[0] or ""):match("^(.*)/spec/lua/run%.lua$") or "."
local build = os.getenv("DBCORE_BUILD") or root .. "/build"

package.path = ("%s/lua/?.lua;%s/lua/?/init.lua;%s/?.lua;"):format(root, root, root)
  .. package.path
package.cpath = ("%s/lua/?.so;"):format(build) .. package.cpath

-- Without a file or a folder among the arguments all specs are meant.
local function names_a_place()
  for _, value in ipairs(arg) do
    if value:find("_spec%.lua$") or value:find("/$") then
      return true
    end
  end
  return false
end

if not names_a_place() then
  arg[#arg + 1] = root .. "/spec/lua/"
end

_G.arg = arg
require("busted.runner")({ standalone = false })
