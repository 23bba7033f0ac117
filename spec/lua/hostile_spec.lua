-- Names that attack: each must be quoted or refused, wherever an identifier can stand.
local d = require("dbcore")
local sorted = require("dbcore.check").sorted_keys
local expect = require("spec.support.expect")

local NAMES = {
  'a"b', "a'b", "a`b", "a]b", "[a]", "a;b", "a--b", "a/*b*/", "a b", "a.b", " ", "select",
  "ORDER BY 1", '"', '""', "'", "?", "?1", ":x", "@x", "$x", "%s", "\\", "a\nb", "\t", "\u{E9}",
  "\u{1F600}", "x') ; DROP TABLE victim; --", 'x" ; DROP TABLE victim; --', "rowid", "*", "1",
  "order", "group", "index", "NULL", "true", ("n"):rep(250),
}

local REFUSED = { "", "a\0b", "\0", ("n"):rep(256), ("n"):rep(1 << 20), "\xFF", "a\xC3" }

local PLACES = {
  table = function(name) d.table(name, { d.integer "id" }) end,
  column = function(name) d.integer(name) end,
  index = function(name) d.index(name) end,
  indexed = function(name)
    d.table("t", { d.integer "id", d.index "i" :on(name) })
  end,
  alias = function(name)
    d.from(d.alias(d.table("t", { d.integer "id" }), name)):to_sql()
  end,
  output = function(name) d.from(d.table("t", { d.integer "id" })):select { [name] = 1 } end,
  named = function(name) return d.table("t", { d.integer "id" }).id:as(name) end,
  source = function(name)
    d.from(d.from(d.table("t", { d.integer "id" })):as(name)):to_sql()
  end,
  ref = function(name) d.from(d.ref(name)):to_sql() end,
  param = function(name) d.param(name) end,
  collation = function(name) d.text "x" :collate(name) end,
  target = function(name) d.integer "x" :references(name) end,
  relation = function(name)
    d.relations("t", { [name] = d.one("u", { from = "a", to = "b" }) })
  end,
}

describe("A hostile name", function()
  it("is quoted as a table, a column, an alias and an output", function()
    for _, name in ipairs(NAMES) do
      local victim = d.table("victim", { d.integer "id" })
      local t = d.table(name, { d.integer "id" :primary_key(), d.text(name .. "_") })
      local column = t[name .. "_"]
      local schema = d.schema { victim, t }
      local db <close> = d.open(":memory:", { schema = schema })
      db:create(schema)

      db:insert(t):values { [name .. "_"] = "v" }:run()
      db:update(t):set { [name .. "_"] = "w" }:where(column:eq "v"):run()
      local a = d.alias(t, name .. "2")
      local row = db:from(a):select { [name] = a[name .. "_"] }:order_by(a[name .. "_"]):one()
      local sub = db:from(t):as(name .. "3")

      assert.equal("w", row[name], name)
      assert.equal("w", db:from(sub):one()[name .. "_"], name)
      assert.equal("w", db:from(name):one()[name .. "_"], name)
      assert.equal(1, db:with(name .. "4", d.from(t)):from(name .. "4"):count(), name)
      assert.equal(0, db:from(victim):count(), name)
      assert.equal(1, db:delete(t):where(column:eq "w"):run().changes, name)
    end
  end)

  it("is quoted in indexes, keys, references and constraints", function()
    for _, name in ipairs(NAMES) do
      if #name < 250 then
        local p = d.table(name, { d.integer(name), d.primary_key(name) :name(name) })
        local c = d.table(name .. "_c", {
          d.integer "x" :references { table = name, columns = { name } },
          d.index(name .. "_i") :on(name .. "_y") :unique(),
          d.text(name .. "_y") :check(name, "1"),
          d.unique("x", name .. "_y"),
        })
        local schema = d.schema { c, p }
        local db <close> = d.open(":memory:", { schema = schema })

        db:create(schema)
        db:insert(p):values { [name] = 1 }:run()
        db:insert(c):values { x = 1, [name .. "_y"] = "z" }:run()
        local err = expect.error(function() db:insert(c):values { x = 2 }:run() end)

        assert.equal("constraint.foreign_key", err.code)
        assert.equal(1, db:query("SELECT count(*) FROM sqlite_schema WHERE name = ?",
          name .. "_i"):value())
      end
    end
  end)

  it("is refused when it cannot be one, with a short message", function()
    for _, place in ipairs(sorted(PLACES)) do
      for _, name in ipairs(REFUSED) do
        local err = expect.error(PLACES[place], name)

        assert.truthy(err.code == "invalid" or err.code == "schema",
          place .. ": " .. err.message)
      end
    end
  end)

  it("is refused as a function, a type, a frame and a pragma", function()
    local t = d.table("t", { d.integer "id" })
    for _, name in ipairs(NAMES) do
      if not name:find("^[%a_][%w_]*$") then
        expect.error(d.func, name, t.id)
        expect.error(function() return t.id:cast(name) end)
        expect.error(d.open, ":memory:", { pragmas = { [name] = 1 } })
      end
      if name:find("[^%w%s]") then
        expect.error(function()
          return d.from(t):select { n = d.count():over { frame = name } }:to_sql()
        end)
      end
    end
  end)

  it("is shown whole in a message, but never raw", function()
    local t = d.table("t", { d.integer "id" })
    local err = expect.error(function() return t["x\n\27[31mred"] end)

    assert.is_nil(err.message:find("[%c]"))
  end)

  it("never gets into a text by way of a value", function()
    local t = d.table("t", { d.integer "id" :primary_key(), d.text "s", d.json "j" })
    local db <close> = d.open(":memory:", { schema = d.schema { t } })
    db:create(d.schema { t })
    for _, name in ipairs(NAMES) do
      db:insert(t):values { s = name, j = { [name] = name } }:run()
      local q = db:from(t):where(t.s:eq(name))
      if name:find('["\\%c]') then
        expect.misuse("part of a path", function() return t.j:json(name) end)
      elseif not name:find("^%$") then
        q = q:where(t.j:json(name):eq(name))
      end

      assert.equal(name, q:one().j[name], name)
      assert.is_nil((q:to_sql()):find("DROP", 1, true))
    end
    assert.equal(#NAMES, db:from(t):count())
  end)
end)

describe("A huge value", function()
  it("goes there and back", function()
    local t = d.table("t", { d.text "s", d.blob "b" })
    local db <close> = d.open(":memory:", { schema = d.schema { t } })
    db:create(d.schema { t })
    local text, blob = ("\u{E9}"):rep(1 << 20), ("\0\xFF"):rep(1 << 20)

    db:insert(t):values { s = text, b = blob }:run()
    local row = db:from(t):where(t.s:eq(text)):one()

    assert.is_true(text == row.s)
    assert.is_true(blob == row.b)
  end)
end)
