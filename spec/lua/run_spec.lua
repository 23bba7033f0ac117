-- The ends of a chain: what each gives, and that nothing stays behind.
local d = require("dbcore")
local expect = require("spec.support.expect")

local books = d.table("books", {
  d.integer "id" :primary_key(),
  d.text "title" :not_null(),
  d.integer "pages",
})
local schema = d.schema { books }

describe("Running a query", function()
  local db

  before_each(function()
    db = d.open(":memory:", { schema = schema })
    db:create()
    db:insert(books):values {
      { id = 1, title = "Emma", pages = 474 },
      { id = 2, title = "Ulysses", pages = 730 },
      { id = 3, title = "Walden" },
    }:run()
  end)
  after_each(function()
    assert.equal(0, db:stats().live_statements)
    db:close()
  end)

  it("gives all rows, or the first, or nothing", function()
    assert.same({ "Emma", "Ulysses", "Walden" },
      { db:from(books):order_by(books.id):select(books.title):list()[1],
        db:from(books):where { id = 2 }:one().title,
        db:from(books):order_by(books.id:desc()):one().title })
    assert.same({}, db:from(books):where { id = 9 }:all())
    assert.is_nil(db:from(books):where { id = 9 }:one())
    assert.is_nil(db:from(books):where { id = 9 }:value())
  end)

  it("asks the database for one row only, of an order", function()
    local mock = d.mock()
    local fake <close> = d.open("x", { driver = mock, schema = schema })

    fake:from(books):order_by(books.title):one()
    fake:from(books):order_by(books.title):value()
    fake:from(books):order_by(books.title):limit(5):one()
    fake:from(books):one()

    local log = mock:log()
    assert.truthy(log[1].sql:find("LIMIT"))
    assert.truthy(log[2].sql:find("LIMIT"))
    assert.same({ 5 }, log[3].values)
    assert.falsy(log[4].sql:find("LIMIT"))
  end)

  it("keeps the places of NULL in a list", function()
    local list = db:from(books):order_by(books.id):select(books.pages):list()

    assert.equal(3, #list)
    assert.equal(d.null, list[3])
  end)

  it("insists on exactly one row with single", function()
    assert.equal("Emma", db:from(books):where { id = 1 }:single().title)
    expect.failure("not_found", "exactly one row", function()
      db:from(books):where { id = 9 }:single()
    end)
    expect.failure("invalid", "exactly one row", function()
      db:from(books):single()
    end)
  end)

  it("undoes a write whose single finds another number of rows", function()
    expect.failure("invalid", "exactly one row", function()
      db:update(books):set { pages = 1 }:everywhere():returning():single()
    end)
    expect.failure("not_found", "exactly one row", function()
      db:delete(books):where { id = 9 }:returning():single()
    end)

    assert.equal(0, db:from(books):where { pages = 1 }:count())
    assert.is_false(db:in_transaction())
  end)

  it("counts and tells whether there is a row", function()
    assert.equal(3, db:from(books):limit(1):offset(0):exists() and db:from(books):count())
    assert.is_false(db:from(books):where { id = 9 }:exists())
    assert.is_false(db:from(books):select { one = 1 }:distinct():limit(1):offset(1):exists())
    assert.equal(2, db:from(books):order_by(books.id):limit(2):count())
    expect.misuse("count and exists are for queries", function()
      db:delete(books):everywhere():count()
    end)
  end)

  it("refuses an end that does not fit", function()
    expect.misuse("run is for writes", function() db:from(books):run() end)
    expect.misuse("gives no rows", function() db:delete(books):everywhere():all() end)
    expect.misuse("no connection", function() d.from(books):all() end)
  end)

  it("does the whole write before its first row is read", function()
    for row in db:update(books):set { pages = 5 }:everywhere():returning(books.id):rows() do
      if row.id == 1 then
        break
      end
    end

    assert.equal(3, db:from(books):where { pages = 5 }:count())
  end)

  it("takes parameters by name, lists among them", function()
    local q = db:from(books):where(books.id:in_(d.param "ids") & books.title:ne(d.param "title"))

    assert.equal(1, #q:all { ids = { 1, 2 }, title = "Emma" })
    assert.equal(0, #q:all { ids = {}, title = "Emma" })
    assert.equal(2, q:count { ids = { 1, 2, 3 }, title = "Emma" })
    expect.failure("invalid", "missing", function() q:all { ids = { 1 } } end)
    expect.failure("invalid", 'did you mean "title"', function()
      q:all { ids = { 1 }, titel = "x", title = "y" }
    end)
    expect.failure("invalid", "list", function() q:all { ids = 1, title = "x" } end)
    expect.misuse("by name", function() q:all { 1, 2 } end)
    expect.misuse("as a table", function() q:all(1) end)
  end)

  it("checks parameters by what they are compared with", function()
    local q = db:from(books):where(books.id:eq(d.param "id"))

    expect.failure("invalid", "id", function() q:all { id = "one" } end)
  end)

  it("shows its text and values", function()
    local text, values = db:from(books)
      :where(books.id:in_ { 1, 2 } & books.title:eq("x") & books.pages:gt(d.param "p"))
      :to_sql()

    assert.truthy(text:find('^SELECT "books"."id"'))
    assert.same({ { 1, 2 }, "x", ":p" }, values)
    assert.same({ "x" }, { select(2, d.from(books):where { title = "x" }:to_sql())[1] })
  end)

  it("shows an insert with its first row", function()
    local text, values = db:insert(books)
      :values { { title = "New", pages = 3 }, { title = "Newer" } }:to_sql()

    assert.truthy(text:find('^INSERT INTO "books"'))
    assert.same({ "New", 3 }, values)
    assert.equal(3, db:from(books):count())
  end)

  it("explains", function()
    assert.truthy(db:from(books):where { id = 1 }:explain():find("SEARCH", 1, true))
    local union = db:from(books):union_all(db:from(books)):explain()
    assert.truthy(union:find("\n  ", 1, true))
  end)

  it("adds the SQL text to what the database refuses", function()
    local err = expect.failure("syntax", "syntax", function()
      db:from(books):where(d.raw "1 +* 2"):all()
    end)

    assert.truthy(err.sql:find("1 +* 2", 1, true))
  end)

  it("gives the statement back when a row cannot be read", function()
    db:exec("CREATE TABLE bad (id INTEGER PRIMARY KEY, doc TEXT)")
    db:exec("INSERT INTO bad VALUES (1, '{'), (2, '{}')")
    local bad = d.table("bad", { d.integer "id" :primary_key(), d.json "doc" })

    for _, method in ipairs { "all", "one", "single" } do
      expect.failure("corrupt", "JSON", function()
        local q = db:from(bad):where(bad.id:le(method == "single" and 1 or 2))
        return q[method](q)
      end)
      assert.equal(0, db:stats().live_statements)
    end
    db:exec("DROP TABLE bad")
  end)

  it("gives the statement back when a coroutine dies in the middle", function()
    local code = d.type { name = "code", sql = "TEXT", encode = tostring, decode = function()
      error("not today")
    end }
    local odd = d.table("odd", { d.integer "id" :primary_key(), code "code" })
    db:create(d.schema { odd })
    db:insert(odd):values { code = 1 }:run()

    local thread = coroutine.create(function() return db:from(odd):all() end)

    assert.is_false(coroutine.resume(thread))
    assert.equal(0, db:stats().live_statements)
    assert.is_true(collectgarbage("isrunning"))
    db:exec("DROP TABLE odd")
  end)

  it("leaves the collector as it was", function()
    local many = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000) "

    assert.equal(2000, #db:query(many .. "SELECT i FROM n"):all())
    assert.is_true(collectgarbage("isrunning"))
    expect.error(function()
      db:query(many .. "SELECT CASE WHEN i = 1500 THEN abs(-9223372036854775807 - 1) END AS x "
        .. "FROM n"):all()
    end)
    assert.is_true(collectgarbage("isrunning"))

    collectgarbage("stop")
    db:query(many .. "SELECT i FROM n"):all()
    assert.is_false(collectgarbage("isrunning"))
    collectgarbage("restart")
  end)

  it("may run inside a codec of the same connection, but not close it", function()
    local nested, refused
    local code = d.type { name = "code", sql = "TEXT", encode = tostring, decode = function(x)
      nested = db:from(books):count()
      refused = select(2, pcall(db.close, db))
      return x
    end }
    local odd = d.table("odd", { d.integer "id" :primary_key(), code "code" })
    db:create(d.schema { odd })
    db:insert(odd):values { code = "x" }:run()

    assert.equal("x", db:from(odd):one().code)
    assert.equal(3, nested)
    assert.equal("invalid", refused.code)
    assert.equal("x", db:from(odd):all()[1].code)
  end)
end)
