-- Random deep queries over random schemas and rows, against loops in plain Lua. Seeds are fixed:
-- a failure names the one to look at. DBCORE_RANDOM_WORLDS=2000 makes it a long run.
local d = require("dbcore")
local random_query = require("spec.support.random_query")
local random_relations = require("spec.support.random_relations")

local WORLDS = tonumber(os.getenv("DBCORE_RANDOM_WORLDS") or 40)
local QUERIES = 12 -- of each

local function open(world, rows)
  local db = d.open(":memory:", { schema = world.schema })
  db:create()
  db:exec("PRAGMA defer_foreign_keys = ON")
  db:transaction(function(tx)
    tx:exec("PRAGMA defer_foreign_keys = ON")
    for _, def in ipairs(world.defs) do
      tx:insert(world.tables[def.name]):values(rows[def.name]):run()
    end
    if #rows.link > 0 then
      tx:insert(world.tables.link):values(rows.link):run()
    end
  end)
  return db
end

describe("A random query with relations", function()
  it("gives what loops over all rows give", function()
    local compared = 0
    for seed = 1, WORLDS do
      local dice = random_query.dice(seed)
      local world = random_relations.world(dice)
      local rows = random_relations.rows(world, dice)
      local db <close> = open(world, rows)
      for number = 1, QUERIES do
        local start = world.defs[dice:roll(#world.defs)].name
        local query = random_relations.query(world, dice, start, 0)
        local expected = random_relations.naive(rows, query)
        local q = random_relations.build(world, query, db)
        local place = ("world %d, query %d"):format(seed, number)

        assert.same(expected, q:all(), place)
        local one_by_one = {}
        for row in q:rows() do
          one_by_one[#one_by_one + 1] = row
        end
        assert.same(expected, one_by_one, place)
        compared = compared + #expected
      end
      assert.equal(0, db:stats().live_statements)
    end
    assert.is_true(compared > 10 * WORLDS)
  end)
end)
