-- Section 4: column and expression methods, operators.
local d = require("dbcore")
local expect = require("spec.support.expect")

local t = d.table("t", {
  d.integer "id" :primary_key(), d.integer "n", d.text "s", d.real "r", d.json "j",
  d.boolean "f",
})

local ROWS = {
  { id = 1, n = 5, s = "Apple", r = 0.5, j = { a = { b = 1 }, k = "x" }, f = true },
  { id = 2, n = -3, s = "banana", r = 1.5, j = { a = { b = 2 } }, f = false },
  { id = 3, s = "50%_off", r = 2.5 },
  { id = 4, n = 12, s = "it's", r = -1.5, f = true },
}

describe("An expression", function()
  local db

  setup(function()
    db = d.open(":memory:", { schema = d.schema { t } })
    db:create(d.schema { t })
    db:insert(t):values(ROWS):run()
  end)
  teardown(function() db:close() end)

  local function matches(condition)
    return db:from(t):where(condition):order_by(t.id):select(t.id):list()
  end

  local function value_of(expression, id)
    return db:from(t):where(t.id:eq(id or 1)):select { v = expression }:value()
  end

  it("compares", function()
    local cases = {
      { t.n:eq(5), { 1 } }, { t.n:ne(5), { 2, 4 } }, { t.n:lt(5), { 2 } }, { t.n:le(5), { 1, 2 } },
      { t.n:gt(5), { 4 } }, { t.n:ge(5), { 1, 4 } },
      { t.n:is(d.null), { 3 } }, { t.n:is_not(d.null), { 1, 2, 4 } },
      { t.n:is_not(5), { 2, 3, 4 } },
      { t.n:in_ { 5, 12, 99 }, { 1, 4 } }, { t.n:not_in { 5 }, { 2, 4 } },
      { t.n:between(-3, 5), { 1, 2 } }, { t.n:not_between(-3, 5), { 4 } },
      { t.n:is_null(), { 3 } }, { t.n:is_not_null(), { 1, 2, 4 } },
      { t.f:eq(true), { 1, 4 } }, { t.f:ne(true), { 2 } },
      { t.n:eq(t.id + 4), { 1 } }, { t.r:gt(t.n), { 2 } },
      { t.s:like "%an%", { 2 } }, { t.s:not_like "%a%", { 3, 4 } }, { t.s:glob "A*", { 1 } },
      { t.s:like("50\\%\\_%", "\\"), { 3 } },
      { t.s:contains "%_", { 3 } }, { t.s:starts_with "50%", { 3 } }, { t.s:ends_with "'s", { 4 } },
      { t.s:eq "apple", {} }, { t.s:collate "nocase":eq "apple", { 1 } },
      { t.j:json "$.a.b":eq(2), { 2 } }, { t.j:json "k":eq "x", { 1 } },
    }
    for i, case in ipairs(cases) do
      assert.same(case[2], matches(case[1]), "case " .. i)
    end
  end)

  it("combines with and, or, not, in the order that was written", function()
    assert.same({ 1, 2 }, matches(t.n:eq(5) | t.n:eq(-3)))
    assert.same({ 1 }, matches((t.n:eq(5) | t.n:eq(-3)) & t.f:eq(true)))
    assert.same({ 1, 2 }, matches(t.n:eq(5) | t.n:eq(-3) & t.f:eq(false)))
    assert.same({ 2 }, matches(~t.f:eq(true) & ~t.n:is_null()))
    assert.same({ 1, 2, 3, 4 }, matches(d.all()))
    assert.same({}, matches(d.any()))
    assert.same({ 4 }, matches(d.all(t.n:gt(0), t.f:eq(true), t.id:gt(1))))
    assert.same({ 1, 4 }, matches(d.any(t.n:eq(5), t.n:eq(12))))
    assert.same({ 2 }, matches(d.not_(t.f:eq(true))))
  end)

  it("calculates with values on either side", function()
    assert.equal(15, value_of(t.n * 3))
    assert.equal(15, value_of(3 * t.n))
    assert.equal(-5, value_of(-t.n))
    assert.equal(2, value_of(7 - t.n))
    assert.equal(1, value_of(t.n % 2))
    assert.equal(16, value_of((t.n + 3) * 2))
    assert.equal(11, value_of(t.n + 3 * 2))
    assert.equal(0, value_of(t.n - (t.n - t.id) - t.id))
    assert.equal(2, value_of(t.n / 2))
    assert.equal(0.25, value_of(t.r / 2))
    assert.equal("Apple!", value_of(t.s .. "!"))
    assert.equal("<Apple>", value_of("<" .. t.s .. ">"))
  end)

  it("knows the empty list", function()
    assert.same({}, matches(t.n:in_ {}))
    assert.same({ 1, 2, 3, 4 }, matches(t.n:not_in {}))
  end)

  it("takes a list of any length without another statement", function()
    local list = {}
    for i = 1, 5000 do
      list[i] = i
    end
    local short, long = d.from(t):where(t.id:in_ { 1 }), d.from(t):where(t.id:in_(list))

    assert.equal(4, db:from(t):where(t.id:in_(list)):count())
    assert.equal((short:to_sql()), (long:to_sql()))
  end)

  it("takes queries as lists, values and conditions", function()
    local other = d.alias(t, "o")
    local big = d.from(other):where(other.n:gt(0)):select(other.id)

    assert.same({ 1, 4 }, matches(t.id:in_(big)))
    assert.same({ 2, 3 }, matches(t.id:not_in(big)))
    assert.same({ 4 }, matches(t.n:eq(d.from(other):select(d.max(other.n)))))
    assert.same({ 1, 4 }, matches(d.exists(d.from(other)
      :where(other.id:eq(t.id) & other.n:gt(0)))))
    assert.same({ 2, 3 }, matches(d.not_exists(d.from(other)
      :where(other.id:eq(t.id) & other.n:gt(0)))))
    local row = db:from(t):where(t.id:eq(2)):select { t.id,
      above = d.from(other):where(other.n:gt(t.n)):select(d.count()) }:one()
    assert.same({ id = 2, above = 2 }, row)
  end)

  it("casts", function()
    assert.equal("5", value_of(t.n:cast "text"))
    assert.equal(1, value_of(t.r:cast "integer", 2))
    expect.misuse('"integer"', function() return t.n:cast "intger" end)
  end)

  it("keeps SQL of one's own apart from values", function()
    assert.same({ 1 }, matches(d.sql("lower(?) = ?", t.s, "apple")))
    assert.equal("a?b", value_of(d.sql("'a?b'")))
    assert.equal(2, value_of(d.raw "1 + 1"))
    assert.equal(4, value_of(d.sql("?", d.from(t):select(d.count()))))
    expect.misuse("", function() return d.sql("? = ?", 1) end)
    expect.misuse("", function() return d.sql("?", 1, 2) end)
    expect.misuse("nil", function() return d.sql("?", nil) end)
    expect.misuse("", function() return d.sql(5) end)
    expect.misuse("", function() return d.raw(nil) end)
  end)

  it("has a case with and without a base", function()
    local size = d.case():when(t.n:gt(10), "big"):when(t.n:gt(0), "small"):otherwise "none"
    local word = d.case(t.n):when(5, "five"):when(12, "twelve")

    assert.equal("small", value_of(size, 1))
    assert.equal("none", value_of(size, 3))
    assert.equal("big", value_of(size, 4))
    assert.equal("five", value_of(word, 1))
    assert.is_nil(value_of(word, 2))
    assert.equal("else", value_of(d.case():when(t.n:is_null(), "null"):otherwise "else"))
    expect.error(function() return value_of(d.case()) end)
  end)

  it("refuses a value of the wrong type and a table", function()
    expect.misuse("t.n", function() return t.n:eq "5" end)
    expect.misuse("t.s", function() return t.s:eq(5) end)
    expect.misuse("table", function() return t.n:eq { 5 } end)
    expect.error(function() return t.n:eq(print) end)
    expect.error(function() return t.n:in_(5) end)
    expect.error(function() return t.n:in_ { a = 1 } end)
    expect.error(function() return t.n:in_ { 1, {} } end)
    expect.error(function() return t.n + nil end)
    expect.error(function() return t.n + {} end)
    expect.error(function() return t.n & true end)
    expect.error(function() return t.s:like(nil) end)
    expect.error(function() return t.s:like(5) end)
  end)

  it("has no truth of its own in Lua", function()
    assert.has_error(function() return t.n < 5 end)
    assert.has_error(function() return #t.n end)
  end)

  it("refuses a misspelt method", function()
    expect.misuse('did you mean "between"', function() return t.n:betwen(1, 2) end)
  end)

  it("keeps a hostile text a value everywhere", function()
    local evil = "x' OR '1'='1\"; DROP TABLE t; --\0"
    for _, condition in ipairs { t.s:eq(evil), t.s:like(evil), t.s:in_ { evil },
      t.s:contains(evil), d.sql("? = ?", t.s, evil), t.j:json "x' OR '1'='1; --":eq(1) } do
      assert.same({}, matches(condition))
      assert.equal(4, db:from(t):count())
    end
    expect.misuse("NUL", function() return t.j:json "a\0b" end)
    expect.misuse("quote", function() return t.j:json 'a"b' end)
  end)
end)

describe("Functions", function()
  local db

  setup(function()
    db = d.open(":memory:", { schema = d.schema { t } })
    db:create(d.schema { t })
    db:insert(t):values(ROWS):run()
  end)
  teardown(function() db:close() end)

  local function value_of(expression, id)
    return db:from(t):where(t.id:eq(id or 1)):select { v = expression }:value()
  end

  local function aggregate(expression)
    return db:from(t):select { v = expression }:value()
  end

  it("aggregate", function()
    assert.equal(4, aggregate(d.count()))
    assert.equal(3, aggregate(d.count(t.n)))
    assert.equal(2, aggregate(d.count(t.f):distinct()))
    assert.equal(14, aggregate(d.sum(t.n)))
    assert.equal(14 / 3, aggregate(d.avg(t.n)))
    assert.equal(-3, aggregate(d.min(t.n)))
    assert.equal(12, aggregate(d.max(t.n)))
    assert.equal(14.0, aggregate(d.total(t.n)))
    assert.equal("5|-3|12", aggregate(d.group_concat(t.n, "|")))
    assert.equal(17, aggregate(d.sum(t.n):filter(t.n:gt(0))))
    assert.equal(2, aggregate(d.count():filter(t.f:eq(true))))
  end)

  it("keep the type of what they pass on", function()
    assert.is_true(aggregate(d.max(t.f)))
    assert.is_true(value_of(d.coalesce(t.f, false)))
    assert.equal("integer", math.type(aggregate(d.sum(t.n))))
  end)

  it("work on text and numbers", function()
    local cases = {
      { d.lower(t.s), "apple" }, { d.upper(t.s), "APPLE" }, { d.length(t.s), 5 },
      { d.abs(t.n), 5 }, { d.round(t.r), 1.0 }, { d.round(t.r * 3.333, 1), 1.7 },
      { d.coalesce(d.null, t.n, 7), 5 }, { d.ifnull(d.null, 3), 3 }, { d.nullif(t.n, 4), 5 },
      { d.trim "  x " , "x" }, { d.ltrim " x", "x" }, { d.rtrim "x ", "x" },
      { d.substr(t.s, 2, 3), "ppl" }, { d.replace(t.s, "p", "b"), "Abble" },
      { d.instr(t.s, "p"), 2 }, { d.hex "AB", "4142" }, { d.typeof(t.n), "integer" },
      { d.iif(t.n:gt(0), "plus", "minus"), "plus" },
      { d.func("printf", "%d-%s", t.n, t.s), "5-Apple" },
      { d.json_extract(t.j, "$.a.b"), 1 },
    }
    for i, case in ipairs(cases) do
      assert.equal(case[2], value_of(case[1]), "case " .. i)
    end
    assert.is_true(math.abs(value_of(d.now()) - os.time()) < 5)
    assert.equal("integer", math.type(value_of(d.random())))
  end)

  it("refuse names that are none, nil, and too few arguments", function()
    expect.misuse("", function() return d.func("lower(x) --", t.s) end)
    expect.misuse("", function() return d.func(nil) end)
    expect.misuse("nil", function() return d.lower(nil) end)
    expect.misuse("nil", function() return d.coalesce(t.n, nil) end)
    expect.failure("schema", "no_such", function() return aggregate(d.func("no_such", t.n)) end)
  end)

  it("are found by a misspelt name", function()
    expect.misuse('did you mean "count"', function() return d.coutn end)
  end)
end)
