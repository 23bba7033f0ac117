-- Section 6: transactions.
local d = require("dbcore")
local expect = require("spec.support.expect")
local files = require("spec.support.files")
local native = require("dbcore.native")

local t = d.table("t", { d.integer "id" :primary_key(), d.text "name" :unique() })
local schema = d.schema { t }

local function opened(path, options)
  local given = { schema = schema }
  for key, value in pairs(options or {}) do
    given[key] = value
  end
  return d.open(path or ":memory:", given)
end

local function kind(value)
  return debug.getmetatable(value).__name
end

describe("A transaction", function()
  local db

  before_each(function()
    db = opened()
    db:create(schema)
  end)
  after_each(function() db:close() end)

  local function names(handle)
    return (handle or db):from(t):order_by(t.id):select(t.name):list()
  end

  local function add(handle, name)
    return handle:insert(t):values { name = name }:run()
  end

  it("commits when its function returns, and returns all it returns", function()
    local a, b, c = db:transaction(function(tx)
      add(tx, "a")
      return 1, nil, "three"
    end)

    assert.same({ 1, nil, "three" }, { a, b, c })
    assert.same({ "a" }, names())
    assert.is_false(db:in_transaction())
  end)

  it("stands for its connection where a catalog, a plan or an alteration is made", function()
    db:transaction(function(tx)
      local catalog = native.catalog(tx)

      assert.equal("dbcore.catalog", kind(catalog))
      assert.equal(native.catalog(db):fingerprint(), catalog:fingerprint())
      assert.equal("dbcore.catalog", kind(native.catalog_of(tx, schema)))
      assert.equal("dbcore.plan", kind(native.plan(tx, catalog)))
      assert.equal("dbcore.plan", kind(native.plan_between(tx, catalog, catalog)))
      assert.equal("dbcore.alteration", kind(native.alteration(tx)))
    end)
  end)

  it("stands for its connection where hooks are set", function()
    db:transaction(function(tx)
      native.hook_writes(tx, t, print, print)

      add(tx, "a")
    end)

    assert.same({ "a" }, names())
  end)

  it("rolls back when its function raises, and raises the same error", function()
    local mine = { "an error of my own" }
    local good, err = pcall(db.transaction, db, function(tx)
      add(tx, "a")
      error(mine)
    end)

    assert.is_false(good)
    assert.equal(mine, err)
    assert.same({}, names())
    assert.is_false(db:in_transaction())
  end)

  it("rolls back when a statement fails", function()
    local err = expect.failure("constraint.unique", "", db.transaction, db, function(tx)
      add(tx, "a")
      add(tx, "a")
    end)

    assert.equal("t", err.table)
    assert.same({}, names())
  end)

  it("goes on when a failure was handled inside", function()
    db:transaction(function(tx)
      add(tx, "a")
      assert.is_nil(d.try(add, tx, "a"))
      add(tx, "b")
    end)

    assert.same({ "a", "b" }, names())
  end)

  it("is left early with a value", function()
    local a, b = db:transaction(function(tx)
      add(tx, "a")
      tx:rollback("left", 2)
      error("not reached")
    end)

    assert.same({ "left", 2 }, { a, b })
    assert.same({}, names())
    assert.is_false(db:in_transaction())
  end)

  it("stays rolled back when the way out was caught", function()
    local value = db:transaction(function(tx)
      add(tx, "a")
      pcall(tx.rollback, tx, "left")
      expect.failure("closed", "", add, tx, "b")
      return "returned"
    end)

    assert.equal("left", value)
    assert.same({}, names())
  end)

  it("nests as a savepoint", function()
    db:transaction(function(tx)
      add(tx, "a")
      tx:transaction(function(inner) add(inner, "b") end)
      pcall(tx.transaction, tx, function(inner)
        add(inner, "c")
        error("only this one")
      end)
      local left = tx:transaction(function(inner)
        add(inner, "d")
        inner:rollback("left")
      end)
      assert.equal("left", left)
      add(tx, "e")
    end)

    assert.same({ "a", "b", "e" }, names())
  end)

  it("nests through the connection, too", function()
    db:transaction(function()
      add(db, "a")
      pcall(db.transaction, db, function()
        add(db, "b")
        error("no")
      end)
    end)

    assert.same({ "a" }, names())
  end)

  it("is left whole from inside a nested one", function()
    local value = db:transaction(function(tx)
      add(tx, "a")
      tx:transaction(function(inner)
        add(inner, "b")
        tx:rollback("all of it")
      end)
    end)

    assert.equal("all of it", value)
    assert.same({}, names())
  end)

  it("is undone with the outer one", function()
    pcall(db.transaction, db, function(tx)
      tx:transaction(function(inner) add(inner, "b") end)
      error("later")
    end)

    assert.same({}, names())
  end)

  it("cannot be used after its end", function()
    local kept
    db:transaction(function(tx) kept = tx end)

    expect.failure("closed", "", add, kept, "a")
    expect.failure("closed", "", function() return kept:from(t):all() end)
    expect.failure("closed", "", kept.commit, kept)
    expect.failure("closed", "", kept.transaction, kept, function() end)
    assert.is_false(kept:is_open())
    assert.same({}, names())
  end)

  it("cannot be committed from inside", function()
    expect.misuse("commit", db.transaction, db, function(tx)
      add(tx, "a")
      tx:commit()
    end)

    assert.same({}, names())
  end)

  it("cannot be left by a yield", function()
    local routine = coroutine.create(function()
      db:transaction(function(tx)
        add(tx, "a")
        coroutine.yield()
      end)
    end)

    local good, err = coroutine.resume(routine)

    assert.is_false(good)
    assert.equal("invalid", err.code)
    assert.truthy(err.message:find("yield", 1, true))
    assert.same({}, names())
    assert.is_false(db:in_transaction())
  end)

  it("works inside a coroutine that yields outside of it", function()
    local routine = coroutine.wrap(function()
      coroutine.yield(db:transaction(function(tx) return add(tx, "a").last_id end))
    end)

    assert.equal(1, routine())
  end)

  it("refuses unknown options, modes and bodies", function()
    expect.misuse('did you mean "retries"', db.transaction, db, print, { retires = 1 })
    expect.misuse('did you mean "immediate"', db.transaction, db, print, { mode = "imediate" })
    expect.misuse("", db.transaction, db, print, { retries = -1 })
    expect.misuse("", db.transaction, db, print, { timeout = "long" })
    expect.misuse("", db.transaction, db, nil)
    expect.misuse("", db.transaction, db, {})
    assert.is_false(db:in_transaction())
  end)

  it("reads one state in the mode read, and refuses writes", function()
    local err = expect.error(db.transaction, db, function(tx)
      tx:from(t):all()
      add(tx, "a")
    end, { mode = "read" })

    assert.equal("readonly", err.code)
    assert.same({}, names())
  end)

  it("deals with an engine that ended it by itself", function()
    expect.error(db.transaction, db, function(tx)
      add(tx, "a")
      tx:exec("INSERT OR ROLLBACK INTO t (name) VALUES ('a')")
    end)

    assert.is_false(db:in_transaction())
    assert.same({}, names())
  end)

  it("survives the connection being closed inside", function()
    local other = opened()
    other:create(schema)

    local err = expect.error(other.transaction, other, function(tx)
      add(tx, "a")
      other:close()
    end)

    assert.equal("closed", err.code)
  end)
end)

describe("A handle of begin()", function()
  local db

  before_each(function()
    db = opened()
    db:create(schema)
  end)
  after_each(function() db:close() end)

  it("rolls back at the end of its block, unless committed", function()
    do
      local tx <close> = db:begin()
      tx:insert(t):values { name = "lost" }:run()
      assert.is_true(db:in_transaction())
    end
    do
      local tx <close> = db:begin("immediate")
      tx:insert(t):values { name = "kept" }:run()
      tx:commit()
    end

    assert.same({ "kept" }, db:from(t):select(t.name):list())
    assert.is_false(db:in_transaction())
  end)

  it("rolls back when it is asked to, and takes no value for that", function()
    local tx <close> = db:begin()
    tx:insert(t):values { name = "lost" }:run()
    expect.misuse("", tx.rollback, tx, "value")
    tx:rollback()

    assert.is_false(tx:is_open())
    assert.equal(0, db:from(t):count())
    expect.failure("closed", "", tx.commit, tx)
  end)

  it("rolls back when it is forgotten", function()
    db:begin():insert(t):values { name = "lost" }:run()
    collectgarbage()
    collectgarbage()

    assert.is_false(db:in_transaction())
    assert.equal(0, db:from(t):count())
  end)

  it("must be ended from the inside out", function()
    local outer <close> = db:begin()
    local inner <close> = outer:begin()

    expect.error(outer.commit, outer)
    inner:commit()
    outer:commit()

    assert.is_false(db:in_transaction())
  end)

  it("refuses an unknown mode", function()
    expect.misuse('did you mean "deferred"', db.begin, db, "defered")
    assert.is_false(db:in_transaction())
  end)
end)

describe("A failure that ends the whole transaction", function()
  local function full()
    local db = opened(":memory:", { pragmas = { max_page_count = 20 } })
    db:create(schema)
    return db
  end

  it("lets nothing stand that comes after it, whichever handle it goes through", function()
    local db <close> = full()
    local errors = {}

    local err = expect.error(db.transaction, db, function(tx)
      tx:insert(t):values { name = "before" }:run()
      for _, handle in ipairs { tx, db, tx, db } do
        local _, why = pcall(function()
          handle:insert(t):values { name = ("x"):rep(200000) }:run()
        end)
        errors[#errors + 1] = why.code
        pcall(function() handle:insert(t):values { name = "after" }:run() end)
        pcall(handle.transaction, handle, function(inner)
          inner:insert(t):values { name = "inner" }:run()
        end)
      end
    end)

    assert.same({ "full", "closed", "closed", "closed" }, errors)
    assert.equal("closed", err.code)
    assert.equal(0, db:from(t):count())
    db:insert(t):values { name = "again" }:run()
    assert.equal(1, db:from(t):count())
  end)

  it("is over with the block of its handle", function()
    local db <close> = full()

    pcall(function()
      local tx <close> = db:begin()
      tx:insert(t):values { name = ("x"):rep(200000) }:run()
    end)

    db:insert(t):values { name = "again" }:run()
    assert.equal(1, db:from(t):count())
  end)
end)

describe("Two connections", function()
  local folder, path

  before_each(function()
    folder = files.folder()
    path = folder.path "app.db"
    local db <close> = opened(path)
    db:create(schema)
  end)
  after_each(function() folder.remove() end)

  it("start a busy transaction again until the other is done", function()
    local a <close> = opened(path)
    local b <close> = opened(path, { busy_timeout = 0 })
    local other <close> = a:begin()
    other:insert(t):values { name = "a" }:run()
    local tries = 0
    b:on_query(function(event)
      if event.code == "busy" then
        tries = tries + 1
        if tries == 3 then
          other:commit()
        end
      end
    end)

    b:transaction(function(tx) tx:insert(t):values { name = "b" }:run() end)

    assert.is_true(tries == 3 or tries == 0)
    assert.equal(2, b:from(t):count())
  end)

  it("call the function again after a stale read, from the start", function()
    local a <close> = opened(path)
    local b <close> = opened(path, { busy_timeout = 0 })
    local calls = 0

    b:transaction(function(tx)
      calls = calls + 1
      local n = tx:from(t):count()
      if calls == 1 then
        a:insert(t):values { name = "between" }:run()
      end
      tx:insert(t):values { name = "n" .. n }:run()
    end, { mode = "deferred" })

    assert.equal(2, calls)
    assert.same({ "between", "n1" }, a:from(t):order_by(t.id):select(t.name):list())
  end)

  it("give up when retries or time are used up", function()
    local a <close> = opened(path)
    local b <close> = opened(path, { busy_timeout = 0 })
    local tx <close> = a:begin()
    tx:insert(t):values { name = "a" }:run()
    local calls = 0

    local by_count = expect.error(b.transaction, b, function() calls = calls + 1 end,
      { retries = 2 })
    local by_time = expect.error(b.transaction, b, function() calls = calls + 1 end,
      { timeout = 0.02 })

    assert.equal("busy", by_count.code)
    assert.equal("busy", by_time.code)
    assert.equal(0, calls)
    assert.is_false(b:in_transaction())
  end)

  it("repeat a commit that a reader held up, without calling the function again", function()
    local a <close> = opened(path, { pragmas = { journal_mode = "delete" } })
    local b <close> = opened(path, { busy_timeout = 0, pragmas = { journal_mode = "delete" } })
    a:insert(t):values { { name = "x" }, { name = "y" } }:run()
    local next_row, _, _, cursor = a:from(t):rows()
    next_row()
    local calls = 0

    local err = expect.error(b.transaction, b, function(tx)
      calls = calls + 1
      tx:insert(t):values { name = "b" .. calls }:run()
    end, { retries = 0, timeout = 0.05 })
    cursor:close()
    b:transaction(function(tx) tx:insert(t):values { name = "later" }:run() end)

    assert.equal("busy", err.code)
    assert.equal(1, calls)
    assert.is_false(b:in_transaction())
    assert.equal(3, a:from(t):count())
  end)

  it("see one state inside a transaction, whatever the other does", function()
    local a <close> = opened(path)
    local b <close> = opened(path)

    a:transaction(function(tx)
      assert.equal(0, tx:from(t):count())
      b:insert(t):values { name = "b" }:run()
      assert.equal(0, tx:from(t):count())
    end, { mode = "read" })

    assert.equal(1, a:from(t):count())
  end)
end)
