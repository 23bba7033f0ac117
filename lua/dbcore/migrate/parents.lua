-- Tables that refer to each other by foreign keys: a parent is made before its children and dropped
-- behind them. Those that refer to each other in a circle are made and dropped at once.
local parents = {}

local PATTERNS = { 'references%s*"([^"]+)"', "references%s*`([^`]+)`", "references%s*%[([^%]]+)%]",
  "references%s+([%w_]+)" }

-- The names that stand behind REFERENCES, in lower case. What stands in a comment only makes the
-- order stricter.
local function names_in(sql)
  local found = {}
  for _, pattern in ipairs(PATTERNS) do
    for name in sql:lower():gmatch(pattern) do
      found[name] = true
    end
  end
  return found
end

-- The strongly connected components of the tables, by Tarjan's algorithm: each comes behind all
-- that it leads to.
local function visit(walk, i)
  walk.count = walk.count + 1
  local number, low = walk.count, walk.count
  walk.numbers[i] = number
  table.insert(walk.path, i)
  for j, other in ipairs(walk.tables) do
    if walk.refers[i][other:lower()] then
      if not walk.numbers[j] then
        low = math.min(low, visit(walk, j))
      elseif not walk.done[j] then
        low = math.min(low, walk.numbers[j])
      end
    end
  end
  if low == number then
    local group = {}
    repeat
      local last = table.remove(walk.path)
      walk.done[last] = true
      table.insert(group, last)
    until last == i
    table.sort(group)
    table.insert(walk.groups, group)
  end
  return low
end

--- The tables in groups, parents first. A group of several is a circle.
---@param catalog userdata
---@param tables string[]
---@return string[][]
function parents.first(catalog, tables)
  local walk = { tables = tables, refers = {}, numbers = {}, done = {}, path = {}, groups = {},
    count = 0 }
  for i, name in ipairs(tables) do
    local object = catalog:find("table", name)
    walk.refers[i] = object and names_in(object.sql) or {}
  end
  for i in ipairs(tables) do
    if not walk.numbers[i] then
      visit(walk, i)
    end
  end
  for _, group in ipairs(walk.groups) do
    for i, number in ipairs(group) do
      group[i] = tables[number]
    end
  end
  return walk.groups
end

return parents
