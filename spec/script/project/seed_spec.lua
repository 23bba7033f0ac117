require("spec.script.parts")
local expect = require("spec.support.expect")
local generator = require("dbscript.project.seed.generator")
local shell = require("spec.script.shell")

describe("A generator", function()
  it("gives the same values for the same seed, and others for another", function()
    local function values(seed, stream)
      local g = generator.new(seed, stream)
      return table.concat({ g:name(), g:email(), g:integer(1, 1000000), g:sentence(), g:uuid(),
        g:date("2020-01-01", "2029-12-31"), g:real(0, 1) }, "|")
    end

    assert.equal(values(1, "a"), values(1, "a"))
    assert.not_equal(values(1, "a"), values(2, "a"))
    assert.not_equal(values(1, "a"), values(1, "b"))
  end)

  it("has not changed its numbers since they were first given", function()
    local g = generator.new(42, "users")

    assert.same({ 5, 63, 80 }, { g:integer(1, 100), g:integer(1, 100), g:integer(1, 100) })
  end)

  it("stays within its bounds and reaches them", function()
    local g, seen = generator.new(1, "x"), {}
    for _ = 1, 2000 do
      local value = g:integer(-3, 3)
      seen[value] = true
      assert.is_true(value >= -3 and value <= 3)
      local real = g:real(1, 2, 2)
      assert.is_true(real >= 1 and real <= 2)
      local day = g:date("2024-02-27", "2024-03-02")
      assert.is_true(day >= "2024-02-27" and day <= "2024-03-02")
      seen[day] = true
    end
    assert.is_true(seen[-3] and seen[3] and seen["2024-02-29"] and seen["2024-03-02"])
    assert.equal(math.type(g:integer(math.mininteger, math.maxinteger)), "integer")
  end)

  it("gives moments as numbers and as text alike", function()
    local a, b = generator.new(5, "x"), generator.new(5, "x")

    assert.equal(os.date("!%Y-%m-%d %H:%M:%S", a:timestamp("1999-01-01", "2031-12-31")),
      b:datetime("1999-01-01", "2031-12-31"))
  end)

  it("picks by weight", function()
    local g, counts = generator.new(1, "x"), { a = 0, b = 0, c = 0 }
    for _ = 1, 3000 do
      local word = g:pick({ "a", "b", "c" }, { 8, 2, 0 })
      counts[word] = counts[word] + 1
    end

    assert.equal(0, counts.c)
    assert.is_true(counts.a > 2200 and counts.a < 2600)
  end)

  it("samples without doubles and knows when nothing new is left", function()
    local g = generator.new(1, "x")
    local sample = g:sample({ 1, 2, 3, 4, 5 }, 5)
    table.sort(sample)

    assert.same({ 1, 2, 3, 4, 5 }, sample)
    for _ = 1, 3 do
      g:unique(function() return g:integer(1, 3) end)
    end
    expect.failure("invalid", "no new value", function()
      g:unique(function() return g:integer(1, 3) end)
    end)
  end)

  it("says what it takes", function()
    local g = generator.new(1, "x")

    expect.failure("invalid", "the smaller first", function() g:integer(3, 1) end)
    expect.failure("invalid", '"2026-01-31"', function() g:date("1.1.2026", "2026-01-01") end)
    expect.failure("invalid", "something in it", function() g:pick({}) end)
    expect.failure("invalid", "as many weights", function() g:pick({ 1, 2 }, { 1 }) end)
    expect.failure("invalid", 'did you mean "integer"', function() g:intger(1, 2) end)
    expect.failure("invalid", "no row", function() g:row("users") end)
  end)
end)

local SCHEMA = [[
  CREATE TABLE users(id INTEGER PRIMARY KEY, name TEXT NOT NULL, boss INTEGER REFERENCES users);
  CREATE TABLE posts(id INTEGER PRIMARY KEY, author INTEGER NOT NULL REFERENCES users(id), title);
  CREATE TABLE likes(post INTEGER NOT NULL REFERENCES posts, n INTEGER);
]]

local SEED = [[
  return {
    seed = 7,
    { "posts", per = "users", count = { 1, 3 }, row = function(g, i, user)
      return { title = user.name .. i }
    end },
    { "likes", count = 5, row = function(g) return { n = g:integer(1, 9) } end },
    { "users", rows = { { id = 1, name = "Ada" }, { id = 2, name = "Ben", boss = 1 } } },
  }
]]

describe("dbscript seed", function()
  local sh = shell.around(before_each, after_each, function(sh)
    sh:write("dbcore.lua", "return { database = 'a.db', schema = 'schema.sql' }")
    sh:write("schema.sql", SCHEMA)
    sh:write("seed.lua", SEED)
    sh:sql("a.db", SCHEMA)
  end)

  local function rows(sql)
    return sh:sql("a.db", sql)
  end

  it("fills parents before children, and the keys that were left out", function()
    local result = sh:json("seed")

    assert.equal("", result.errors)
    local tables = {}
    for i, one in ipairs(result.document.tables) do
      tables[i] = one.table
    end
    assert.same({ "users", "posts", "likes" }, tables)
    assert.same({}, rows("PRAGMA foreign_key_check"))
    assert.equal(5, rows("SELECT count(*) AS n FROM likes")[1].n)
    assert.equal(0, rows("SELECT count(*) AS n FROM posts JOIN users ON users.id = author "
      .. "WHERE title NOT GLOB name || '*'")[1].n)
  end)

  it("makes the same rows for the same seed", function()
    sh:run("seed")
    local before = rows("SELECT * FROM likes ORDER BY rowid")

    sh:run("seed", "--reset", "--yes")
    assert.same(before, rows("SELECT * FROM likes ORDER BY rowid"))

    sh:run("seed", "--reset", "--yes", "--seed", "8")
    assert.not_same(before, rows("SELECT * FROM likes ORDER BY rowid"))
  end)

  it("does not add to tables that have rows unless it is told to", function()
    sh:run("seed")

    sh:fails(3, '"users" has 2 rows already: --reset empties it first, --append adds', "seed")
    assert.equal(2, rows("SELECT count(*) AS n FROM users")[1].n)
  end)

  it("asks before it empties tables, and in a pipe refuses", function()
    sh:run("seed")

    local result = sh:run("seed", "--reset")

    assert.equal(3, result.code)
    assert.matches("^dbscript: this deletes %d+ rows of likes %(5%), posts %(%d+%), users %(2%): "
      .. "add %-%-yes if that is meant\n$", result.errors)
    assert.equal(5, rows("SELECT count(*) AS n FROM likes")[1].n)
  end)

  it("empties also the tables that point to those it fills", function()
    sh:run("seed")
    sh:write("seed.lua", "return { { 'users', rows = { { name = 'Cy' } } } }")

    assert.equal(0, sh:run("seed", "--reset", "--yes").code)
    assert.equal(0, rows("SELECT count(*) AS n FROM likes")[1].n)
    assert.equal(1, rows("SELECT count(*) AS n FROM users")[1].n)
  end)

  it("keeps nothing of a dry run or of one that fails", function()
    assert.equal(0, sh:run("seed", "--dry-run").code)
    assert.equal(0, rows("SELECT count(*) AS n FROM users")[1].n)

    sh:write("seed.lua", "return { { 'users', rows = { { name = 'Cy' }, { id = 3 } } } }")
    local result = sh:run("seed")

    assert.equal(1, result.code)
    assert.matches("NOT NULL", result.errors, 1, true)
    assert.equal(0, rows("SELECT count(*) AS n FROM users")[1].n)
  end)

  it("uses the words of a schema in Lua", function()
    sh:write("schema.lua", [[
      local d = require "dbcore"
      return d.schema { d.table("flags", { d.integer "id" :primary_key(), d.boolean "on",
        d.json "data" }) }
    ]])
    sh:sql("a.db", 'CREATE TABLE flags(id INTEGER PRIMARY KEY, "on" INTEGER, data TEXT)')
    sh:write("seed.lua", "return { { 'flags', rows = { { on = true, data = { 1, 2 } } } } }")

    assert.equal(0, sh:run("seed", "--schema", "schema.lua").code)
    assert.same({ { id = 1, on = 1, data = "[1,2]" } }, rows("SELECT * FROM flags"))
  end)

  it("says what is wrong with the file", function()
    local wrong = {
      ["return 7"] = "it must return a list",
      ["return { { 'usres', rows = {} } }"] = 'did you mean "users"',
      ["return { { 'users', rwos = {} } }"] = 'did you mean "rows"',
      ["return { { 'users' } }"] = "either rows",
      ["return { { 'users', rows = {}, row = print } }"] = "either rows",
      ["return { { 'users', count = -1, row = print } }"] = "{ from, to }",
      ["return { seed = 'x', { 'users', rows = {} } }"] = "whole number",
      ["return { { 'users', rows = {} }, { 'users', rows = {} } }"] = "twice",
      ["return { { 'users', row = function() end } }"] = "must return a table",
      ["return { { 'users', per = 'posts', rows = {} }, { 'posts', rows = {} } }"] =
        "wait for each other",
    }
    for text, piece in pairs(wrong) do
      sh:write("seed.lua", text)

      local result = sh:run("seed")

      assert.equal(1, result.code, text)
      assert.truthy(result.errors:find(piece, 1, true), result.errors)
      assert.matches("^dbscript: [^\n]+\n$", result.errors)
    end
    os.remove(sh:path("seed.lua"))
    assert.matches("there is no seed file", sh:run("seed").errors, 1, true)
  end)
end)

describe("The command seed", function()
  it("fills a table that the schema is ahead of", function()
    local sh = shell.new()
    finally(function()
      sh:close()
    end)
    sh:run("init")
    sh:sql("app.db", "CREATE TABLE notes (id INTEGER PRIMARY KEY, head TEXT, done INTEGER);")
    sh:write("seed.lua", 'return { { "notes", rows = { { head = "a", done = true } } } }')

    local result = sh:run("seed")

    assert.equal("", result.errors)
    assert.same({ { head = "a", done = 1 } }, sh:sql("app.db", "SELECT head, done FROM notes"))
  end)
end)
