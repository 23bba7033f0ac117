-- What a value has, looked at without running any of its code: no metamethod is called, so
-- nothing is opened, raised or changed by looking.
local member = {}

local CHAIN_MAX = 8 -- metatables behind each other

-- Calls visit(t) for the value itself, when it is a table, and every table behind it that
-- __index leads to, until it returns something.
local function walk(value, visit)
  for _ = 1, CHAIN_MAX do
    if type(value) == "table" then
      local found = visit(value)
      if found ~= nil then
        return found
      end
    end
    local meta = debug.getmetatable(value)
    value = type(meta) == "table" and rawget(meta, "__index") or nil
    if type(value) ~= "table" then
      return nil
    end
  end
end

--- The field or method `name` of `value`, or nil.
---@param value any
---@param name string
---@return any
function member.find(value, name)
  return walk(value, function(t)
    return rawget(t, name)
  end)
end

--- Whether `value` has a method of that name.
---@param value any
---@param name string
---@return boolean
function member.has_method(value, name)
  return type(value) ~= "string" and type(member.find(value, name)) == "function"
end

--- All fields and methods: name → value.
---@param value any
---@return table<string, any>
function member.all(value)
  local all = {}
  walk(value, function(t)
    for name, field in next, t do
      if type(name) == "string" and all[name] == nil and not name:find("^__") then
        all[name] = field
      end
    end
  end)
  return all
end

return member
