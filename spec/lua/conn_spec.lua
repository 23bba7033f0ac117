-- Connections as Lua values: their life, and what calls back from inside of a statement.
local d = require("dbcore")
local expect = require("spec.support.expect")

local items = d.table("items", { d.integer "id" :primary_key(), d.text "name" })
local schema = d.schema { items }

describe("A connection", function()
  local db

  before_each(function()
    db = d.open(":memory:", { schema = schema })
    db:create()
    db:insert(items):values { { name = "a" }, { name = "b" } }:run()
  end)
  after_each(function() db:close() end)

  it("closes once, and says so when it is used", function()
    assert.is_true(db:is_open())
    db:close()
    db:close()

    assert.is_false(db:is_open())
    assert.equal("connection (closed)", tostring(db))
    for _, method in ipairs { "changes", "last_id", "path", "stats", "begin", "in_transaction" } do
      expect.failure("closed", "closed", db[method], db)
    end
    expect.failure("closed", "closed", function() db:exec("SELECT 1") end)
    expect.failure("closed", "closed", function() db:from(items):all() end)
  end)

  it("closes at the end of its block", function()
    local outside
    do
      local inner <close> = d.open(":memory:")
      outside = inner
    end

    assert.is_false(outside:is_open())
  end)

  it("closes when it is forgotten, whatever was made from it", function()
    for _ = 1, 20 do
      local forgotten = d.open(":memory:", { schema = schema })
      forgotten:create()
      forgotten:insert(items):values { { name = "a" }, { name = "b" } }:run()
      local cursor = forgotten:from(items):rows()
      cursor()
      local p = forgotten:from(items):prepare()
      p:one()
      local tx = forgotten:begin()
      tx:insert(items):values { name = "c" }:run()
    end
    collectgarbage()
    collectgarbage()

    assert.equal(2, db:from(items):count())
  end)

  it("rolls back what is open when it closes", function()
    local path = os.tmpname()
    local one = d.open(path, { schema = schema })
    one:create()
    one:begin():insert(items):values { name = "lost" }:run()
    one:close()

    local two <close> = d.open(path, { schema = schema })
    assert.equal(0, two:from(items):count())
    two:close()
    os.remove(path)
  end)

  it("tells its figures", function()
    local stats = db:stats()

    for _, figure in ipairs { "statements", "rows", "prepared", "hits", "misses", "busy_retries",
      "live_statements", "transaction_depth" } do
      assert.equal("integer", math.type(stats[figure]), figure)
    end
    assert.equal("number", type(stats.time))
    assert.equal(":memory:", db:path())
    assert.equal(schema, db:schema())
    assert.equal(2, db:last_id())
  end)

  it("refuses what is no handle", function()
    expect.misuse("with a colon", function() db.changes() end)
    expect.misuse("expected a connection", function() db.changes(5) end)
    expect.misuse("has no method", function() db:chnages() end)
    expect.misuse('did you mean "changes"', function() db:chnages() end)
    expect.misuse("seconds", function() db:set_timeout(-1) end)
  end)

  it("stops what takes too long", function()
    db:set_timeout(0.01)

    expect.failure("timeout", "", function()
      db:query("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) "
        .. "SELECT count(*) FROM n"):all()
    end)
    db:set_timeout()
    assert.equal(2, db:from(items):count())
  end)

  describe("that is called back", function()
    it("cannot be used, closed or ended by a function of its own", function()
      local seen = {}
      local tx = db:begin()
      db:create_function("meddle", function(what)
        local good, err = pcall(function()
          if what == "query" then
            return db:from(items):all()
          elseif what == "raw" then
            return db:exec("DELETE FROM items")
          elseif what == "rollback" then
            return tx:rollback()
          elseif what == "commit" then
            return tx:commit()
          end
          return db:close()
        end)
        seen[what] = not good and err.code
        return 1
      end)

      for _, what in ipairs { "query", "raw", "rollback", "commit", "close" } do
        assert.equal(2, #db:query("SELECT meddle(?) FROM items", what):all())
        assert.equal("invalid", seen[what], what)
      end
      tx:rollback()
      assert.equal(2, db:from(items):count())
    end)

    it("keeps a cursor that a function of its own statement wants to step", function()
      local cursor, refused
      db:create_function("again", function()
        refused = select(2, pcall(cursor))
        return 1
      end)

      cursor = db:query("SELECT again() AS x FROM items")

      assert.equal(1, cursor().x)
      assert.equal("invalid", refused.code)
      cursor:close()
    end)

    it("survives a transaction that is collected in the middle of a statement", function()
      local count = 0
      db:begin():insert(items):values { name = "lost" }:run()
      db:create_function("sweep", function()
        collectgarbage()
        collectgarbage()
        count = count + 1
        return count
      end)

      db:query("SELECT sweep() FROM items"):all()

      assert.equal(2, db:from(items):count())
      assert.is_false(db:in_transaction())
      assert.is_true(count >= 2)
    end)

    it("has functions, aggregates, windows and collations in Lua", function()
      db:create_function("hyphened", function(...) return table.concat({ ... }, "-") end)
      db:create_aggregate("longest", {
        begin = function() return "" end,
        step = function(best, text) return #text > #best and text or best end,
      }, { args = 1 })
      db:create_window("added", {
        begin = function() return { sum = 0 } end,
        step = function(state, x) state.sum = state.sum + x end,
        inverse = function(state, x) state.sum = state.sum - x end,
        value = function(state) return state.sum end,
      })
      db:create_collation("by_length", function(a, b) return #a - #b end)

      assert.equal("1-x-2.5", db:query("SELECT hyphened(1, 'x', 2.5)"):value())
      assert.equal("three", db:query("SELECT longest(column1) FROM (VALUES ('one'), ('three'), "
        .. "('two'))"):value())
      assert.same({ 1, 3, 5, 7 }, db:query("SELECT added(column1) OVER (ROWS BETWEEN 1 PRECEDING "
        .. "AND CURRENT ROW) FROM (VALUES (1), (2), (3), (4))"):list())
      assert.same({ "x", "aa", "bbb" }, db:query("SELECT column1 FROM (VALUES ('bbb'), ('x'), "
        .. "('aa')) ORDER BY column1 COLLATE by_length"):list())
    end)

    it("passes values of every kind to functions and back, exactly", function()
      local got
      db:create_function("same", function(x)
        got = x
        return x
      end)

      for _, value in ipairs { 1, math.mininteger, 0.1, "x\0y", "" } do
        assert.equal(value, db:query("SELECT same(?)", value):value())
        assert.equal(math.type(value), math.type(got))
      end
      assert.is_nil(db:query("SELECT same(NULL)"):value())
      assert.is_nil(got)
      assert.equal(1, db:query("SELECT same(?)", true):value())
    end)

    it("fails the statement when a function raises or gives no value", function()
      db:create_function("sad", function() error("too sad to go on", 0) end)
      db:create_function("odd", function() return {} end)
      db:create_aggregate("gloomy", { step = function() error("gloom all over", 0) end })
      db:create_collation("moody", function() return "sideways" end)

      expect.failure("callback", "too sad to go on", function() db:query("SELECT sad()"):all() end)
      expect.failure("callback", "the result must be", function()
        db:query("SELECT odd()"):all()
      end)
      expect.failure("callback", "gloom all over", function()
        db:query("SELECT gloomy(1) FROM items"):all()
      end)
      expect.failure("callback", "number", function()
        db:query("SELECT name FROM items ORDER BY name COLLATE moody"):all()
      end)
      assert.equal(2, db:from(items):count())
    end)

    it("is called in the coroutine that runs", function()
      local ran
      db:create_function("where_am_i", function()
        ran = coroutine.running()
        return 1
      end)
      local thread
      thread = coroutine.create(function() return db:query("SELECT where_am_i()"):value() end)

      assert.same({ true, 1 }, { coroutine.resume(thread) })
      assert.equal(thread, ran)
      thread = nil -- luacheck: ignore
      collectgarbage()
      assert.equal(1, db:query("SELECT where_am_i()"):value())
    end)

    it("refuses functions that are none", function()
      expect.misuse("takes a function", function() db:create_function("f", 5) end)
      expect.misuse("takes a name", function() db:create_function(nil, print) end)
      expect.misuse("step", function() db:create_aggregate("f", {}) end)
      expect.misuse("inverse", function() db:create_window("f", { step = print }) end)
      expect.misuse('did you mean "deterministic"', function()
        db:create_function("f", print, { determinstic = true })
      end)
      expect.misuse("args", function() db:create_function("f", print, { args = 200 }) end)
    end)

    it("shows what changes, commits and rolls back", function()
      local log = {}
      db:on_update(function(kind, name, rowid) log[#log + 1] = kind .. name .. rowid end)
      db:on_commit(function() log[#log + 1] = "commit" end)
      db:on_rollback(function() log[#log + 1] = "rollback" end)

      db:insert(items):values { name = "c" }:run()
      local tx = db:begin()
      tx:update(items):set { name = "x" }:where { id = 1 }:run()
      tx:delete(items):where { id = 2 }:run()
      tx:rollback()

      assert.same({ "insertitems3", "commit", "updateitems1", "deleteitems2", "rollback" }, log)
      assert.is_function(db:on_update(nil))
      db:delete(items):where { id = 3 }:run()
      assert.equal("commit", log[#log])
      assert.equal(6, #log)
    end)

    it("commits nothing that on_commit refuses", function()
      db:on_commit(function() return false end)
      expect.failure("callback", "", function() db:insert(items):values { name = "c" }:run() end)
      db:on_commit(function() error("never ever", 0) end)
      local err = expect.failure("callback", "", function()
        db:insert(items):values { name = "c" }:run()
      end)
      assert.equal("never ever", err.cause)
      db:on_commit(nil)

      assert.equal(2, db:from(items):count())
    end)
  end)
end)
