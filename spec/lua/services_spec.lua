-- Section 3: backup and the other services; functions, collations and hooks in Lua; advice.
local d = require("dbcore")
local expect = require("spec.support.expect")
local files = require("spec.support.files")
local music = require("spec.support.music")

local tracks, albums, invoices, customers = music.tracks, music.albums, music.invoices,
  music.customers
local rows = music.rows

describe("Services", function()
  local folder, db

  before_each(function()
    folder = files.folder()
    db = music.open(folder.path "app.db")
  end)
  after_each(function()
    db:close()
    folder.remove()
  end)

  it("back up and restore, with progress", function()
    local calls = 0
    db:backup(folder.path "copy.db", { progress = function() calls = calls + 1 end })
    db:delete(tracks):everywhere():run()

    do
      local copy <close> = d.open(folder.path "copy.db", { schema = music.schema })
      assert.equal(#rows.tracks, copy:from(tracks):count())
    end
    db:restore(folder.path "copy.db")

    assert.equal(#rows.tracks, db:from(tracks):count())
    assert.is_true(calls >= 1)
    assert.is_true(db:integrity_check())
  end)

  it("refuse a backup into a folder that is not there, and a restore of no file", function()
    expect.error(db.backup, db, folder.path "no/copy.db")
    expect.error(db.restore, db, folder.path "none.db")
    files.write(folder.path "text.db", ("no database "):rep(500))
    expect.error(db.restore, db, folder.path "text.db")
    expect.misuse('did you mean "progress"', db.backup, db, folder.path "x.db",
      { progres = print })

    assert.equal(#rows.tracks, db:from(tracks):count())
    assert.is_nil(files.read(folder.path "none.db"))
  end)

  it("say what a progress function raised, once", function()
    local err = expect.error(db.backup, db, folder.path "copy.db", {
      progress = function()
        error("stop here", 0)
      end,
    })
    db:on_commit(function()
      return false
    end)
    local other = expect.error(function()
      db:delete(tracks):everywhere():run()
    end)

    assert.equal("interrupted", err.code)
    assert.equal("stop here", err.cause)
    assert.equal("callback", other.code)
    assert.is_nil(other.cause)
  end)

  it("leave nothing behind when the progress raises", function()
    local good = pcall(db.backup, db, folder.path "copy.db", { progress = function()
      error("stop here")
    end })

    assert.is_false(good)
    assert.is_nil(files.read(folder.path "copy.db"))
    assert.equal(#rows.tracks, db:from(tracks):count())
  end)

  it("checkpoint", function()
    local info = db:checkpoint("truncate")

    assert.is_falsy(info.busy)
    assert.equal("", files.read(folder.path "app.db-wal"))
    expect.misuse("truncate", db.checkpoint, db, "trunkate")
  end)

  it("optimize, vacuum and check", function()
    db:delete(tracks):everywhere():run()
    db:optimize()
    db:vacuum()

    local sound, problems = db:integrity_check()

    assert.is_true(sound)
    assert.same({}, problems)
    expect.misuse("transaction", db.transaction, db, function(tx) tx:vacuum() end)
  end)

  it("find rows that point nowhere", function()
    db:exec("PRAGMA foreign_keys = OFF")
    db:exec("INSERT INTO albums (artist_id, title) VALUES (999, 'lost')")

    local sound, problems = db:integrity_check()

    assert.is_false(sound)
    assert.equal(1, #problems)
    assert.truthy(problems[1]:find('"albums"', 1, true))
  end)

  it("explain queries and texts", function()
    local text = db:explain(d.from(tracks):where(tracks.id:eq(1)))

    assert.truthy(text:find("SEARCH tracks USING INTEGER PRIMARY KEY", 1, true))
    assert.truthy(db:explain("SELECT * FROM tracks WHERE title = ?"):find("SCAN", 1, true))
    local q = db:from(tracks):where(tracks.album_id:in_(d.from(albums):select(albums.id)))
      :order_by(tracks.seconds)
    assert.equal(q:explain(), db:explain(q))
    expect.failure("syntax", "", db.explain, db, "SELECT FROM")
    expect.misuse("", db.explain, db, nil)
  end)
end)

describe("Functions in Lua", function()
  local db

  before_each(function() db = music.open() end)
  after_each(function() db:close() end)

  it("are called by SQL with values and NULL", function()
    db:create_function("shout", function(text) return text and text:upper() .. "!" end)

    assert.equal("HI!", db:query("SELECT shout('hi')"):value())
    assert.is_nil(db:query("SELECT shout(NULL)"):value())
    assert.equal("SONG 01!", db:from(tracks):where(tracks.id:eq(1))
      :select { v = d.func("shout", tracks.title) }:value())
  end)

  it("pass on what they raise, and the connection lives on", function()
    db:create_function("fail", function() error("no luck today") end)

    local good, err = pcall(function() return db:query("SELECT fail()"):value() end)

    assert.is_false(good)
    assert.truthy(tostring(err):find("no luck today", 1, true))
    assert.equal(1, db:query("SELECT 1"):value())
  end)

  it("aggregate", function()
    db:create_aggregate("product", {
      begin = function() return { product = 1 } end,
      step = function(state, x) state.product = state.product * x end,
      value = function(state) return state.product end,
    })

    assert.equal(24, db:query("SELECT product(x) FROM "
      .. "(SELECT 2 AS x UNION SELECT 3 UNION SELECT 4)"):value())
  end)

  it("aggregate over a window", function()
    db:create_window("adding", {
      begin = function() return { sum = 0 } end,
      step = function(state, x) state.sum = state.sum + x end,
      inverse = function(state, x) state.sum = state.sum - x end,
      value = function(state) return state.sum end,
    })

    local found = db:from(albums):select { id = albums.id, sum = d.func("adding", albums.id)
      :over { order_by = albums.id, frame = "rows between 1 preceding and current row" } }
      :order_by(albums.id):limit(4):all()

    assert.same({ 1, 3, 5, 7 }, { found[1].sum, found[2].sum, found[3].sum, found[4].sum })
    expect.misuse("inverse", db.create_window, db, "half", { step = print })
    expect.misuse('did you mean "step"', db.create_aggregate, db, "x", { stepp = print })
  end)

  it("cannot use the connection that calls them", function()
    db:create_function("again", function() return db:from(albums):count() end)

    local good, err = pcall(function() return db:query("SELECT again()"):value() end)

    assert.is_false(good)
    assert.truthy(tostring(err):find("cannot be used", 1, true))
    assert.equal(#rows.albums, db:from(albums):count())
  end)

  it("refuse a commit", function()
    db:on_commit(function() return false end)

    local err = expect.error(function()
      db:insert(albums):values { artist_id = 1, title = "x" }:run()
    end)
    db:on_commit(nil)

    assert.is_false(db:in_transaction())
    assert.equal(#rows.albums, db:from(albums):count(), err.code)
  end)

  it("compare", function()
    db:create_collation("by_length", function(a, b) return #a - #b end)

    assert.same({ "c", "bb", "aaa" }, db:query("SELECT x FROM (SELECT 'aaa' AS x UNION "
      .. "SELECT 'bb' UNION SELECT 'c') ORDER BY x COLLATE by_length"):list())
  end)

  it("hear of changes, commits and rollbacks", function()
    local changes, commits, rollbacks = {}, 0, 0
    db:on_update(function(kind, name, rowid)
      changes[#changes + 1] = { kind = kind, table = name, rowid = rowid }
    end)
    db:on_commit(function() commits = commits + 1 end)
    db:on_rollback(function() rollbacks = rollbacks + 1 end)

    db:insert(albums):values { artist_id = 1, title = "New" }:run()
    pcall(db.transaction, db, function(tx)
      tx:delete(albums):where(albums.id:eq(1)):run()
      error("no")
    end)

    assert.equal("albums", changes[1].table)
    assert.equal("insert", changes[1].kind)
    assert.equal(#rows.albums + 1, changes[1].rowid)
    assert.equal(1, commits)
    assert.equal(1, rollbacks)
  end)
end)

describe("Advice", function()
  local db

  setup(function() db = music.open() end)
  teardown(function() db:close() end)

  local function advise(query)
    return db:advise(query, { min_rows = 1 })
  end

  local function kinds(advice)
    local found = {}
    for i, one in ipairs(advice) do
      found[i] = one.kind
    end
    return table.concat(found, " ")
  end

  it("names the index that a condition lacks, and it helps", function()
    local q = db:from(customers):where(customers.city:eq "Oslo")

    local advice = advise(q)

    assert.equal("scan", advice[1].kind)
    assert.equal("customers", advice[1].table)
    assert.same({ "city" }, advice[1].columns)
    assert.equal('CREATE INDEX "customers_city" ON "customers" ("city")', advice[1].sql)
    local other <close> = music.open()
    other:exec(advice[1].sql)
    assert.truthy(other:explain(q):find("customers_city", 1, true))
    assert.is_nil(kinds(other:advise(q, { min_rows = 1 })):find("scan", 1, true))
  end)

  it("puts equality before the order, and spares the sort", function()
    local advice = advise(db:from(tracks):where(tracks.genre:eq "rock")
      :order_by(tracks.seconds:desc()):limit(5))

    assert.same({ "genre", "seconds" }, advice[1].columns)
  end)

  it("names the index that a join lacks", function()
    local advice = advise(db:from(albums):join(tracks, tracks.album_id:eq(albums.id))
      :where(albums.id:eq(1)))

    assert.equal("tracks", advice[1].table)
    assert.same({ "album_id" }, advice[1].columns)
    assert.equal("string", type(advice[1].sql))
  end)

  it("names foreign keys without an index", function()
    local advice = db:advise(nil, { min_rows = 1 })

    local found = {}
    for _, one in ipairs(advice) do
      assert.equal("foreign_key", one.kind)
      found[one.table .. "." .. table.concat(one.columns, ",")] = one.sql
      local copy <close> = music.open()
      copy:exec(one.sql)
    end
    assert.is_string(found["tracks.album_id"])
    assert.is_string(found["customers.support_id"])
    assert.is_string(found["playlist_tracks.track_id"])
    assert.is_nil(found["albums.artist_id"])
    assert.is_nil(found["invoices.customer_id"])
  end)

  it("is silent when all is well, or small", function()
    assert.same({}, advise(db:from(invoices):where(invoices.customer_id:eq(1))))
    assert.same({}, advise(db:from(albums):where(albums.id:eq(1))))
    assert.same({}, db:advise(db:from(customers):where(customers.city:eq "Oslo")))
  end)

  it("says when no index would help", function()
    for _, q in ipairs { "SELECT * FROM invoices WHERE total + 0 = 3",
      db:from(invoices):where((invoices.total % 2):eq(0)) } do
      local advice = advise(q)

      assert.equal(1, #advice)
      assert.equal("scan", advice[1].kind)
      assert.is_nil(advice[1].sql)
    end
  end)

  it("proposes an index that has the key and the order behind it", function()
    local QUERIES = {
      ["FROM t WHERE a = ? ORDER BY b LIMIT 10"] = '("a", "b")',
      ["FROM t WHERE a = ? ORDER BY b DESC LIMIT 10"] = '("a", "b")',
      ["FROM t WHERE a = ? AND b > 3 ORDER BY b LIMIT 10"] = '("a", "b")',
      ["FROM t WHERE a = ? ORDER BY b, c DESC LIMIT 10"] = '("a", "b", "c" DESC)',
      ["FROM t AS x WHERE x.a = 1 AND x.c = 2 ORDER BY x.b"] = '("a", "c", "b")',
    }
    db:exec("CREATE TABLE t (id INTEGER PRIMARY KEY, a, b, c); INSERT INTO t (a) VALUES (1), (2)")

    for query, columns in pairs(QUERIES) do
      local advice = advise("SELECT * " .. query)
      assert.equal(1, #advice, query)
      assert.equal(columns, advice[1].sql:match("%(.*$"), query)
    end
  end)

  it("reads SQL text as well, and refuses what is wrong", function()
    local advice = advise("SELECT name FROM customers c WHERE c.city = ? ORDER BY name")

    assert.equal("customers", advice[1].table)
    expect.failure("syntax", "", db.advise, db, "SELECT FROM")
    expect.misuse('did you mean "min_rows"', db.advise, db, "SELECT 1", { min_row = 1 })
  end)

  it("changes nothing", function()
    local before = db:query("SELECT group_concat(sql) FROM sqlite_schema"):value()

    advise(db:from(customers):where(customers.city:eq "Oslo"))

    assert.equal(before, db:query("SELECT group_concat(sql) FROM sqlite_schema"):value())
  end)
end)
