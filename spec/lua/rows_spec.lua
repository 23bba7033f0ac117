-- Reading row by row, and the shape of rows.
local d = require("dbcore")
local expect = require("spec.support.expect")

local authors = d.table("authors", {
  d.integer "id" :primary_key(),
  d.text "name" :not_null(),
  d.text "born" :as "year",
})
local books = d.table("books", {
  d.integer "id" :primary_key(),
  d.integer "author_id" :references("authors.id"),
  d.text "title" :not_null(),
  d.boolean "sold",
})
local schema = d.schema { authors, books }

describe("Rows", function()
  local db

  before_each(function()
    db = d.open(":memory:", { schema = schema })
    db:create()
    db:insert(authors):values { { id = 1, name = "Jane", year = "1775" },
      { id = 2, name = "Henry" } }:run()
    db:insert(books):values { { id = 1, author_id = 1, title = "Emma", sold = true },
      { id = 2, author_id = 1, title = "Persuasion", sold = false } }:run()
  end)
  after_each(function() db:close() end)

  local function live()
    return db:stats().live_statements
  end

  it("come one at a time, each a table of its own", function()
    local seen = {}

    for row in db:from(books):order_by(books.id):rows() do
      seen[#seen + 1] = row
    end

    assert.equal("Emma", seen[1].title)
    assert.equal("Persuasion", seen[2].title)
    assert.equal(0, live())
  end)

  it("free their statement at a break, at once", function()
    for row in db:from(books):rows() do
      assert.equal(1, live())
      if row then
        break
      end
    end

    assert.equal(0, live())
    db:exec("DROP TABLE books")
  end)

  it("free their statement when the loop raises", function()
    pcall(function()
      for _ in db:from(books):rows() do
        error("stop")
      end
    end)

    assert.equal(0, live())
  end)

  it("free their statement when they are forgotten", function()
    db:from(books):rows()()
    collectgarbage()
    collectgarbage()

    assert.equal(0, live())
  end)

  it("end with nil for good, and are closed by hand", function()
    local cursor = db:from(books):where { id = 1 }:rows()

    assert.equal("Emma", cursor().title)
    assert.is_nil(cursor())
    assert.is_nil(cursor())
    cursor:close()
    cursor:close()

    local other = db:from(books):rows()
    other()
    other:close()
    expect.failure("closed", "closed", other)
    expect.failure("closed", "over", function() other:all() end)
    assert.equal(0, live())
  end)

  it("may be read on from where they are", function()
    local cursor = db:from(books):order_by(books.id):rows()

    cursor()

    assert.equal("Persuasion", cursor:all()[1].title)
  end)

  it("outlive nothing: a closed connection ends them with an error", function()
    local cursor = db:from(books):rows()
    cursor()

    db:close()

    expect.failure("closed", "connection", cursor)
    db = d.open(":memory:")
  end)

  it("may be changed while they are read", function()
    for row in db:from(books):order_by(books.id):rows() do
      db:update(books):set { title = row.title .. "!" }:where { id = row.id }:run()
    end

    assert.equal("Emma!", db:from(books):where { id = 1 }:one().title)
  end)

  it("are grouped by table in a join, the outer side absent when missing", function()
    local rows = db:from(authors):left_join(books, books.author_id:eq(authors.id))
      :order_by(authors.id, books.id):all()

    assert.equal(3, #rows)
    assert.same({ id = 1, name = "Jane", year = "1775" }, rows[1].authors)
    assert.same({ id = 1, author_id = 1, title = "Emma", sold = true }, rows[1].books)
    assert.same({ authors = { id = 2, name = "Henry" } }, rows[3])
  end)

  it("say NULL when asked", function()
    assert.is_nil(db:from(authors):where { id = 2 }:one().year)
    assert.equal(d.null, db:from(authors):where { id = 2 }:nulls():one().year)
    for row in db:from(authors):where { id = 2 }:nulls():rows() do
      assert.equal(d.null, row.year)
    end
  end)

  it("keep their names apart when a plan takes the place of another", function()
    local small <close> = d.open(":memory:", { schema = schema, statement_cache = 2 })
    small:create()
    small:insert(authors):values { id = 1, name = "Jane" }:run()

    for i = 1, 40 do
      local name = "n" .. i
      local row = small:from(authors):select { [name] = authors.name }:one()
      assert.equal("Jane", row[name])
    end
  end)

  it("can be read by two loops at once", function()
    local pairs_seen = 0

    for a in db:from(books):order_by(books.id):rows() do
      for b in db:from(books):order_by(books.id):rows() do
        pairs_seen = pairs_seen + a.id * b.id
      end
    end

    assert.equal(9, pairs_seen)
    assert.equal(0, live())
  end)

  it("survive a codec that tries to close what reads them", function()
    local cursor, refused
    local code = d.type { name = "code", sql = "TEXT", encode = tostring, decode = function(x)
      refused = select(2, pcall(cursor.close, cursor))
      return x
    end }
    local odd = d.table("odd", { d.integer "id" :primary_key(), code "code" })
    db:create(d.schema { odd })
    db:insert(odd):values { code = "x" }:run()

    cursor = db:from(odd):rows()

    assert.equal("x", cursor().code)
    assert.equal("invalid", refused.code)
    cursor:close()
  end)
end)
