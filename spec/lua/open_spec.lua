-- Section 3: opening, closing, raw SQL, and files that are none.
local d = require("dbcore")
local expect = require("spec.support.expect")
local files = require("spec.support.files")

local t = d.table("t", { d.integer "id" :primary_key(), d.text "name" })
local schema = d.schema { t }

describe("Opening", function()
  local folder

  before_each(function() folder = files.folder() end)
  after_each(function() folder.remove() end)

  it("creates the file and keeps what was committed", function()
    local path = folder.path "app.db"
    do
      local db <close> = d.open(path, { schema = schema })
      db:create(schema)
      db:insert(t):values { name = "kept" }:run()
    end

    local db <close> = d.open(path, { schema = schema })

    assert.equal("kept", db:from(t):one().name)
    assert.equal(path, db:path())
  end)

  it("has defaults for production", function()
    local db <close> = d.open(folder.path "app.db")

    assert.equal("wal", db:query("PRAGMA journal_mode"):value())
    assert.equal(3, db:query("PRAGMA synchronous"):value())
    assert.equal(1, db:query("PRAGMA foreign_keys"):value())
    assert.equal(0, db:query("PRAGMA trusted_schema"):value())
  end)

  it("lets a schema of the application's own use functions of JSON", function()
    local docs = d.table("docs", {
      d.integer "id" :primary_key(),
      d.json "doc",
      d.text "name" :generated("doc ->> '$.name'", "virtual"),
      d.index "docs_kind" :on(d.sql "json_extract(doc, '$.kind')"),
      d.check("docs_valid", "doc IS NULL OR json_valid(doc)"),
    })
    local path, own = folder.path "docs.db", d.schema { docs }
    do
      local db <close> = d.open(path, { schema = own })
      db:create(own)
      db:insert(docs):values { doc = { name = "Ada", kind = 1 } }:run()
    end

    local db <close> = d.open(path, { schema = own })

    assert.equal("Ada", db:from(docs):one().name)
    -- Without the schema, versions of SQLite that take them for harmful say what to do.
    local ok, err = pcall(d.open, path)
    if ok then
      err:close()
    else
      assert.equal("denied", err.code)
      assert.matches("trust the schema in the file", err.message, 1, true)
    end
    local trusting <close> = d.open(path, { trusted_schema = true })
    assert.equal(1, trusting:query("SELECT count(*) FROM docs"):value())
  end)

  it("takes each of them by name", function()
    local db <close> = d.open(folder.path "app.db", {
      durability = "normal", foreign_keys = false, busy_timeout = 250,
      pragmas = { cache_size = -4000, user_version = 7 },
    })

    assert.equal(1, db:query("PRAGMA synchronous"):value())
    assert.equal(0, db:query("PRAGMA foreign_keys"):value())
    assert.equal(-4000, db:query("PRAGMA cache_size"):value())
    assert.equal(7, db:query("PRAGMA user_version"):value())
  end)

  it("treats double-quoted text as a name, never as text", function()
    local db <close> = d.open(":memory:")

    expect.failure("schema", "nothing_of_the_kind", function()
      db:query('SELECT "nothing_of_the_kind" AS x'):all()
    end)
  end)

  it("refuses unknown options and values, with the nearest", function()
    expect.misuse('did you mean "readonly"', d.open, ":memory:", { readonyl = true })
    expect.misuse('did you mean "busy_timeout"', d.open, ":memory:", { busy_timout = 1 })
    expect.misuse('"normal"', d.open, ":memory:", { durability = "norml" })
    expect.error(d.open, ":memory:", { busy_timeout = "long" })
    expect.error(d.open, ":memory:", { schema = "schema" })
    expect.error(d.open, ":memory:", { pragmas = { ["x; DROP TABLE t"] = 1 } })
    expect.error(d.open, ":memory:", "readonly")
    expect.error(d.open, nil)
    expect.error(d.open, 5)
    expect.error(d.open, "a\0b")
  end)

  it("refuses a missing folder and a directory", function()
    local missing = expect.error(d.open, folder.path "no/such/app.db")
    local directory = expect.error(d.open, folder.path())

    assert.equal("cannot_open", missing.code)
    assert.equal("cannot_open", directory.code)
    assert.truthy(missing.message:find("no/such", 1, true))
  end)

  it("refuses a missing file with create = false, and makes none", function()
    local path = folder.path "app.db"

    expect.failure("cannot_open", "app.db", d.open, path, { create = false })

    assert.is_nil(files.read(path))
  end)

  it("refuses a file that is no database, and leaves it as it is", function()
    local path = folder.path "notes.txt"
    local text = ("these are notes, and no database\n"):rep(100)
    files.write(path, text)

    expect.failure("corrupt", "notes.txt", d.open, path)

    assert.equal(text, files.read(path))
  end)

  it("refuses an encrypted file: every byte looks random", function()
    local path, bytes = folder.path "secret.db", {}
    local state = 12345
    for i = 1, 8192 do
      state = (state * 1103515245 + 12345) % 2147483648
      bytes[i] = string.char(state >> 16 & 255)
    end
    files.write(path, table.concat(bytes))

    expect.failure("corrupt", "secret.db", d.open, path)
  end)

  it("refuses a file that was cut off", function()
    local path, cut = folder.path "app.db", folder.path "cut.db"
    do
      local db <close> = d.open(path, { schema = schema })
      db:create(schema)
      for i = 1, 300 do
        db:insert(t):values { name = ("x"):rep(200) .. i }:run()
      end
      db:checkpoint("truncate")
    end
    local bytes = files.read(path)
    files.write(cut, bytes:sub(1, 4096 * 3))

    local err = expect.error(function()
      local db <close> = d.open(cut, { schema = schema })
      return db:from(t):all()
    end)

    assert.equal("corrupt", err.code)
    assert.equal(4096 * 3, #files.read(cut))
  end)

  it("reads only when told so", function()
    local path = folder.path "app.db"
    do
      local db <close> = d.open(path, { schema = schema })
      db:create(schema)
      db:insert(t):values { name = "a" }:run()
    end
    local db <close> = d.open(path, { schema = schema, readonly = true })

    local err = expect.error(function() db:insert(t):values { name = "b" }:run() end)

    assert.equal("readonly", err.code)
    assert.equal(1, db:from(t):count())
  end)
end)

describe("A connection", function()
  it("closes at the end of its block, and again without harm", function()
    local kept
    do
      local db <close> = d.open(":memory:")
      kept = db
      assert.is_true(db:is_open())
    end

    assert.is_false(kept:is_open())
    kept:close()
  end)

  it("refuses every use after close", function()
    local db = d.open(":memory:", { schema = schema })
    db:create(schema)
    local query = db:from(t)
    local prepared = db:from(t):where(t.id:eq(d.param "id")):prepare()
    local tx = db:begin()
    local insert = db:insert(t):values { name = "x" }
    db:close()

    local uses = {
      function() return query:all() end,
      function() return query:one() end,
      function() return query:count() end,
      function() return query:rows() end,
      function() return insert:run() end,
      function() return prepared:all { id = 1 } end,
      function() return tx:from(t):all() end,
      function() return tx:commit() end,
      function() return db:begin() end,
      function() return db:exec("SELECT 1") end,
      function() return db:query("SELECT 1 AS x"):all() end,
      function() return db:transaction(function() end) end,
      function() return db:create(schema) end,
      function() return db:from(t):all() end,
      function() return db:from("t"):all() end,
      function() return db:explain(d.from(t)) end,
    }
    for i, use in ipairs(uses) do
      local err = expect.error(use)

      assert.equal("closed", err.code, "use " .. i .. ": " .. err.message)
    end
  end)

  it("ends its cursors when it is closed", function()
    local db = d.open(":memory:", { schema = schema })
    db:create(schema)
    db:insert(t):values { { name = "a" }, { name = "b" }, { name = "c" } }:run()
    local seen = 0

    local err = expect.error(function()
      for _ in db:from(t):rows() do
        seen = seen + 1
        db:close()
      end
    end)

    assert.equal("closed", err.code)
    assert.equal(1, seen)
  end)

  it("tells changes, last id and figures", function()
    local db <close> = d.open(":memory:", { schema = schema })
    db:create(schema)
    db:insert(t):values { { name = "a" }, { name = "b" } }:run()
    db:update(t):set { name = "c" }:everywhere():run()

    assert.equal(2, db:changes())
    assert.equal(2, db:last_id())
    for _ = 1, 3 do
      db:from(t):where(t.id:eq(1)):one()
    end
    local stats = db:stats()
    assert.is_true(stats.statements >= 5)
    assert.is_true(stats.shape_hits >= 2)
    assert.is_true(stats.rows >= 3)
  end)
end)

describe("Raw SQL", function()
  local db

  before_each(function()
    db = d.open(":memory:", { schema = schema })
    db:create(schema)
  end)
  after_each(function() db:close() end)

  it("runs a statement with bound values", function()
    local result = db:exec("INSERT INTO t (name) VALUES (?), (?)", "a", d.null)

    assert.equal(2, result.changes)
    assert.equal(2, result.last_id)
    assert.equal("a", db:from(t):where(t.id:eq(1)):one().name)
    assert.is_nil(db:from(t):where(t.id:eq(2)):one().name)
  end)

  it("runs several statements when there are no values", function()
    db:exec("CREATE TABLE a (x); CREATE TABLE b (y); INSERT INTO a VALUES (1)")

    assert.equal(1, db:query("SELECT x FROM a"):value())
  end)

  it("iterates over rows and gives them in every form", function()
    db:exec("INSERT INTO t (name) VALUES ('a'), ('b'), ('c')")
    local seen = {}
    for row in db:query("SELECT id, name FROM t WHERE id > ? ORDER BY id", 1) do
      seen[#seen + 1] = row.name
    end

    assert.same({ "b", "c" }, seen)
    assert.same({ { id = 1, name = "a" } }, db:query("SELECT * FROM t WHERE id = ?", 1):all())
    assert.same({ id = 1, name = "a" }, db:query("SELECT * FROM t ORDER BY id"):one())
    assert.equal(3, db:query("SELECT count(*) FROM t"):value())
    assert.same({ 1, 2, 3 }, db:query("SELECT id FROM t ORDER BY id"):list())
    assert.is_nil(db:query("SELECT * FROM t WHERE id = 99"):one())
  end)

  it("binds text whatever is in it", function()
    local evil = "'); DROP TABLE t; --\0 \xF0\x9F\x98\x80"

    db:exec("INSERT INTO t (name) VALUES (?)", evil)

    assert.equal(evil, db:query("SELECT name FROM t"):value())
  end)

  it("refuses the wrong number of values, and changes nothing", function()
    expect.error(db.exec, db, "INSERT INTO t (name) VALUES (?)")
    expect.error(db.exec, db, "INSERT INTO t (name) VALUES (?)", "a", "b")
    expect.error(function() return db:query("SELECT ?, ?", 1):all() end)
    expect.error(function() return db:query("SELECT 1 AS x", 1):all() end)

    assert.equal(0, db:from(t):count())
  end)

  it("refuses nil, tables and functions as values", function()
    expect.failure("invalid", "nil", db.exec, db, "INSERT INTO t (name) VALUES (?)", nil)
    expect.error(db.exec, db, "INSERT INTO t (name) VALUES (?)", { "a" })
    expect.error(db.exec, db, "INSERT INTO t (name) VALUES (?)", print)

    assert.equal(0, db:from(t):count())
  end)

  it("refuses a second statement beside values", function()
    expect.error(db.exec, db, "INSERT INTO t (name) VALUES (?); DELETE FROM t", "a")

    assert.equal(0, db:from(t):count())
  end)

  it("refuses two outputs of one name and says what helps", function()
    local err = expect.error(function() return db:query("SELECT 1 AS x, 2 AS x"):all() end)

    assert.truthy(err.message:find("AS", 1, true))
  end)

  it("names what is wrong with the text, and where", function()
    local err = expect.failure("syntax", "FORM", function()
      return db:query("SELECT * FORM t"):all()
    end)

    assert.equal("SELECT * FORM t", err.sql)
  end)

  it("refuses NUL, nil and a query without a statement", function()
    expect.error(db.exec, db, "SELECT 1\0; DROP TABLE t")
    expect.error(db.exec, db, nil)
    expect.error(db.query, db, "  -- nothing")
  end)
end)
