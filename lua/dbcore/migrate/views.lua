-- Views that stand on each other. One that is made again takes those that read it along: a view
-- whose source is gone does not work, and nothing may leave one behind.
local views = {}

-- Whether the text speaks of that name. What is taken for it wrongly is made again for nothing.
local function mentions(sql, name)
  local plain = name:lower():gsub("[^%w]", "%%%0")
  return sql:lower():find("%f[%w_]" .. plain .. "%f[^%w_]") ~= nil
end

local function of(catalog)
  local list = {}
  for _, one in ipairs(catalog:objects()) do
    if one.kind == "view" then
      list[#list + 1] = one
    end
  end
  return list
end

-- Whether `view` reads another one of `list`.
local function reads_any(view, list)
  for _, other in ipairs(list) do
    if other ~= view and mentions(view.sql, other.name) then
      return true
    end
  end
  return false
end

-- Those that are read behind those that read them; in a circle, which only words can make, as they
-- come.
local function sort(list)
  local sorted = {}
  while #list > 0 do
    local first = 1
    for i, view in ipairs(list) do
      if not reads_any(view, list) then
        first = i
        break
      end
    end
    table.insert(sorted, 1, table.remove(list, first))
  end
  return sorted
end

--- Adds to `names` the views of `catalog` that read one of them, directly or not.
---@param catalog userdata
---@param names table<string, boolean> in lower case
function views.spread(catalog, names)
  local all, has_grown = of(catalog), true
  while has_grown do
    has_grown = false
    for _, view in ipairs(all) do
      for _, other in ipairs(all) do
        if names[other.name:lower()] and not names[view.name:lower()]
          and mentions(view.sql, other.name) then
          names[view.name:lower()], has_grown = true, true
        end
      end
    end
  end
end

--- Those of `names` that are in `catalog`, each before the ones that it reads.
---@param catalog userdata
---@param names table<string, boolean> in lower case
---@return table[] views
function views.readers_first(catalog, names)
  local list = {}
  for _, view in ipairs(of(catalog)) do
    if names[view.name:lower()] then
      list[#list + 1] = view
    end
  end
  return sort(list)
end

return views
