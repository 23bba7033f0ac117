-- Tokens and clauses of SQL text.
require("dbcore")
local clause = require("dbcore.clause")
local token = require("dbcore.token")

local function tokens(sql)
  local found = {}
  for kind, text in token.each(sql) do
    if kind ~= "space" then
      found[#found + 1] = kind .. ":" .. text
    end
  end
  return found
end

describe("Tokens", function()
  it("end where literals, names and comments end", function()
    assert.same({ "word:a", "text:'it''s'", 'name:"x""y"', "name:[a b]", "name:`c`" },
      tokens([[a 'it''s' "x""y" [a b] `c`]]))
    assert.same({ "word:a", "comment:-- ? 'x\n", "word:b", "comment:/* ? */", "sign:+" },
      tokens("a -- ? 'x\nb/* ? */+"))
    assert.same({ "parameter:?", "parameter:?12", "parameter::name", "parameter:@a",
      "parameter:$b" }, tokens("? ?12 :name @a $b"))
    assert.same({ "number:1.5e3", "sign:,", "number:.5", "sign:.", "word:a" },
      tokens("1.5e3,.5 . a"))
  end)

  it("come to an end in text that does not", function()
    for _, sql in ipairs { "'x", '"x', "[x", "/* x", "-- x", "", "''", "'x''" } do
      local length = 0
      for _, text in token.each(sql) do
        length = length + #text
      end

      assert.equal(#sql, length)
    end
  end)

  it("quote and unquote names", function()
    for _, name in ipairs { "a", 'a"b', '"', "", "a b", "]" } do
      assert.equal(name, token.unquote(token.quote(name)))
    end
    assert.equal("a]", token.unquote("`a]`"))
    assert.equal("a", token.unquote("[a]"))
  end)

  it("replace parameters by number, and nothing else", function()
    local seen = {}
    local sql = token.replace_parameters("? '?' \"?\" ?3 ? -- ?", function(i)
      seen[#seen + 1] = i
      return "<" .. i .. ">"
    end)

    assert.equal("<1> '?' \"?\" <3> <4> -- ?", sql)
    assert.same({ 1, 3, 4 }, seen)
  end)
end)

describe("Clauses", function()
  local sql = 'WITH "w" AS (SELECT 1 FROM "x" WHERE "a" = ?) SELECT "t"."a", lower(?) AS "b" '
    .. 'FROM "t" AS "t" LEFT JOIN (SELECT "c" FROM "u" ORDER BY 1) AS "s" ON ("s"."c" = ?) '
    .. 'WHERE ("t"."a" > ?) GROUP BY "t"."a", ("t"."b" % ?) HAVING (count(*) > ?) '
    .. 'ORDER BY max("t"."b", ?) DESC NULLS LAST, "t"."a" LIMIT ? OFFSET ?'

  it("are taken apart with their parameters", function()
    local parts = clause.parse(sql)

    assert.same({ text = '("t"."a" > ?)', first = 4, count = 1 }, parts.where)
    assert.same({ text = "?", first = 8, count = 1 }, parts.limit)
    assert.same({ text = "?", first = 9, count = 1 }, parts.offset)
    assert.is_nil(parts.distinct)
    assert.is_nil(parts.compound)
    assert.is_true(clause.parse("SELECT DISTINCT a FROM b").distinct)
    assert.is_true(clause.parse("SELECT a FROM b UNION SELECT a FROM c").compound)
    assert.is_nil(clause.parse("SELECT (SELECT DISTINCT a FROM c UNION SELECT 1) FROM b").compound)
  end)

  it("have items, apart at commas", function()
    local parts = clause.parse(sql)
    local groups, orders = clause.items(parts.group_by), clause.items(parts.order_by)

    assert.same({ text = '("t"."b" % ?)', first = 5, count = 1 }, groups[2])
    assert.equal(2, #orders)
    assert.equal(7, orders[1].first)
    assert.equal(0, orders[2].count)
    assert.same({ 'max("t"."b", ?)', true, "last" }, { clause.order_term(orders[1].text) })
    assert.same({ '"t"."a"', false, "first" }, { clause.order_term(orders[2].text) })
    assert.same({ "x", false, "last" }, { clause.order_term("x ASC NULLS LAST") })
    assert.same({ "x", true, "first" }, { clause.order_term("x DESC NULLS FIRST") })
  end)

  it("name their sources", function()
    assert.same({ { table = "t", alias = "t" }, { alias = "s" } },
      clause.sources(clause.parse(sql).from))
    assert.same({ { table = "a", alias = "a" }, { table = "b", alias = "c" } },
      clause.sources(clause.parse('SELECT 1 FROM "a" JOIN "b" AS "c" ON 1').from))
  end)
end)
