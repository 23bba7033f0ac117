-- Random queries over random rows, against an evaluation in plain Lua. The seeds are fixed: a
-- failure names the one to look at.
local d = require("dbcore")
local naive = require("spec.support.naive")
local random_query = require("spec.support.random_query")

local SETS, QUERIES = 12, 25 -- of rows; of each set
local VARIANTS = 2 -- of the values of a shape

local tables, schema = random_query.tables, random_query.schema

-- A row as text that tells apart all that must not be mixed up: 1, 1.0, true, "1", NULL.
local function spell(values)
  local words = {}
  for i, x in ipairs(values) do
    words[i] = (x == naive.NULL and "NULL" or math.type(x) or type(x)) .. " "
      .. ("%q"):format(x == naive.NULL and "" or x)
  end
  return table.concat(words, ", ")
end

local function spell_rows(query, rows)
  local lines = {}
  for i, row in ipairs(rows) do
    lines[i] = spell(random_query.values(query, row))
  end
  return table.concat(lines, "\n")
end

local function expected_of(query, data)
  local lines = {}
  local rows = naive.run(query, data)
  for i, row in ipairs(rows) do
    lines[i] = spell(row)
  end
  return table.concat(lines, "\n"), rows
end

local function fill(db, rows)
  for _, name in ipairs { "a", "b" } do
    db:delete(tables[name]):everywhere():run()
    db:insert(tables[name]):values(rows[name]):run()
  end
end

local function open(options)
  options.schema = schema
  local db = d.open(":memory:", options)
  db:create()
  return db
end

-- Calls `body(shape, data, set)` for every shape, on rows of every set.
local function each_shape(handles, body)
  for set = 1, SETS do
    local rows, data = random_query.rows(random_query.dice(set))
    for _, db in ipairs(handles) do
      fill(db, rows)
    end
    for i = 1, QUERIES do
      local shape = (i * 7 + set * 13) % (SETS * QUERIES // 2) + 1
      body(shape, data, set * 1000 + i)
    end
  end
end

describe("A random query", function()
  local db, cold

  setup(function()
    db, cold = open {}, open { statement_cache = 0 }
  end)
  teardown(function()
    assert.equal(0, db:stats().live_statements)
    db:close()
    cold:close()
  end)

  local function where_it_is(shape, seed, q)
    return ("shape %d, values %d: %s"):format(shape, seed, (q:to_sql()))
  end

  it("gives what a naive evaluation gives, with a known plan and without", function()
    each_shape({ db, cold }, function(shape, data, seed)
      for variant = 1, VARIANTS do
        local query = random_query.make(shape, seed * VARIANTS + variant)
        local q = random_query.build(query, db)
        local place = where_it_is(shape, seed * VARIANTS + variant, q)
        local expected = expected_of(query, data)

        assert.equal(expected, spell_rows(query, q:all()), place)
        local again = random_query.build(query, cold)
        assert.equal(expected, spell_rows(query, again:all()), place)
      end
    end)
  end)

  it("is answered alike by every ending", function()
    each_shape({ db }, function(shape, data, seed)
      local query = random_query.make(shape, seed)
      local q = random_query.build(query, db)
      local place = where_it_is(shape, seed, q)
      local _, rows = expected_of(query, data)

      assert.equal(#rows, q:count(), place)
      assert.equal(#rows > 0, q:exists(), place)
      local first = q:one()
      assert.equal(rows[1] and spell(rows[1]) or "",
        first and spell(random_query.values(query, first)) or "", place)
      if not query.is_whole then
        local list, value = q:list(), q:value()
        assert.equal(#rows, #list, place)
        for i, row in ipairs(rows) do
          local found = list[i]
          if found == d.null then
            found = naive.NULL
          end
          assert.equal(row[1], found, place)
        end
        if list[1] == d.null then
          list[1] = nil
        end
        assert.equal(list[1], value, place)
      end
    end)
  end)

  it("gives the same rows page by page", function()
    each_shape({ db }, function(shape, data, seed)
      local query = random_query.make(shape, seed)
      if query.is_plain and not query.limit and not query.from.query then
        local q = random_query.build(query, db)
        local place = where_it_is(shape, seed, q)
        local expected = expected_of(query, data)

        local found, page = {}, q:page { size = 3 }
        while page do
          table.move(page.rows, 1, #page.rows, #found + 1, found)
          page = page.next and q:page { size = 3, after = page.next }
        end

        assert.equal(expected, spell_rows(query, found), place)
      end
    end)
  end)

  it("is prepared once and run with other parameters", function()
    each_shape({ db }, function(shape, data, seed)
      local first = random_query.make(shape, seed, true)
      local prepared <close> = random_query.build(first, db):prepare()
      for variant = 1, VARIANTS do
        local query = random_query.make(shape, seed, true)
        local other = random_query.make(shape, seed * VARIANTS + variant, true)
        random_query.replace(query, other.parameters)
        local expected = expected_of(query, data)

        assert.equal(expected, spell_rows(query, prepared:all(other.parameters)),
          where_it_is(shape, seed, random_query.build(query, db)))
      end
    end)
  end)

  it("gives its rows one by one while others give theirs", function()
    local dice = random_query.dice(5)
    each_shape({ db }, function(shape, data, seed)
      local open_loops = {}
      for i = 1, 3 do
        -- The first and the last are of one shape: two statements of one plan.
        local query = random_query.make(shape + i % 2, seed + i)
        local loop = { query = query, rows = {}, expected = expected_of(query, data) }
        local next_row, _, _, closing = random_query.build(query, db):rows()
        loop.next, loop.closing = next_row, closing
        open_loops[i] = loop
      end
      while #open_loops > 0 do
        local i = dice:roll(#open_loops)
        local loop = open_loops[i]
        local row = loop.next()
        loop.rows[#loop.rows + 1] = row
        if row == nil then
          assert.equal(loop.expected, spell_rows(loop.query, loop.rows), "shape " .. shape)
          table.remove(open_loops, i)
        elseif dice:chance(1, 20) then
          loop.closing:close()
          table.remove(open_loops, i)
        end
      end
    end)
  end)
end)
