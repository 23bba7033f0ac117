-- Random queries and writes through handles under random policies, against plain Lua: what a rule
-- forbids is never seen and never touched. The seeds are fixed: a failure names the one to look at.
-- DBCORE_SPEC_ROUNDS=100 makes it a hundred times as long.
local d = require("dbcore")
local naive = require("spec.support.naive")
local random_query = require("spec.support.random_query")

local ROUNDS = math.tointeger(tonumber(os.getenv("DBCORE_SPEC_ROUNDS") or 1))
local SETS, QUERIES, WRITES = 12 * ROUNDS, 180, 40 -- of rows; of each set
local NULL = naive.NULL

-- Descriptors of its own: other specs have no policies for theirs.
local a = d.table("a", { d.integer "id" :primary_key(), d.integer "n", d.integer "m", d.real "r",
  d.text "s", d.boolean "f" })
local b = d.table("b", { d.integer "id" :primary_key(), d.integer "a_id", d.integer "m", d.text "s",
  d.boolean "f" })
local schema = d.schema { a, b,
  d.relations(a, { bs = d.many("b", { from = "id", to = "a_id" }),
    twins = d.many("a", { from = "m", to = "m", where = a.f:eq(true) }) }),
  d.relations(b, { a = d.one("a", { from = "a_id", to = "id" }) }),
}
local TABLES = { a = a, b = b }
local COLUMNS = { "id", "n", "m", "r", "s", "f" }

-- A context carries the rules themselves: name of the table and operation → condition.
for name, descriptor in pairs(TABLES) do
  local rules = {}
  for _, operation in ipairs { "select", "insert", "update", "delete" } do
    rules[operation] = function(ctx)
      return ctx[name .. "_" .. operation]
    end
  end
  d.policy(descriptor, rules)
end

---------------------------------------------------------------------------------------------------
-- Rules: a condition, and the same as a function of a row and of all rows

local NUMBERS = { 0, 1, 2, 3, -1 }

local function is_some(value)
  return value ~= nil and value ~= NULL
end

local function any(rows, is_it)
  for _, row in ipairs(rows) do
    if is_it(row) then
      return true
    end
  end
  return false
end

local function has_twin(row, all)
  return any(all.a, function(other)
    return is_some(row.m) and other.m == row.m and other.f == true
  end)
end

local MAKERS = {
  function(t, dice)
    local k = dice:one_of(NUMBERS)
    return t.m:eq(k), function(row) return row.m == k end
  end,
  function(t, dice)
    local k = dice:one_of(NUMBERS)
    return t.m:ge(k), function(row) return is_some(row.m) and row.m >= k end
  end,
  function(t)
    return t.f:eq(true), function(row) return row.f == true end
  end,
  function(t, dice)
    local ids, set = {}, {}
    for i = 1, dice:roll(6) do
      ids[i] = dice:roll(9)
      set[ids[i]] = true
    end
    return t.id:in_(ids), function(row) return set[row.id] or false end
  end,
  function(t)
    return t.m:is_null() | t.f:eq(true), function(row)
      return not is_some(row.m) or row.f == true
    end
  end,
  -- Over the other table, of which a rule sees every row, whoever asks.
  function(t, dice)
    local k = dice:one_of(NUMBERS)
    if t == b then
      return b.a_id:in_(d.from(a):where(a.m:ge(k)):select(a.id)), function(row, all)
        for _, other in ipairs(all.a) do
          if other.id == row.a_id and is_some(other.m) and other.m >= k then
            return true
          end
        end
        return false
      end
    end
    return d.exists(d.from(b):where(b.a_id:eq(a.id) & b.f:eq(true))), function(row, all)
      for _, other in ipairs(all.b) do
        if other.a_id == row.id and other.f == true then
          return true
        end
      end
      return false
    end
  end,
  -- By relations: one, many, a path, to itself with a condition of its own; or that there is none.
  function(t, dice, of_write)
    local k, none = dice:one_of(NUMBERS), dice:chance(1, 3)
    local has = none and d.has_not or d.has
    local function asks(found)
      return function(row, all) return found(row, all) ~= none end
    end
    if t == b and dice:chance(1, 2) then
      return has("a", d.from(a):where(a.m:ge(k))), asks(function(row, all)
        return any(all.a, function(other)
          return other.id == row.a_id and is_some(other.m) and other.m >= k
        end)
      end)
    elseif t == b then
      return has "a.twins", asks(function(row, all)
        return any(all.a, function(other)
          return other.id == row.a_id and has_twin(other, all)
        end)
      end)
    elseif of_write or dice:chance(1, 2) then
      return has("bs", d.from(b):where(b.m:in_ { k, 1 })), asks(function(row, all)
        return any(all.b, function(other)
          return other.a_id == row.id and (other.m == k or other.m == 1)
        end)
      end)
    end
    return has "twins", asks(has_twin)
  end,
  function() return true, function() return true end end,
  function() return false, function() return false end end,
}

-- A context with random rules, and those in plain Lua. While "a" is written a rule does not look at
-- the rows beside the one it judges: there is no one state of them.
local function random_context(dice, of_write)
  local context, plain = {}, {}
  for _, name in ipairs { "a", "b" } do
    for _, operation in ipairs { "select", "insert", "update", "delete" } do
      -- The last maker lets nothing through: seldom.
      local maker = MAKERS[dice:chance(1, 20) and #MAKERS or dice:roll(#MAKERS - 1)]
      local key = name .. "_" .. operation
      context[key], plain[key] = maker(TABLES[name], dice, of_write)
    end
  end
  return context, plain
end

local function visible(data, plain)
  local seen = {}
  for _, name in ipairs { "a", "b" } do
    seen[name] = {}
    for _, row in ipairs(data[name]) do
      if plain[name .. "_select"](row, data) then
        table.insert(seen[name], row)
      end
    end
  end
  return seen
end

---------------------------------------------------------------------------------------------------

local function spell(values)
  local words = {}
  for i, x in ipairs(values) do
    local known = x ~= NULL and x ~= d.null
    words[i] = known and (math.type(x) or type(x)) .. (" %q"):format(x) or "NULL"
  end
  return table.concat(words, ", ")
end

local function fill(db, rows)
  db:delete(b):everywhere():run()
  db:delete(a):everywhere():run()
  db:insert(a):values(rows.a):run()
  db:insert(b):values(rows.b):run()
end

describe("Under a random policy", function()
  local db

  setup(function()
    db = d.open(":memory:", { schema = schema })
    db:create()
  end)
  teardown(function()
    assert.equal(0, db:stats().live_statements)
    db:close()
  end)

  it("a random query sees the rows that the rules let through, and no others", function()
    local hidden, shown = 0, 0
    for set = 1, SETS do
      local dice = random_query.dice(set * 31)
      local rows, data = random_query.rows(dice)
      fill(db, rows)
      for i = 1, QUERIES do
        local context, plain = random_context(dice)
        local seen = visible(data, plain)
        local query = random_query.make((i * 7 + set * 13) % 400 + 1, set * 1000 + i)
        local q = random_query.build(query, db:as(context))
        local place = ("set %d, query %d: %s"):format(set, i, (q:to_sql()))
        local expected, found = {}, {}
        for n, row in ipairs(naive.run(query, seen)) do
          expected[n] = spell(row)
        end
        for n, row in ipairs(q:all()) do
          found[n] = spell(random_query.values(query, row))
        end

        assert.equal(table.concat(expected, "\n"), table.concat(found, "\n"), place)
        assert.equal(#expected, q:count(), place)
        assert.equal(#expected > 0, q:exists(), place)
        hidden = hidden + #data.a + #data.b - #seen.a - #seen.b
        shown = shown + #expected
      end
    end
    assert.is_true(hidden > SETS * QUERIES and shown > SETS * QUERIES / 2) -- it was put to the test
  end)

  it("a walk by pages in the order of a subquery meets the rows it may, each once", function()
    local walked = 0
    for set = 1, SETS do
      local dice = random_query.dice(set * 41 + 3)
      local rows, data = random_query.rows(dice)
      fill(db, rows)
      for i = 1, 10 do
        local context, plain = random_context(dice)
        local seen = visible(data, plain)
        local k, desc = dice:one_of(NUMBERS), dice:chance(1, 2)
        local meant = d.from(b):where(b.m:in_ { k, 1 })
        local counted = db:as(context):from(a):with_count("bs", meant, "count")
        local order = d.from(b):where(b.a_id:eq(a.id) & b.m:in_ { k, 1 }):select(d.count())
        local by_name = dice:chance(1, 2)
        local q = counted:order_by(by_name and (desc and d.raw '"count"':desc() or "count")
          or desc and d.sql("?", order):desc() or order)
        local expected = {}
        for n, row in ipairs(seen.a) do
          local count = 0
          for _, other in ipairs(seen.b) do
            if other.a_id == row.id and (other.m == k or other.m == 1) then
              count = count + 1
            end
          end
          expected[n] = { id = row.id, count = count }
        end
        table.sort(expected, function(x, y)
          if desc then
            x, y = y, x
          end
          return x.count < y.count or x.count == y.count and x.id < y.id
        end)
        local place = ("set %d, walk %d: %s"):format(set, i, (q:to_sql()))
        local found, token = {}, nil
        repeat
          local page = q:page { size = dice:roll(3), after = token }
          for _, row in ipairs(page.rows) do
            found[#found + 1] = { id = row.id, count = row.count }
          end
          token = page.next
        until not token

        assert.same(expected, found, place)
        walked = walked + #found
      end
    end
    assert.is_true(walked > SETS * 10)
  end)

  -------------------------------------------------------------------------------------------------
  -- Writes to "a". A model is a list of rows; what a write does to it comes back as another one,
  -- or nil when it has to fail.

  local function copy_of(model)
    local copied = {}
    for i, row in ipairs(model) do
      copied[i] = {}
      for _, column in ipairs(COLUMNS) do
        copied[i][column] = row[column]
      end
    end
    return copied
  end

  local function new_row(dice, id)
    return { id = id, n = NULL, m = dice:chance(1, 5) and NULL or dice:one_of(NUMBERS), r = NULL,
      s = "new", f = dice:chance(1, 2) }
  end

  local function given(row)
    local values = {}
    for _, column in ipairs(COLUMNS) do
      values[column] = row[column] ~= NULL and row[column] or nil
    end
    if row.f == false then
      values.f = false
    end
    return values
  end

  local function find(model, id)
    for i, row in ipairs(model) do
      if row.id == id then
        return i
      end
    end
  end

  local function with_returning(q, returning)
    if returning then
      return function() q:returning(a.id):all() end
    end
    return function() q:run() end
  end

  -- Each returns what to run, and the model after it, or nil.
  local WRITE = {}

  function WRITE.update(h, model, may, dice)
    local k, v, returning = dice:one_of(NUMBERS), dice:one_of(NUMBERS), dice:chance(1, 3)
    local relative = dice:chance(1, 2)
    local q = h:update(a):set { m = relative and a.m + v or v }:where(a.m:ge(k) | a.id:ge(k))
    local after = copy_of(model)
    for _, row in ipairs(after) do
      local meant = is_some(row.m) and row.m >= k or row.id >= k
      if meant and may.select(row) and may.update(row) then
        row.m = not relative and v or is_some(row.m) and row.m + v or NULL
        if not may.update(row) or returning and not may.select(row) then
          after = nil
          break
        end
      end
    end
    return with_returning(q, returning), after
  end

  function WRITE.delete(h, model, may, dice)
    local k, returning = dice:roll(9), dice:chance(1, 3)
    local after = {}
    for _, row in ipairs(copy_of(model)) do
      if not (row.id >= k and may.select(row) and may.delete(row)) then
        after[#after + 1] = row
      end
    end
    return with_returning(h:delete(a):where(a.id:ge(k)), returning), after
  end

  function WRITE.insert(h, model, may, dice)
    local list, returning, after = {}, dice:chance(1, 3), copy_of(model)
    for i = 1, dice:roll(3) do
      local row = new_row(dice, 10 + dice:roll(20))
      list[i] = given(row)
      if after and not find(after, row.id) and may.insert(row)
        and (not returning or may.select(row)) then
        table.insert(after, row)
      else
        after = nil
      end
    end
    return with_returning(h:insert(a):values(#list == 1 and list[1] or list), returning), after
  end

  function WRITE.upsert(h, model, may, dice)
    local row, v, after = new_row(dice, dice:roll(12)), dice:one_of(NUMBERS), copy_of(model)
    local at, returning = find(after, row.id), dice:chance(1, 3)
    local q = h:insert(a):values(given(row)):on_conflict("id"):update { m = v }
    local old = at and after[at]
    if old and not (may.select(old) and may.update(old)) then
      return with_returning(q, returning), nil
    elseif old then
      old.m = v
    else
      table.insert(after, row)
    end
    local left = old or row
    local good = may.insert(left) and may.update(left) and (not returning or may.select(left))
    return with_returning(q, returning), good and after or nil
  end

  function WRITE.insert_from(h, model, may, dice, data, plain)
    local after = copy_of(model)
    local base = 100 + dice:roll(3) * 10
    local q = h:insert(a):from(h:from(b):select { id = b.id + base, m = b.m, f = b.f })
    for _, row in ipairs(data.b) do
      if after and plain.b_select(row, { a = model, b = data.b }) then
        local made = { id = row.id + base, n = NULL, m = row.m, r = NULL, s = NULL, f = row.f }
        if may.insert(made) and not find(after, made.id) then
          table.insert(after, made)
        else
          after = nil
        end
      end
    end
    return with_returning(q, false), after
  end

  local KINDS = { "update", "delete", "insert", "upsert", "insert_from" }

  local function spell_model(model)
    local lines = {}
    for i, row in ipairs(model) do
      local values = {}
      for n, column in ipairs(COLUMNS) do
        values[n] = row[column] == nil and NULL or row[column]
      end
      lines[i] = spell(values)
    end
    table.sort(lines)
    return table.concat(lines, "\n")
  end

  it("a random write touches what the rules allow, whole or not at all", function()
    local done, refused = 0, 0
    for set = 1, SETS do
      local dice = random_query.dice(set * 17 + 5)
      local rows, data = random_query.rows(dice)
      local model = copy_of(data.a)
      fill(db, rows)
      for i = 1, WRITES do
        local context, plain = random_context(dice, true)
        local may = {}
        for _, operation in ipairs { "select", "insert", "update", "delete" } do
          may[operation] = function(row)
            return plain["a_" .. operation](row, { a = model, b = data.b })
          end
        end
        local kind = dice:one_of(KINDS)
        local inside = dice:chance(1, 2) and db:begin() or nil
        local run, after = WRITE[kind]((inside or db):as(context), model, may, dice, data, plain)
        local place = ("set %d, write %d, %s"):format(set, i, kind)

        local good, err = pcall(run)
        if inside then
          inside:commit()
        end
        if not good then
          assert.truthy(err.code == "denied" or err.code == "constraint.unique", tostring(err))
        end
        assert.equal(after ~= nil, good, place .. ": " .. tostring(err))
        model = after or model
        assert.equal(spell_model(model), spell_model(db:from(a):nulls():all()), place)
        done, refused = done + (good and 1 or 0), refused + (good and 0 or 1)
      end
    end
    assert.is_true(done > SETS * WRITES / 4 and refused > SETS * WRITES / 10)
  end)
end)
