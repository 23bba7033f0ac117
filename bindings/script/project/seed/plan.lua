-- What a seed file asks for, checked and brought into an order in which every row finds the rows
-- it points to.
local check = require("dbcore.check")
local inspection = require("dbscript.project.inspection")
local outcome = require("dbscript.project.outcome")

local plan = {}

local KEYS = { count = true, row = true, rows = true, per = true }

---@class dbscript.SeedPart
---@field table dbscript.InspectedTable
---@field count integer[] from and to
---@field row (fun(g: dbscript.Generator, i: integer, parent: table?): table)?
---@field rows table[]?
---@field per dbscript.InspectedTable?

local function fail(path, format, ...)
  outcome.stop(outcome.FAILED, "%s: %s", path, format:format(...))
end

local function find_table(path, found, name, what)
  local one = type(name) == "string" and found.by_name[inspection.fold(name)]
  if not one then
    local names = {}
    for i, known in ipairs(found.tables) do
      names[i] = known.name
    end
    table.sort(names)
    fail(path, "%s names the table %s, which the database does not have%s", what,
      check.describe(name), check.suggestion(name, names))
  end
  return one
end

local function read_count(path, name, count)
  if math.type(count) == "integer" and count >= 0 then
    return { count, count }
  elseif type(count) == "table" and math.type(count[1]) == "integer"
    and math.type(count[2]) == "integer" and 0 <= count[1] and count[1] <= count[2] then
    return { count[1], count[2] }
  end
  return fail(path, 'the count of "%s" is a number or { from, to }, got %s', name,
    check.describe(count))
end

local function check_part(path, name, part)
  for _, key in ipairs(check.sorted_keys(part)) do
    if not KEYS[key] then
      fail(path, '"%s" has no setting %s%s', name, check.quote(key),
        check.suggestion(key, check.sorted_keys(KEYS)))
    end
  end
  if (part.rows == nil) == (part.row == nil) then
    fail(path, '"%s" needs either rows = { … } or row = function(g, i, parent)', name)
  elseif part.rows ~= nil and type(part.rows) ~= "table" then
    fail(path, 'the rows of "%s" are a list, got %s', name, check.describe(part.rows))
  elseif part.row ~= nil and type(part.row) ~= "function" then
    fail(path, 'the row of "%s" is a function, got %s', name, check.describe(part.row))
  end
end

local function read_part(path, found, part, i)
  if type(part) ~= "table" then
    fail(path, 'item %d is { "table", count = 10, row = function(g, i) … end }, got %s', i,
      check.describe(part))
  end
  local one = find_table(path, found, part[1], ("item %d"):format(i))
  check_part(path, one.name, part)
  return {
    table = one,
    rows = part.rows,
    row = part.row,
    per = part.per and find_table(path, found, part.per, '"per"') or nil,
    count = part.row and read_count(path, one.name, part.count or 1) or { 0, 0 },
  }
end

-- The parts a part has to wait for.
local function waits_for(part, by_table, found)
  local list = {}
  for _, key in ipairs(part.table.foreign_keys) do
    local parent = found.by_name[inspection.fold(key.table)]
    if parent and parent ~= part.table and by_table[parent] then
      list[#list + 1] = parent
    end
  end
  if part.per and part.per ~= part.table and by_table[part.per] then
    list[#list + 1] = part.per
  end
  return list
end

local function is_ready(part, by_table, found, done)
  for _, parent in ipairs(waits_for(part, by_table, found)) do
    if not done[parent] then
      return false
    end
  end
  return true
end

-- Parents first, otherwise in the order of the file.
local function in_order(path, parts, found)
  local by_table, done, ordered = {}, {}, {}
  for _, part in ipairs(parts) do
    if by_table[part.table] then
      fail(path, '"%s" is there twice; put its rows together', part.table.name)
    end
    by_table[part.table] = part
  end
  while #ordered < #parts do
    local next_part
    for _, part in ipairs(parts) do
      if not done[part.table] and is_ready(part, by_table, found, done) then
        next_part = part
        break
      end
    end
    if not next_part then
      local names = {}
      for _, part in ipairs(parts) do
        names[#names + 1] = not done[part.table] and part.table.name or nil
      end
      fail(path, "%s wait for each other: leave a key out of the rows of one and set it later",
        table.concat(names, ", "))
    end
    done[next_part.table] = true
    ordered[#ordered + 1] = next_part
  end
  return ordered
end

--- Reads what a seed file returned.
---@param path string the file, for messages
---@param given any
---@param found dbscript.Inspection
---@return dbscript.SeedPart[] parts in the order of work
---@return integer seed
function plan.read(path, given, found)
  if type(given) ~= "table" or #given == 0 then
    fail(path, 'it must return a list such as { { "users", count = 10, row = function(g, i) … end '
      .. "} }, it returned %s", check.describe(given))
  end
  local seed = given.seed or 1
  if math.type(seed) ~= "integer" then
    fail(path, "the seed is a whole number, got %s", check.describe(seed))
  end
  local parts = {}
  for i, part in ipairs(given) do
    parts[i] = read_part(path, found, part, i)
  end
  return in_order(path, parts, found), seed
end

--- The tables that must be empty before the parts are filled anew, children first: those that are
--- filled, and all that point to one of these.
---@param parts dbscript.SeedPart[]
---@param found dbscript.Inspection
---@return dbscript.InspectedTable[]
function plan.emptied(parts, found)
  local children, wanted = {}, {}
  for _, one in ipairs(found.tables) do
    for _, key in ipairs(one.foreign_keys) do
      local parent = found.by_name[inspection.fold(key.table)]
      if parent then
        children[parent] = children[parent] or {}
        table.insert(children[parent], one)
      end
    end
  end
  local ordered = {}
  local function visit(one)
    if wanted[one] then
      return
    end
    wanted[one] = true
    for _, child in ipairs(children[one] or {}) do
      visit(child)
    end
    ordered[#ordered + 1] = one
  end
  for i = #parts, 1, -1 do
    visit(parts[i].table)
  end
  return ordered
end

return plan
