-- What the steps of writes become, as text and values, and what they refuse.
local d = require("dbcore")
local expect = require("spec.support.expect")

local calls = 0
local t = d.table("t", {
  d.integer "id" :primary_key(), d.text "name", d.json "j", d.boolean "f",
  d.integer "touched" :on_update(function()
    calls = calls + 1
    return calls
  end),
  d.text "by" :on_update("me"),
})
local plain = d.table("plain", { d.integer "id" :primary_key(), d.text "name" })

local function check(q, text, values)
  local sql, found = q:to_sql()
  assert.equal(text, (sql:gsub('"(%w+)"', "%1")))
  assert.same(values or {}, found)
end

describe("A write as words", function()
  before_each(function() calls = 0 end)

  it("sets columns in the order of the table, with values of their types", function()
    check(d.update(plain):set { name = "x", id = plain.id + 1 }:where { id = 3 },
      "UPDATE plain SET id = plain.id + ?, name = ? WHERE (plain.id = ?)", { 1, "x", 3 })
    check(d.update(t):set { j = { a = 1 }, f = true, touched = 0, by = d.null }:everywhere(),
      "UPDATE t SET j = ?, f = ?, touched = ?, by = ?", { '{"a":1}', 1, 0, d.null })
    check(d.update(plain):set { name = d.from(t):select(t.name):limit(1) }:everywhere(),
      "UPDATE plain SET name = (SELECT t.name FROM t LIMIT ?)", { 1 })
  end)

  it("fills what the host fills when it runs, unless it was set", function()
    local q = d.update(t):set { name = "x" }:where { id = 1 }
    local mine = q:set { touched = 99 }

    check(q, "UPDATE t SET name = ?, touched = ?, by = ? WHERE (t.id = ?)", { "x", 1, "me", 1 })
    check(q, "UPDATE t SET name = ?, touched = ?, by = ? WHERE (t.id = ?)", { "x", 2, "me", 1 })
    check(mine, "UPDATE t SET name = ?, touched = ?, by = ? WHERE (t.id = ?)", { "x", 99, "me", 1 })
    assert.equal(2, calls)
  end)

  it("returns every column, or what is named", function()
    check(d.delete(plain):where { id = 1 }:returning(),
      "DELETE FROM plain WHERE (plain.id = ?) RETURNING id, name", { 1 })
    check(d.delete(plain):everywhere():returning("id", { up = d.upper(plain.name) }),
      "DELETE FROM plain RETURNING id, upper(name) AS up")
  end)

  it("says what happens on a conflict", function()
    local insert = d.insert(plain):from(d.from(t):select(t.id, t.name))

    local sql = insert:on_conflict("id"):ignore():to_sql()
    local same = insert:on_conflict(plain.id):nothing():to_sql()
    local update = insert:on_conflict { "id" }
      :update { name = d.excluded "name" }:where(plain.name:is_null()):to_sql()

    assert.equal(sql, same)
    assert.truthy(sql:find('^INSERT INTO "plain" %("id", "name"%) SELECT'), sql)
    assert.truthy(sql:find('ON CONFLICT ("id") DO NOTHING', 1, true), sql)
    assert.truthy(update:find('DO UPDATE SET "name" = excluded."name" WHERE', 1, true), update)
  end)
end)

describe("A write refuses", function()
  it("misspelt columns, with the nearest", function()
    expect.misuse('did you mean "name"', function() return d.update(t):set { nmae = "x" } end)
    expect.misuse('did you mean "name"', function() return d.insert(t):on_conflict("nmae") end)
    expect.misuse('did you mean "name"', function()
      return d.insert(t):on_conflict("id"):update { nmae = "x" }
    end)
    expect.misuse('did you mean "name"', function() return d.delete(t):returning("nmae") end)
  end)

  it("what does not fit", function()
    expect.misuse("set got an empty table", function() return d.update(t):set {} end)
    expect.misuse("set takes a table of column = value, got text", function()
      return d.update(t):set "name"
    end)
    expect.misuse("values takes a row", function() return d.insert(t):values(5) end)
    expect.misuse("values takes a row", function() return d.insert(t):values(nil) end)
    expect.misuse("on_conflict takes columns of", function()
      return d.insert(t):on_conflict(plain.id)
    end)
    expect.misuse("from takes the query", function() return d.insert(t):from(plain) end)
  end)

  it("to say twice what is inserted", function()
    expect.misuse("values was called already", function()
      return d.insert(t):values {}:values {}
    end)
    expect.misuse("has values already", function()
      return d.insert(t):values {}:from(d.from(t))
    end)
  end)

  it("an alias, and anything else that is no table", function()
    expect.misuse('update takes a table, got the alias "a"', function()
      return d.update(d.alias(t, "a"))
    end)
    expect.misuse("insert takes a table, got nil", function() return d.insert(nil) end)
    expect.misuse("there is none", function() return d.delete("t") end)
  end)

  it("steps that are not its own", function()
    expect.misuse("everywhere is no step of an insert", function()
      return d.insert(t):everywhere()
    end)
    expect.misuse("values is no step of an update", function() return d.update(t):values {} end)
    expect.misuse("returning is no step of a select", function() return d.from(t):returning() end)
  end)
end)
