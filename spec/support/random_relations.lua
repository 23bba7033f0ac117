-- Random schemas with relations, rows for them, deep queries over them, and the answer to such a
-- query by plain loops: for every row, every relative is looked for among all rows.
local d = require("dbcore")

local random_relations = {}

local TABLES, ROWS = 4, 14 -- at most

-- What stands behind a foreign key in an index on it, if there is one.
local INDEXES = { false, {}, { "n" }, { "n", "id" }, { { "n", desc = true } } }

-- A schema of 2 to 4 tables t1 … with a key, a number, and foreign keys to tables at random (to
-- themselves, too), maybe through a table between.
---@param dice table of random_query.dice()
function random_relations.world(dice)
  local world = { tables = {}, defs = {}, relations = {}, links = {} }
  local count = dice:roll(TABLES - 1) + 1
  for i = 1, count do
    local name = "t" .. i
    local items = { d.integer("id"):primary_key(), d.integer("n"):not_null() }
    local keys = {}
    for k = 1, dice:roll(2) do
      local target = "t" .. dice:roll(count)
      local column = ("k%d"):format(k)
      items[#items + 1] = d.integer(column):references(target .. ".id")
      keys[k] = { column = column, target = target }
      local parts = dice:one_of(INDEXES)
      if parts then
        items[#items + 1] = d.index(("%s_%s"):format(name, column)):on(column, table.unpack(parts))
      end
    end
    world.defs[i] = { name = name, keys = keys }
    world.tables[name] = d.table(name, items)
  end
  local a, b = "t" .. dice:roll(count), "t" .. dice:roll(count)
  world.link = { name = "link", a = a, b = b }
  world.tables.link = d.table("link", {
    d.integer("a"):not_null():references(a .. ".id"),
    d.integer("b"):not_null():references(b .. ".id"),
    d.primary_key("a", "b"),
  })
  local list, own = {}, {}
  for i, def in ipairs(world.defs) do
    list[i] = world.tables[def.name]
    own[def.name] = {}
    world.relations[def.name] = {}
  end
  list[#list + 1] = world.tables.link
  local function add(from, name, relation, found)
    own[from][name] = relation
    local known = world.relations[from]
    known[#known + 1] = found
    found.name = name
  end
  for _, def in ipairs(world.defs) do
    for k, key in ipairs(def.keys) do
      add(def.name, ("one%d"):format(k), d.one(key.target, { from = key.column, to = "id" }),
        { kind = "one", target = key.target, from = key.column, to = "id" })
      add(key.target, ("%s_by_%d"):format(def.name, k),
        d.many(def.name, { from = "id", to = key.column }),
        { kind = "many", target = def.name, from = "id", to = key.column })
    end
  end
  add(a, "linked", d.many(b):through("link", { from = "a", to = "b" }),
    { kind = "many", target = b, through = true })
  for _, def in ipairs(world.defs) do
    list[#list + 1] = d.relations(def.name, own[def.name])
  end
  world.schema = d.schema(list)
  return world
end

--- Rows of a world: name → list.
function random_relations.rows(world, dice)
  local rows = { link = {} }
  for _, def in ipairs(world.defs) do
    rows[def.name] = {}
    for id = 1, dice:roll(ROWS) do
      rows[def.name][id] = { id = id, n = dice:roll(6) }
    end
  end
  for _, def in ipairs(world.defs) do
    for _, row in ipairs(rows[def.name]) do
      for _, key in ipairs(def.keys) do
        if dice:chance(4, 5) then
          row[key.column] = dice:roll(#rows[key.target])
        end
      end
    end
  end
  local seen = {}
  for _ = 1, dice:roll(20) do
    local a = dice:roll(#rows[world.link.a])
    local b = dice:roll(#rows[world.link.b])
    if not seen[a .. " " .. b] then
      seen[a .. " " .. b] = true
      table.insert(rows.link, { a = a, b = b })
    end
  end
  return rows
end

--- A deep query as a plain table: the table, a condition, an order, a limit, what it loads, counts
--- and has.
function random_relations.query(world, dice, name, depth)
  local query = { table = name, loads = {}, counts = {} }
  if dice:chance(1, 3) then
    query.least = dice:roll(5)
  end
  query.desc = dice:chance(1, 2)
  if dice:chance(1, 2) then
    query.by_n = dice:chance(1, 2) and "asc" or "desc"
  end
  if depth > 0 and dice:chance(1, 3) then
    query.limit, query.offset = dice:roll(3), dice:roll(2) - 1
  end
  local known = world.relations[name]
  for _, relation in ipairs(known) do
    if depth < 3 and dice:chance(1, 2) then
      table.insert(query.loads, { relation = relation,
        query = random_relations.query(world, dice, relation.target, depth + 1) })
    end
  end
  if depth > 0 and #query.loads == 0 and dice:chance(1, 4) then
    query.distinct = true
    return query
  end
  if #known > 0 and dice:chance(1, 3) then
    query.counts[1] = { relation = known[dice:roll(#known)], least = dice:roll(4) }
  end
  if #known > 0 and dice:chance(1, 3) then
    query.has = { relation = known[dice:roll(#known)], least = dice:roll(5),
      negated = dice:chance(1, 2) }
  end
  return query
end

--- The same as a query of the library, started from `starter` (a handle, or the module).
function random_relations.build(world, query, starter)
  local t = world.tables[query.table]
  local q = starter == d and d.from(t) or starter:from(t)
  local function at_least(relation, least)
    local target = world.tables[relation.target]
    return d.from(target):where(target.n:ge(least))
  end
  if query.least then
    q = q:where(t.n:ge(query.least))
  end
  if query.has then
    local has = query.has.negated and d.has_not or d.has
    q = q:where(has(query.has.relation.name, at_least(query.has.relation, query.has.least)))
  end
  for _, count in ipairs(query.counts) do
    q = q:with_count(count.relation.name, at_least(count.relation, count.least), "counted")
  end
  if query.distinct then
    q = q:select(t.n):distinct():order_by(query.desc and t.n:desc() or t.n)
  else
    if query.by_n then
      q = q:order_by(query.by_n == "desc" and t.n:desc() or t.n)
    end
    q = q:order_by(query.desc and t.id:desc() or t.id)
  end
  if query.limit then
    q = q:limit(query.limit):offset(query.offset)
  end
  for _, load in ipairs(query.loads) do
    q = q:with({ [load.relation.name] = random_relations.build(world, load.query, d) })
  end
  return q
end

local function is_related(rows, row, relation, other)
  if not relation.through then
    return row[relation.from] ~= nil and row[relation.from] == other[relation.to]
  end
  for _, link in ipairs(rows.link) do
    if link.a == row.id and link.b == other.id then
      return true
    end
  end
  return false
end

local function count_relatives(rows, row, asked)
  local count = 0
  for _, other in ipairs(rows[asked.relation.target]) do
    if other.n >= asked.least and is_related(rows, row, asked.relation, other) then
      count = count + 1
    end
  end
  return count
end

-- Rows put in the order that the query says.
local function sort(found, query)
  table.sort(found, function(x, y)
    if query.by_n and x.n ~= y.n then
      return (query.by_n == "desc") == (x.n > y.n)
    end
    return x.id ~= y.id and query.desc == (x.id > y.id)
  end)
end

-- Of each number one row, which shows nothing else.
local function distinct(found, query)
  local seen, kept = {}, {}
  for _, row in ipairs(found) do
    if not seen[row.n] then
      seen[row.n] = true
      kept[#kept + 1] = { n = row.n }
    end
  end
  table.sort(kept, function(x, y) return x.n ~= y.n and query.desc == (x.n > y.n) end)
  return kept
end

--- The answer, row by row. `accept` says which rows are meant beside the query's own condition.
function random_relations.naive(rows, query, accept)
  local found = {}
  for _, row in ipairs(rows[query.table]) do
    local kept = (not accept or accept(row)) and row.n >= (query.least or 0)
    if kept and query.has then
      kept = (count_relatives(rows, row, query.has) > 0) ~= query.has.negated
    end
    if kept then
      local copy = {}
      for key, value in pairs(row) do
        copy[key] = value
      end
      for _, count in ipairs(query.counts) do
        copy.counted = count_relatives(rows, row, count)
      end
      found[#found + 1] = copy
    end
  end
  if query.distinct then
    found = distinct(found, query)
  else
    sort(found, query)
  end
  if query.limit then
    found = table.move(found, query.offset + 1, query.offset + query.limit, 1, {})
  end
  for _, row in ipairs(found) do
    for _, load in ipairs(query.loads) do
      local list = random_relations.naive(rows, load.query, function(other)
        return is_related(rows, row, load.relation, other)
      end)
      row[load.relation.name] = load.relation.kind == "many" and list or list[1]
    end
  end
  return found
end

return random_relations
