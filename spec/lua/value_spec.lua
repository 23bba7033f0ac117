-- Section 1, rules 2 and 3: NULL, and values that are exact both ways.
local d = require("dbcore")
local expect = require("spec.support.expect")

local all = d.table("everything", {
  d.integer "id" :primary_key(),
  d.integer "i", d.real "r", d.text "t", d.blob "b", d.boolean "f", d.json "j", d.numeric "n",
  d.timestamp "ts", d.timestamp_ms "ms", d.datetime "dt", d.date "day", d.uuid "u",
  d.enum("e", { "on", "off" }),
  d.text "needed" :not_null() :default "x",
})

describe("Values", function()
  local db

  before_each(function()
    db = d.open(":memory:", { schema = d.schema { all } })
    db:create(d.schema { all })
  end)
  after_each(function() db:close() end)

  -- What a column gives back after `value` was written into it.
  local function there_and_back(column, value)
    local id = db:insert(all):values { [column] = value }:run().last_id
    return db:from(all):where(all.id:eq(id)):one()[column]
  end

  it("come back as they were", function()
    local cases = {
      { "i", 0 }, { "i", math.maxinteger }, { "i", math.mininteger }, { "i", 9007199254740993 },
      { "r", 0.1 }, { "r", -1.5e300 }, { "r", 5e-324 }, { "r", math.huge }, { "r", -math.huge },
      { "t", "" }, { "t", "a\0b" }, { "t", "naïve \u{1F600}" }, { "t", "it's \"so\"" },
      { "b", "\0\1\xFF" }, { "b", "" }, { "f", true }, { "f", false },
      { "n", 5 }, { "n", 2.5 }, { "ts", 1700000000 }, { "ms", 1700000000123 },
      { "dt", "2026-01-31 23:59:59" }, { "day", "2026-01-31" },
      { "u", "0b0c7c5e-3d5b-4d2e-9a51-0a7d6f2f6c11" }, { "e", "off" },
    }
    for _, case in ipairs(cases) do
      local got = there_and_back(case[1], case[2])

      assert.equal(case[2], got, case[1])
      assert.equal(math.type(case[2]), math.type(got), case[1])
    end
  end)

  it("keep integers and reals apart", function()
    assert.equal("float", math.type(there_and_back("r", 3)))
    assert.equal("integer", math.type(there_and_back("i", 3.0)))
    assert.equal("float", math.type(db:query("SELECT 3.0 AS x"):value()))
  end)

  it("carry JSON as tables, exactly", function()
    local cases = {
      { a = 1, b = { c = "x", d = { 1, 2, 3 } } },
      { 1, 2.5, "three", true, false },
      { big = math.maxinteger, small = math.mininteger, third = 1 / 3 },
      "just text", 42, true,
      { ["key \" with\nquotes"] = "\u{1F600} \0 \\" },
    }
    for _, case in ipairs(cases) do
      assert.same(case, there_and_back("j", case))
    end
    assert.equal("float", math.type(there_and_back("j", { 1.0 })[1]))
    assert.equal("integer", math.type(there_and_back("j", { 1 })[1]))
  end)

  it("tell empty arrays from empty objects, and null from nothing", function()
    there_and_back("j", { list = d.array {}, object = {}, none = d.null })

    local text = db:query("SELECT j FROM everything"):value()
    local back = db:from(all):one().j

    assert.equal('{"list":[],"none":null,"object":{}}', text)
    assert.equal(d.null, back.none)
    assert.is_nil(back.other)
  end)

  it("refuse JSON that has no text", function()
    local cycle = {}
    cycle.again = cycle
    local deep = {}
    for _ = 1, 300 do
      deep = { deep }
    end
    for _, value in ipairs { cycle, deep, { print }, { 0 / 0 }, { 1, x = 2 }, { [1.5] = 1 },
      "\xFF", { [true] = 1 } } do
      expect.error(there_and_back, "j", value)
    end

    assert.equal(0, db:from(all):count())
  end)

  it("read NULL as nothing, or as null when asked", function()
    local id = db:insert(all):values { t = d.null }:run().last_id

    local plain = db:from(all):where(all.id:eq(id)):one()
    local nulls = db:from(all):where(all.id:eq(id)):nulls():one()

    assert.is_nil(plain.t)
    assert.equal(d.null, nulls.t)
    assert.equal(d.null, nulls.j)
    assert.equal("x", nulls.needed)
  end)

  it("use the database's default for what is not mentioned, NULL for null", function()
    db:insert(all):values {}:run()

    assert.equal("x", db:from(all):one().needed)
    expect.failure("validation", "cannot be null", function()
      db:insert(all):values { needed = d.null }:run()
    end)
  end)

  it("are decoded in returning, joins, selects and subqueries alike", function()
    db:insert(all):values { f = true, j = { 1 } }:run()
    local a, b = d.alias(all, "a"), d.alias(all, "b")

    local joined = db:from(a):join(b, b.id:eq(a.id)):one()
    local selected = db:from(all):select { x = all.f, y = all.j }:one()
    local nested = db:from(db:from(all):select(all.f, all.j):as "s"):one()
    local returned = db:update(all):set { i = 1 }:everywhere():returning(all.f, all.j):one()
    local scalar = db:from(all):select { x = d.from(b):select(b.f):limit(1) }:one()

    assert.is_true(joined.a.f)
    assert.same({ 1 }, joined.b.j)
    assert.same({ x = true, y = { 1 } }, selected)
    assert.same({ f = true, j = { 1 } }, nested)
    assert.same({ f = true, j = { 1 } }, returned)
    assert.is_true(scalar.x)
  end)

  it("are refused before SQL when the type is wrong", function()
    local wrong = {
      { "i", "5" }, { "i", 1.5 }, { "i", true }, { "i", {} }, { "i", 2 ^ 63 },
      { "r", "1.5" }, { "r", 0 / 0 }, { "r", false },
      { "t", 5 }, { "t", true }, { "t", {} }, { "t", print },
      { "b", 5 }, { "f", 1 }, { "f", "true" }, { "n", "5" },
      { "ts", "2026-01-01" }, { "ts", 1.5 }, { "ms", true },
      { "dt", "yesterday" }, { "dt", 5 }, { "day", "2026-02-30" }, { "day", "2026-1-1" },
      { "u", "not-a-uuid" }, { "e", "onn" }, { "e", 1 },
      { "t", coroutine.create(print) }, { "t", io.stdout },
    }
    for _, case in ipairs(wrong) do
      local err = expect.error(there_and_back, case[1], case[2])

      local label = case[1] .. " = " .. tostring(case[2]) .. ": " .. err.message
      assert.equal("validation", err.code, label)
      assert.truthy(err.message:find("everything." .. case[1], 1, true), label)
    end
    assert.equal(0, db:from(all):count())
  end)

  it("are refused in conditions and updates too", function()
    expect.error(function() return db:from(all):where(all.i:eq "5"):all() end)
    expect.error(function() return db:from(all):where { f = "yes" }:all() end)
    expect.error(function() return db:update(all):set { i = "5" }:everywhere():run() end)
    expect.error(function() return db:from(all):where(all.i:in_ { 1, "2" }):all() end)
    expect.error(function() return db:from(all):where(all.i:between(1, "9")):all() end)
  end)

  it("name the nearest of an enum", function()
    local err = expect.error(there_and_back, "e", "offf")

    assert.truthy(err.message:find('"off"', 1, true) or err.message:find("off", 1, true))
  end)
end)
