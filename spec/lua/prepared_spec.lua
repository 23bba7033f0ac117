-- Prepared queries.
local d = require("dbcore")
local expect = require("spec.support.expect")

local books = d.table("books", {
  d.integer "id" :primary_key(),
  d.text "title" :not_null(),
  d.integer "pages",
  d.integer "stamp" :on_update(function() return 7 end),
})
local schema = d.schema { books }

describe("A prepared query", function()
  local db

  before_each(function()
    db = d.open(":memory:", { schema = schema })
    db:create()
    db:insert(books):values { { id = 1, title = "Emma", pages = 474 },
      { id = 2, title = "Ulysses", pages = 730 } }:run()
  end)
  after_each(function() db:close() end)

  it("runs with other parameters each time", function()
    local p <close> = db:from(books):where(books.id:eq(d.param "id")):prepare()

    assert.equal("Emma", p:one { id = 1 }.title)
    assert.equal("Ulysses", p:one { id = 2 }.title)
    assert.is_nil(p:one { id = 3 })
    assert.equal(1, #p:all { id = 1 })
    assert.equal(2, p:value { id = 2 })
    assert.same({ 2 }, p:list { id = 2 })
    assert.equal("Emma", p:single { id = 1 }.title)
    expect.failure("not_found", "exactly one", function() p:single { id = 3 } end)
    for row in p:rows { id = 2 } do
      assert.equal("Ulysses", row.title)
    end
  end)

  it("is prepared once", function()
    local p <close> = db:from(books):where(books.id:eq(d.param "id")):prepare()
    p:one { id = 1 }
    local before = db:stats()

    for i = 1, 20 do
      p:one { id = i }
    end

    local after = db:stats()
    assert.equal(before.prepared, after.prepared)
    assert.equal(before.statements + 20, after.statements)
  end)

  it("holds no lock between runs", function()
    local p <close> = db:from(books):order_by(books.id):prepare()
    p:one()

    db:exec("DROP TABLE books")

    expect.failure("schema", "books", function() p:one() end)
  end)

  it("writes", function()
    local p <close> = db:update(books):set { pages = d.param "pages" }
      :where(books.id:eq(d.param "id")):prepare()

    assert.equal(1, p:run { id = 1, pages = 5 }.changes)
    assert.equal(0, p:run { id = 9, pages = 5 }.changes)
    local row = db:from(books):where { id = 1 }:one()
    assert.same({ 5, 7 }, { row.pages, row.stamp })
    expect.misuse("run is for writes", function()
      local q <close> = db:from(books):prepare()
      q:run()
    end)
  end)

  it("inserts rows with parameters", function()
    local p <close> = db:insert(books):values { title = d.param "title" }:prepare()

    assert.equal(3, p:run { title = "A" }.last_id)
    local before = db:stats().prepared
    assert.equal(4, p:run { title = "B" }.last_id)
    assert.equal(before, db:stats().prepared)
    assert.equal(4, db:from(books):count())
  end)

  it("finds mistakes when it is prepared", function()
    expect.failure("syntax", "syntax", function()
      db:from(books):where(d.raw "1 +* 2"):prepare()
    end)
    expect.failure("syntax", "syntax", function()
      db:from(books):where(d.raw "1 +* 2"):where(books.id:eq(d.param "id")):prepare()
    end)
    assert.equal(0, db:stats().live_statements)
  end)

  it("checks its parameters", function()
    local p <close> = db:from(books):where(books.id:eq(d.param "id")):prepare()

    expect.failure("invalid", "missing", function() p:one() end)
    expect.failure("invalid", "no parameter", function() p:one { id = 1, other = 2 } end)
    expect.failure("invalid", "id", function() p:one { id = "x" } end)
    assert.equal("Emma", p:one { id = 1 }.title)
  end)

  it("may be run inside of its own run", function()
    local p, inner
    local code = d.type { name = "code", sql = "TEXT", encode = tostring, decode = function(x)
      if not inner then
        inner = true
        inner = p:all { id = 2 }[1].code
      end
      return x
    end }
    local odd = d.table("odd", { d.integer "id" :primary_key(), code "code" })
    db:create(d.schema { odd })
    db:insert(odd):values { { code = "a" }, { code = "b" } }:run()

    p = db:from(odd):where(odd.id:eq(d.param "id")):prepare()

    assert.equal("a", p:all { id = 1 }[1].code)
    assert.equal("b", inner)
    p:close()
    assert.equal(0, db:stats().live_statements)
  end)

  it("is over when it is closed, or its connection is, or its transaction", function()
    local p = db:from(books):prepare()
    p:close()
    p:close()
    expect.failure("closed", "closed", function() p:one() end)

    local tx = db:begin()
    local q = tx:from(books):prepare()
    assert.equal(2, #q:all())
    tx:rollback()
    expect.failure("closed", "over", function() q:all() end)

    local r = db:from(books):prepare()
    r:one()
    db:close()
    expect.failure("closed", "closed", function() r:one() end)
    r:close()
    db = d.open(":memory:")
  end)

  it("gives its statement back when it is forgotten", function()
    db:from(books):prepare():one()
    collectgarbage()
    collectgarbage()

    assert.equal(0, db:stats().live_statements)
  end)
end)
