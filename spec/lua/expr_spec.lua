-- What expressions become, as text and values, and what they refuse.
local d = require("dbcore")
local expect = require("spec.support.expect")

local t = d.table("t", {
  d.integer "id" :primary_key(), d.integer "n", d.text "s", d.boolean "f", d.json "j",
  d.timestamp "at", d.enum("e", { "on", "off" }),
})

-- The text of a condition or an output, and its values.
local function said(expression)
  local sql, values = d.from(t):select { x = expression }:to_sql()
  return sql:match("^SELECT (.*) AS \"x\" FROM \"t\"$") or sql, values
end

local function check(expression, text, values)
  local sql, found = said(expression)
  assert.equal(text, (sql:gsub('"t"%."(%w+)"', "%1")))
  assert.same(values or {}, found)
end

describe("An expression as words", function()
  it("says its operators", function()
    check(t.n:eq(1), "n = ?", { 1 })
    check(t.n:eq(d.null), "n IS NULL")
    check(t.n:ne(d.null), "n IS NOT NULL")
    check(t.n:is(t.id), "n IS id")
    check(t.s:like("a!%", "!"), "s LIKE ? ESCAPE ?", { "a!%", "!" })
    check(t.s:regexp "a", "s REGEXP ?", { "a" })
    check(t.s:match "a", "s MATCH ?", { "a" })
    check(-t.n, "-(n)")
    check(~t.f, "NOT (f)")
    check(t.n % 2 - 1, "(n % ?) - ?", { 2, 1 })
    check("a" .. t.s, "? || s", { "a" })
    check(t.n:between(1, t.id), "n BETWEEN ? AND id", { 1 })
    check(t.n:not_in { 1 }, "n NOT IN (SELECT value FROM dbc_list(?))", { { 1 } })
    check(t.n:cast "text", "CAST(n AS TEXT)")
    check(t.j:json "$.a", "json_extract(j, ?)", { "$.a" })
    check(t.j:json "a b", "json_extract(j, ?)", { '$."a b"' })
  end)

  it("escapes what a pattern would take for its own", function()
    check(t.s:contains "50%_\\", "s LIKE ? ESCAPE ?", { "%50\\%\\_\\\\%", "\\" })
    check(t.s:starts_with "", "s LIKE ? ESCAPE ?", { "%", "\\" })
    check(t.s:ends_with "x", "s LIKE ? ESCAPE ?", { "%x", "\\" })
  end)

  it("says functions, with values that fit the first argument", function()
    check(d.count(), "count(*)")
    check(d.count(t.n):distinct(), "count(DISTINCT n)")
    check(d.count_distinct(t.n), "count(DISTINCT n)")
    check(d.sum(t.n):filter(t.f:eq(true)), "sum(n) FILTER (WHERE f = ?)", { 1 })
    check(d.coalesce(t.f, false), "coalesce(f, ?)", { false })
    check(d.func("printf", "%d", t.n), "printf(?, n)", { "%d" })
    check(d.now(), "CAST(strftime('%s', 'now') AS INTEGER)")
    check(d.raw "1 + 1", "1 + 1")
    check(d.sql("? + ? -- ?\n", t.n, 2), "n + ? -- ?\n", { 2 })
    check(d.group_concat(t.s, "; "), "group_concat(s, ?)", { "; " })
  end)

  it("puts conditions together", function()
    check(d.all(), "TRUE")
    check(d.any {}, "FALSE")
    check(d.all(t.n:eq(1)), "n = ?", { 1 })
    check(d.any { t.n:eq(1), t.n:eq(2), t.f }, "(n = ?) OR (n = ?) OR f", { 1, 2 })
    check(d.not_(t.f), "NOT (f)")
  end)

  it("says windows", function()
    check(d.row_number():over(), "row_number() OVER ()")
    check(d.sum(t.n):over { partition_by = { t.s, t.f }, order_by = t.n:desc { nulls = "first" },
      frame = "rows between 1 preceding and current row" },
      "sum(n) OVER (PARTITION BY s, f ORDER BY n DESC NULLS FIRST "
        .. "rows between 1 preceding and current row)")
  end)

  it("says a case, which is a value after every branch", function()
    local one = d.case():when(t.n:lt(0), "minus")
    local two = one:when(t.n:gt(0), "plus")

    check(one, "CASE WHEN n < ? THEN ? END", { 0, "minus" })
    check(two, "CASE WHEN n < ? THEN ? WHEN n > ? THEN ? END", { 0, "minus", 0, "plus" })
    check(two:otherwise(d.null), "CASE WHEN n < ? THEN ? WHEN n > ? THEN ? ELSE ? END",
      { 0, "minus", 0, "plus", d.null })
    check(d.case(t.e):when("on", 1):otherwise(t.n), "CASE e WHEN ? THEN ? ELSE n END", { "on", 1 })
  end)

  it("takes lists of any length", function()
    local list = {}
    for i = 1, 5000 do
      list[i] = i
    end

    local _, values = said(t.n:in_(list))

    assert.same({ list }, values)
  end)

  it("keeps its tables alive", function()
    local function make(name)
      return d.table(name, { d.integer "id" }).id
    end
    local condition = make "a":eq(make "b") & make "c":eq(1) & make "a":eq(2)
    for _ = 1, 3 do
      collectgarbage()
    end

    assert.equal("dbcore.expression", tostring(condition:eq(true)))
  end)
end)

describe("An expression refuses", function()
  it("nil, and names what got it", function()
    expect.misuse("t.n:eq got nil: a misspelt field, perhaps; to test for NULL use :is_null()",
      function() return t.n:eq(nil) end)
    expect.misuse("t.n:is_not got nil", function() return t.n:is_not() end)
    expect.misuse("t.s:like got nil", function() return t.s:like(nil) end)
    expect.misuse("t.n:in_ got nil", function() return t.n:in_() end)
    expect.misuse("t.n:between got nil", function() return t.n:between(1) end)
    expect.misuse("+ got nil", function() return t.n + nil end)
    expect.misuse("& got nil", function() return t.f & nil end)
    expect.misuse("in_ got nil as item 2 of its list", function() return t.n:in_ { 1, nil, 3 } end)
    expect.misuse("when got nil as its value", function() return d.case():when(t.f) end)
    expect.misuse("all got nil as its condition 2", function() return d.all(t.f, nil) end)
    expect.misuse("lower got nil", function() return d.lower(nil) end)
  end)

  it("null where it would never be true", function()
    expect.misuse("lt(null) is never true", function() return t.n:lt(d.null) end)
    expect.misuse("null as item 1", function() return t.n:not_in { d.null } end)
  end)

  it("what does not fit the column's type", function()
    expect.misuse('column "t.n" is integer', function() return t.n:eq("x") end)
    expect.misuse('column "t.f" is boolean', function() return t.f:eq(1) end)
    expect.misuse('did you mean "on"', function() return t.e:eq("onn") end)
    expect.misuse('column "t.n" is integer', function() return t.n:in_ { 1, "x" } end)
    expect.misuse('column "t.at" is timestamp', function() return t.at:between(1.5, 2) end)
  end)

  it("what is no condition where one is due", function()
    expect.misuse("& takes a condition on each side", function() return t.n:eq(1) & 2 end)
    expect.misuse("| takes a condition on each side", function() return "x" | t.f end)
    expect.misuse("== compares in Lua", function() return d.not_(t.n == t.id) end)
    expect.misuse("filter got the number 1", function() return d.count():filter(1) end)
  end)

  it("comparisons that Lua would do itself", function()
    expect.misuse("use :lt()", function() return t.n < 5 end)
    expect.misuse("use :lt()", function() return t.n >= t.id end)
  end)

  it("misspelt methods, options and types, with the nearest", function()
    expect.misuse('an expression has no method "is_nul"; did you mean "is_null"?',
      function() return t.n:is_nul() end)
    expect.misuse('did you mean "partition_by"?', function()
      return d.count():over { partition = t.n }
    end)
    expect.misuse('did you mean "nulls"?', function() return t.n:desc { null = "last" } end)
    expect.misuse('nulls is "first" or "last"', function() return t.n:asc { nulls = "end" } end)
    expect.misuse('did you mean "integer"?', function() return t.n:cast "intger" end)
  end)

  it("what has no meaning", function()
    expect.misuse("called with a colon", function() return t.n.eq(5, 1) end)
    expect.misuse("a list, a query or a parameter", function() return t.n:in_(5) end)
    expect.misuse('the key text "a"', function() return t.n:in_ { a = 1 } end)
    expect.misuse('got the table "t"', function() return t.n:eq(t) end)
    expect.misuse("takes a select, got an update", function() return t.n:eq(d.update(t)) end)
    expect.misuse("distinct belongs to an aggregate", function() return t.n:distinct() end)
    expect.misuse("when belongs to d.case()", function() return t.n:when(t.f, 1) end)
    expect.misuse("at least one :when", function() return d.case():eq(1) end)
    expect.misuse("at least one :when", function() return t.n:eq(d.case()) end)
    expect.misuse("round takes 1 to 2 arguments, got 0", function() return d.round() end)
    expect.misuse("count takes one expression", function() return d.count(t.n, t.s) end)
    expect.misuse("2 placeholders but 1 value", function() return d.sql("? ?", 1) end)
    expect.misuse("no name of a function", function() return d.func("a;b") end)
    expect.misuse("exists takes a query", function() return d.exists(t) end)
    expect.misuse("case takes an expression", function() return d.case(5) end)
  end)
end)
