-- Migrations written for what few schemas have: empty names, names that only quotes make, and
-- full-text indexes over views, which stand on them as other views do.
local d = require("dbcore")
local files = require("spec.support.files")

local folder, db

before_each(function()
  folder = files.folder()
  db = d.open(folder.path "app.db", { trusted_schema = true })
end)

after_each(function()
  db:close()
  folder.remove()
end)

local ALLOW = { kind = "allow_loss" }

-- Generates and applies; goes back and forth once; proves that nothing is left to be done.
local function reach(schema, ...)
  local m = d.migrator(db, { dir = folder.path "migrations", schema = schema, backup = false })
  local made = assert(m:generate { hints = { ALLOW, ... } }, "nothing was generated")
  assert.is_nil(made.irreversible or nil)
  assert.same({ made.id }, m:up().applied)
  assert.same({ made.id }, m:down().reverted)
  assert.same({ made.id }, m:up().applied)
  local found = m:verify()
  assert.is_true(found.ok, found.problems[1] and found.problems[1].message)
  return made
end

local function value(sql, ...)
  return db:query(sql, ...):value()
end

describe("A generated migration", function()
  local other = "CREATE TABLE x (id INTEGER PRIMARY KEY);"
  local empty = 'CREATE TABLE "" (id INTEGER PRIMARY KEY, "" TEXT, b);'

  it("creates, changes and drops a table whose name is empty", function()
    reach(other .. empty)
    db:exec('INSERT INTO "" ("", b) VALUES (1, 2)')
    reach(other .. 'CREATE TABLE "" (id INTEGER PRIMARY KEY, "" TEXT NOT NULL DEFAULT 1, b, c);')
    assert.equal("1", value('SELECT "" FROM ""'))
    reach(other)
  end)

  it("renames from an empty name and to one", function()
    reach(empty)
    db:exec('INSERT INTO "" ("") VALUES (7)')
    reach('CREATE TABLE "y" (id INTEGER PRIMARY KEY, "" TEXT, b);',
      { kind = "rename_table", table = "", value = "y" })
    reach('CREATE TABLE "y" (id INTEGER PRIMARY KEY, a TEXT, b);',
      { kind = "rename_column", table = "y", name = "", value = "a" })
    assert.equal("7", value("SELECT a FROM y"))
    reach('CREATE TABLE "y" (id INTEGER PRIMARY KEY, "" TEXT, b);',
      { kind = "rename_column", table = "y", name = "a", value = "" })
    reach(empty, { kind = "rename_table", table = "y", value = "" })
    assert.equal("7", value('SELECT "" FROM ""'))
  end)

  it("handles indexes, triggers and views without a name", function()
    reach(other .. 'CREATE INDEX "" ON x (id);')
    reach(other .. 'CREATE INDEX "" ON x (id DESC);')
    reach(other .. "CREATE INDEX i ON x (id DESC);", { kind = "rename_index", name = "",
      value = "i" })
    reach(other .. 'CREATE TRIGGER "" AFTER INSERT ON x BEGIN SELECT 1; END;')
    reach(other .. 'CREATE TRIGGER "" AFTER INSERT ON x BEGIN SELECT 2; END;')
    reach(other .. 'CREATE VIEW "" AS SELECT * FROM x; CREATE VIEW b AS SELECT * FROM "";')
    reach(other .. 'CREATE VIEW "" AS SELECT id FROM x; CREATE VIEW b AS SELECT * FROM "";')
    reach(other)
  end)

  it("puts views in order whose names need quotes", function()
    local over = 'CREATE VIEW "-a""b" AS SELECT * FROM "é";'
    reach(other .. 'CREATE VIEW "é" AS SELECT * FROM x;' .. over)

    local made = reach(other .. 'CREATE VIEW "é" AS SELECT id FROM x;' .. over)

    assert.truthy(made.text:find('m:drop_view%("%-a\\"b"%)\n    m:drop_view%("é"%)'))
  end)

  it("makes a view of what was a table, and a table of it again", function()
    local a = "CREATE TABLE a (id INTEGER PRIMARY KEY, t TEXT);"
    local as_table = "CREATE TABLE v (id INTEGER PRIMARY KEY, t); CREATE INDEX vi ON v (t);"
      .. "CREATE TRIGGER vt AFTER INSERT ON v BEGIN SELECT 1; END;"
    local as_view = "CREATE VIEW v AS SELECT id, t FROM a;"
      .. "CREATE TRIGGER vt INSTEAD OF INSERT ON v BEGIN SELECT 1; END;"
    reach(a .. as_table)
    reach(a .. as_view)
    reach(a .. as_table)
  end)

  it("fills a column that only gets another name", function()
    reach("CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT);")
    db:exec("INSERT INTO t (a) VALUES ('x')")

    reach("CREATE TABLE t (id INTEGER PRIMARY KEY, b TEXT);",
      { kind = "rename_column", table = "t", name = "a", value = "b" },
      { kind = "copy", table = "t", name = "b", value = "a || '!'" })

    -- Up, down, up: the way back knows nothing of what was added.
    assert.equal("x!!", value("SELECT b FROM t"))
  end)

  it("fills a column of a table that only gets another name", function()
    reach("CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT);")
    db:exec("INSERT INTO t (a) VALUES (NULL)")

    reach("CREATE TABLE u (id INTEGER PRIMARY KEY, a TEXT);",
      { kind = "rename_table", table = "t", value = "u" },
      { kind = "backfill", table = "u", name = "a", value = "'none'" })

    assert.equal("none", value("SELECT a FROM u"))
  end)

  it("fills a column that the schema gives another name and values", function()
    local function posts(head)
      return d.schema { d.table("posts", { d.integer "id" :primary_key(), head }) }
    end
    reach(posts(d.text "title"))
    db:exec("INSERT INTO posts (title) VALUES ('fox')")

    reach(posts(d.text "head" :renamed_from "title" :copy "upper(title)"))
    reach(posts(d.text "head" :default "none"))

    assert.equal("FOX", value("SELECT head FROM posts"))
  end)
end)

describe("A full-text index over a view", function()
  local a = "CREATE TABLE a (id INTEGER PRIMARY KEY, t TEXT);"
  local tell = "CREATE TRIGGER tell AFTER INSERT ON a BEGIN "
    .. "INSERT INTO f (rowid, t) VALUES (new.id, new.t); END;"

  local function heads(with)
    return ("CREATE VIEW heads AS SELECT id, %s(t) AS t FROM a;"):format(with)
  end

  local function index(options)
    return ("CREATE VIRTUAL TABLE f USING fts5(t, content = %s);")
      :format(options or "'heads', content_rowid = 'id'")
  end

  local function fill()
    db:exec("INSERT INTO a (t) VALUES ('red fox'), ('owl')")
  end

  local function assert_finds(count, word)
    db:exec("INSERT INTO f (f, rank) VALUES ('integrity-check', 1)")
    assert.equal(count, value("SELECT count(*) FROM f WHERE f MATCH ?", word))
  end

  it("comes behind the view, and goes before it", function()
    reach(a)
    fill()
    reach(a .. heads "upper" .. index() .. tell)
    assert_finds(1, "fox")
    reach(a)
  end)

  it("is filled again when the view is another one", function()
    reach(a .. heads "upper" .. index() .. tell)
    fill()
    reach(a .. heads "hex" .. index() .. tell)
    assert_finds(1, "6F776C")
    reach(a .. heads "lower" .. index '"heads", content_rowid = id, tokenize = porter' .. tell)
    assert_finds(1, "foxes")
  end)

  it("may be read by a view itself", function()
    local count = "CREATE VIEW a_count AS SELECT count(*) AS c FROM f;"
    reach(a .. heads "upper" .. index() .. count)
    fill()
    reach(a .. heads "lower" .. index() .. count)
    assert.equal(2, value "SELECT c FROM a_count")
    reach(a .. heads "lower" .. index())
  end)

  it("follows its text from a view into a table, and back", function()
    local rows = "CREATE TABLE heads (id INTEGER PRIMARY KEY, t);"
    reach(a .. heads "upper" .. index() .. tell)
    fill()
    reach(a .. rows .. index() .. tell)
    assert.equal(0, value "SELECT count(*) FROM heads")
    reach(a .. heads "upper" .. index() .. tell)
    assert_finds(1, "owl")
  end)

  it("follows a table and a column that the view reads to other names", function()
    reach(a .. heads "upper" .. index())
    fill()
    reach("CREATE TABLE b (id INTEGER PRIMARY KEY, u TEXT);"
      .. "CREATE VIEW heads AS SELECT id, upper(u) AS t FROM b;" .. index(),
      { kind = "rename_table", table = "a", value = "b" },
      { kind = "rename_column", table = "b", name = "t", value = "u" })
    assert_finds(1, "fox")
  end)
end)
