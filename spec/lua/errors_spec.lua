-- Section 1, rule 1: error objects, try, and the mock driver that can make any error.
local d = require("dbcore")
local expect = require("spec.support.expect")

local t = d.table("t", { d.integer "id" :primary_key(), d.text "name" :unique() })
local schema = d.schema { t }

describe("An error", function()
  local db

  before_each(function()
    db = d.open(":memory:", { schema = schema })
    db:create(schema)
  end)
  after_each(function() db:close() end)

  it("is an object with code, message and what it is about", function()
    db:insert(t):values { name = "a" }:run()

    local good, err = pcall(function() db:insert(t):values { name = "a" }:run() end)

    assert.is_false(good)
    assert.equal("constraint.unique", err.code)
    assert.equal("t", err.table)
    assert.same({ "name" }, err.columns)
    assert.equal(2067, err.native)
    assert.truthy(err.sql:find("^INSERT INTO"))
    assert.is_falsy(err.rolled_back)
    assert.truthy(tostring(err):find(err.message, 1, true))
  end)

  it("says where the mistake is, in the caller's file", function()
    local err = expect.misuse("", function()
      return db:from(t):where(t.id:eq(nil))
    end)

    assert.truthy(err.where:find("errors_spec.lua:%d+$"))
  end)

  it("says so too when the mistake comes out later, or deep in the library", function()
    for _, call in ipairs {
      function() return db:from("tt"):all() end,
      function() return d.text "x" :nothing() end,
      function() return db:from(t):page { size = 0 } end,
      function() return db:transaction(5) end,
      function() return db:update(t):set { name = "x" }:run() end,
      function() return db:query("SELECT nothing"):all() end,
      function() return d.nothing end,
    } do
      local err = expect.error(call)

      assert.truthy(tostring(err):find("spec/[%w_/]+%.lua:%d+: "), tostring(err))
    end
  end)

  it("becomes nil and the error with try", function()
    local a, b = d.try(function() return 1, 2 end)
    local value, err = d.try(function(x) return db:from(x):all() end, "nothing")
    local other, message = d.try(error, "plain")

    assert.same({ 1, 2 }, { a, b })
    assert.is_nil(value)
    assert.equal("schema", err.code)
    assert.is_nil(other)
    assert.equal("plain", message)
  end)

  it("tells when the transaction is gone", function()
    local err = expect.error(db.transaction, db, function(tx)
      tx:insert(t):values { name = "a" }:run()
      local _, problem = d.try(tx.exec, tx, "INSERT OR ROLLBACK INTO t (name) VALUES ('a')")
      assert.is_true(problem.rolled_back)
      tx:insert(t):values { name = "b" }:run()
    end)

    assert.equal("closed", err.code)
    assert.equal(0, db:from(t):count())
  end)

  it("of those who come from elsewhere says what is written here", function()
    local q = db:from(t)

    for piece, mistake in pairs {
      ["for row in q:rows() do"] = function() for row in q do error(row) end end,
      ["q:count()"] = function() return #q end,
      ["its rows are values { … }"] = function() db:insert(t):set { name = "a" } end,
      ["set { column = value }"] = function() db:update(t):values { name = "a" } end,
      ["db:update"] = function() q:set { name = "a" } end,
      ["a direction is a method"] = function() q:order_by "name desc" end,
      ["d.schema { … }"] = function() d.open(":memory:", { schema = { t } }) end,
      ["a connection is fixed"] = function() db.name = 1 end,
      ["group the rows"] = function() q:having(t.id:gt(1)):all() end,
      ["name all columns of one of them"] = function()
        db:insert(t):values({ id = 1 }):on_conflict("id", "name"):ignore():run()
      end,
      ["a function regexp of yours"] = function() q:where(t.name:regexp "a"):all() end,
    } do
      expect.misuse(piece, mistake)
    end
  end)

  it("is readable when it is not caught", function()
    local good, err = pcall(function() db:insert(t):values { nmae = "x" }:run() end)

    assert.is_false(good)
    assert.truthy(tostring(err):find("nmae", 1, true))
    assert.truthy(tostring(err):find('did you mean "name"', 1, true))
  end)

  it("leaves nothing open", function()
    for _ = 1, 50 do
      pcall(function() return db:query("SELECT * FROM t WHERE"):all() end)
      pcall(function() return db:from(t):where(t.id:eq "x"):all() end)
      pcall(function() return db:insert(t):values { id = 1, nmae = 2 }:run() end)
      pcall(function() return db:query("SELECT abs(-9223372036854775808)"):all() end)
    end

    assert.equal(0, db:stats().live_statements)
    assert.is_false(db:in_transaction())
  end)
end)

describe("Limits of time", function()
  it("stop a statement that runs too long, and the connection lives on", function()
    local db <close> = d.open(":memory:")
    db:set_timeout(0.05)

    local err = expect.error(function()
      return db:query("WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) "
        .. "SELECT count(*) FROM n"):value()
    end)
    db:set_timeout(0)

    assert.equal("timeout", err.code)
    assert.equal(1, db:query("SELECT 1"):value())
  end)
end)

describe("The mock driver", function()
  it("answers from a script and keeps a log", function()
    local mock = d.mock()
    local db <close> = d.open("mock", { driver = mock, schema = schema })
    mock:expect(nil, { columns = { "id", "name" }, rows = { { 7, "seven" } } })

    local row = db:from(t):where(t.name:eq "seven"):one()

    assert.same({ id = 7, name = "seven" }, row)
    local log = mock:log()
    local last = log[#log]
    assert.truthy(last.sql:find("$1", 1, true))
    assert.same({ "seven" }, last.values)
  end)

  it("fails on demand, and a busy transaction is called again", function()
    local mock = d.mock()
    local db <close> = d.open("mock", { driver = mock, schema = schema })
    mock:expect(nil, { error = "busy", message = "somebody else" })
    local calls = 0

    local result = db:transaction(function(tx)
      calls = calls + 1
      tx:update(t):set { name = "x" }:where(t.id:eq(1)):run()
      return "done"
    end)

    assert.equal("done", result)
    assert.equal(2, calls)
    mock:expect(nil, { error = "full", message = "no room is left" })
    expect.failure("full", "no room is left", function()
      db:update(t):set { name = "x" }:where(t.id:eq(1)):run()
    end)
  end)
end)
