-- Migrations written from a change of the schema: what they say, that they lead there and back, and
-- what they refuse.
local d = require("dbcore")
local files = require("spec.support.files")
local expect = require("spec.support.expect")

local folder, db

-- A migrator for a schema of these tables.
local function towards(...)
  return d.migrator(db, { dir = folder.path "migrations", schema = d.schema { ... },
    backup = false })
end

local function users(...)
  return d.table("users", { d.integer "id" :primary_key(), ... })
end

-- Generates, applies, and proves that nothing is left to be done. Returns what was generated.
local function reach(m, options)
  local made = m:generate(options)
  assert.is_table(made, "nothing was generated")
  assert.same({ made.id }, m:up().applied)
  assert.is_nil(m:generate(options))
  local found = m:verify()
  assert.is_true(found.ok, found.problems[1] and found.problems[1].message)
  return made
end

describe("A generated migration", function()
  before_each(function()
    folder = files.folder()
    db = d.open(folder.path "app.db")
  end)
  after_each(function()
    db:close()
    folder.remove()
  end)

  it("makes parents before children and drops them behind", function()
    local made = reach(towards(
      d.table("letters", { d.integer "id" :primary_key(),
        d.integer "author" :references "users.id" }),
      users(), d.table("stamps", { d.integer "id" :primary_key(),
        d.integer "letter" :references "letters.id" })))

    local order = {}
    for word, name in made.text:gmatch('m:(%l+)_table%(.-"(%l+)"') do
      order[#order + 1] = word .. " " .. name
    end
    assert.same({ "create users", "create letters", "create stamps", "drop stamps",
      "drop letters", "drop users" }, order)
    assert.is_false(made.irreversible)
  end)

  it("makes and drops tables that refer to each other at once", function()
    local made = reach(towards(
      d.table("a", { d.integer "id" :primary_key(), d.integer "b" :references "b.id" }),
      d.table("b", { d.integer "id" :primary_key(), d.integer "a" :references "a.id",
        d.index "b_a" :on "a" })))

    assert.truthy(made.text:find('m:drop_table("a", "b")', 1, true))
    assert.is_false(made.irreversible)
  end)

  it("reads as somebody would have written it", function()
    local made = reach(towards(users(d.text "email" :not_null() :unique(),
      d.index "users_email" :on "email")), { name = "Make users!" })

    assert.equal("0001_make_users", made.id)
    assert.is_false(made.loses)
    assert.equal([[
-- 0001_make_users:
--   table "users" is added
--   index "users_email" is added
local d = require("dbcore")

return {
  loses = false,
  up = function(m)
    m:create_table(d.table("users", {
      d.integer "id" :primary_key(),
      d.text "email" :not_null() :unique(),
    }))
    m:create_index("users", d.index "users_email" :on("email"))
  end,

  down = function(m)
    -- the rows of users are gone; only a backup has them
    m:drop_table("users")
  end,
}
]], files.read(made.path))
  end)

  it("is the same, byte for byte, each time", function()
    local m = towards(users(d.text "a", d.text "b"), d.table("z", { d.integer "id" }),
      d.table("a", { d.integer "id" }))

    assert.equal(m:generate({ dry_run = true }).text, m:generate({ dry_run = true }).text)
    assert.is_nil(files.read(folder.path "migrations/0001_create_users.lua"))
  end)

  it("alters, renames and rebuilds, and keeps the rows", function()
    reach(towards(users(d.text "name", d.text "old")))
    db:exec "INSERT INTO users VALUES (1, 'Ada', 'x')"

    reach(towards(users(d.text "name", d.text "old", d.text "role" :not_null() :default "reader")))
    reach(towards(users(d.text "full_name" :renamed_from "name", d.text "old",
      d.text "role" :not_null() :default "reader")))
    local made = reach(towards(users(d.text "full_name" :not_null() :length(1, 80),
      d.text "role" :not_null() :default "admin")),
      { hints = { { kind = "allow_loss", table = "users", name = "old" } } })

    assert.is_true(made.loses)
    assert.truthy(made.text:find("-- Irreversible: the values of users.old are gone", 1, true))
    assert.truthy(made.text:find('t:drop_column("old")', 1, true))
    assert.same({ id = 1, full_name = "Ada", role = "reader" },
      db:query("SELECT * FROM users"):one())
  end)

  it("carries what fills the rows that are there", function()
    reach(towards(users(d.text "name")))
    db:exec "INSERT INTO users VALUES (1, 'Ada')"

    local made = reach(towards(users(d.text "name",
      d.text "handle" :not_null() :backfill "lower(name)")))

    assert.truthy(made.text:find(':backfill "lower(name)"', 1, true))
    assert.equal("ada", db:query("SELECT handle FROM users"):value())
  end)

  it("says in SQL what has no words: another order, virtual tables, triggers", function()
    reach(towards(users(d.text "b")))
    db:exec "INSERT INTO users VALUES (1, 'b')"
    local made = reach(towards(users(d.text "a", d.text "b")))
    assert.truthy(made.text:find("m:define([[", 1, true))
    assert.equal("b", db:query("SELECT b FROM users"):value())

    local with_trigger = d.table("users", { d.integer "id" :primary_key(), d.text "a", d.text "b",
      d.trigger("t", "AFTER INSERT ON users BEGIN SELECT 1; END") })
    reach(towards(with_trigger, d.view("v", { d.text "a" }, "SELECT a FROM users"),
      d.fts("users_text", { "a" }, { content = with_trigger })))
    reach(towards(users(d.text "a", d.text "b")), { hints = { { kind = "allow_loss" } } })
  end)

  it("refuses to guess and to lose", function()
    reach(towards(users(d.text "name", d.text "old")))
    local m = towards(users(d.text "name"))

    local err = expect.error(m.generate, m)

    assert.equal("refused", err.code)
    assert.equal('column "old" of "users" would be dropped with all that is in it: allow the loss '
      .. "of users.old, or say what it was renamed to", err.message)
    assert.equal("users", err.table)
    assert.same({ "old" }, err.columns)
    local other = towards(users(d.text "name", d.text "new"))
    assert.equal("refused", expect.error(other.generate, other).code)
    reach(other, { hints = { { kind = "rename_column", table = "users", name = "old",
      value = "new" } } })
    expect.error(other.generate, other, { hints = { { kind = "nonsense" } } })
    expect.misuse('needs to know what is wanted', function()
      d.migrator(db, { dir = folder.path "migrations" }):generate()
    end)
  end)

  it("is refused with findings that bring the hints which settle them", function()
    reach(towards(users(d.text "name", d.text "old"), d.table("gone", { d.integer "id" })))
    local m = towards(users(d.text "name", d.text "new"), d.table("came", { d.integer "id" }))
    local hints = {}

    for _, code in ipairs { "B2", "B1" } do
      local err = expect.error(m.generate, m, { hints = hints })
      local found
      for _, one in ipairs(err.findings) do
        found = found or one.level == "refusal" and one
      end
      assert.equal(code, found.code)
      assert.same({ kind = "allow_loss", table = found.table, name = found.column },
        found.answers[2])
      table.insert(hints, found.answers[1])
    end

    assert.same({ { kind = "rename_column", table = "users", name = "old", value = "new" },
      { kind = "rename_table", table = "gone", value = "came" } }, hints)
    reach(m, { hints = hints })
  end)

  it("asks no one about what holds nothing: a generated column", function()
    reach(towards(users(d.text "name", d.text "short" :generated "lower(name)")))

    reach(towards(users(d.text "name")))
  end)

  it("goes back as far as it can", function()
    reach(towards(users(d.text "a"), d.table("t", { d.integer "id" })))
    local m = towards(users(d.text "a", d.text "b"))
    reach(m, { hints = { { kind = "allow_loss" } } })

    m:down()
    assert.equal("a", db:query("SELECT name FROM pragma_table_info('users') ORDER BY cid DESC")
      :value())
    assert.equal(1, db:query("SELECT count(*) FROM sqlite_master WHERE name = 't'"):value())
    m:up()
    assert.is_true(m:verify().ok)
  end)

  it("moves data when new columns are there and old ones still are", function()
    reach(towards(d.table("c", { d.integer "id" :primary_key(), d.text "city" })))
    db:exec("INSERT INTO c (city) VALUES ('Rome'), ('Oslo'), ('Rome')")

    reach(towards(
      d.table("cities", { d.integer "id" :primary_key(), d.text "name" :not_null() :unique() }),
      d.table("c", {
        d.integer "id" :primary_key(),
        d.integer "city_id" :not_null() :references "cities.id",
        d.text "note",
      })), { hints = {
        { kind = "data", value = "INSERT INTO cities (name) SELECT DISTINCT city FROM c" },
        { kind = "data",
          value = "UPDATE c SET city_id = (SELECT id FROM cities WHERE name = c.city)" },
        { kind = "allow_loss", table = "c", name = "city" },
      } })

    assert.same({ "Rome", "Oslo", "Rome" }, db:query("SELECT name FROM c JOIN cities "
      .. "ON cities.id = city_id ORDER BY c.id"):list())
  end)

  it("makes tables that refer to later ones and to each other, and goes back", function()
    local m = towards(
      d.table("albums", {
        d.integer "id" :primary_key(),
        d.integer "artist_id" :references "artists.id",
      }),
      d.table("artists", {
        d.integer "id" :primary_key(),
        d.integer "best" :references("albums.id", { on_delete = "set null" }),
      }))
    reach(m)

    m:down()
    assert.equal(0, db:query("SELECT count(*) FROM sqlite_master WHERE name LIKE 'a%'"):value())
    m:up()
    assert.is_true(m:verify().ok)
  end)

  it("takes a schema of plain SQL, too", function()
    local m = d.migrator(db, { dir = folder.path "migrations",
      schema = "CREATE TABLE t (a VARCHAR(10) DEFAULT 'x', b); CREATE INDEX i ON t (a, b DESC);" })

    reach(m)

    assert.equal("x", (db:exec "INSERT INTO t (b) VALUES (1)"
      and nil or db:query("SELECT a FROM t"):value()))
  end)
end)
