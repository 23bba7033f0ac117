-- Makes the runner's Lua parts loadable in a spec: require("dbscript.grid") is
-- bindings/script/grid.lua, require("dbscript.project.config") is
-- bindings/script/project/config.lua. Parts in C are given by the spec that needs one.
local root = debug.getinfo(1, "S").source:match("^@(.*)/?spec/script/parts%.lua$") or ""

local parts = {}

local function find(name)
  local noun = name:match("^dbscript%.([%w_.]+)$")
  if not noun then
    return nil
  end
  local path = (root == "" and "." or root) .. "/bindings/script/" .. noun:gsub("%.", "/") .. ".lua"
  local file = io.open(path, "r")
  if not file then
    return ("\n\tno file '%s'"):format(path)
  end
  file:close()
  return assert(loadfile(path)), path
end

table.insert(package.searchers, 2, find)

--- Puts a stand-in for a part in C.
---@param name string such as "dbscript.file"
---@param module table
function parts.stand_in(name, module)
  package.loaded[name] = module
end

return parts
