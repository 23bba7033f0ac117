-- Inserting rows: sets of columns, defaults, one transaction, rows that come back in order.
local d = require("dbcore")
local expect = require("spec.support.expect")

local made = 0
local notes = d.table("notes", {
  d.integer "id" :primary_key(),
  d.text "title" :not_null() :unique() :pattern "^%u",
  d.text "body" :as "text",
  d.json "tags",
  d.text "token" :default_fn(function()
    made = made + 1
    return "t" .. made
  end),
  d.integer "rank" :validate(function(rank)
    if rank == 13 then
      return false, "13 is no rank"
    end
  end),
})
local wide_columns = { d.integer "id" :primary_key() }
for i = 1, 70 do
  wide_columns[#wide_columns + 1] = d.integer("c" .. i)
end
local wide = d.table("wide", wide_columns)
local schema = d.schema { notes, wide }

describe("Inserting rows", function()
  local db

  before_each(function()
    made = 0
    db = d.open(":memory:", { schema = schema })
    db:create()
  end)
  after_each(function()
    assert.equal(0, db:stats().live_statements)
    assert.is_false(db:in_transaction())
    db:close()
  end)

  local function titles()
    return db:from(notes):order_by(notes.id):select(notes.title):list()
  end

  it("takes rows whose columns differ, in any order", function()
    local list = {}
    for i = 1, 40 do
      list[i] = { title = "T" .. i, rank = i % 2 == 0 and i or nil,
        text = i % 3 == 0 and "x" or nil, tags = i % 5 == 0 and { i } or nil,
        token = i % 7 == 0 and "own" or nil }
    end

    local result = db:insert(notes):values(list):run()

    assert.equal(40, result.changes)
    assert.equal(40, result.last_id)
    local row = db:from(notes):where { title = "T30" }:one()
    assert.same({ 30, "x", { 30 } }, { row.rank, row.text, { row.tags[1] } })
    assert.equal(5, db:from(notes):where { token = "own" }:count())
    assert.equal(20, db:from(notes):where(notes.rank:is_null()):count())
  end)

  it("prepares a statement for each set of columns, not for each row", function()
    local before = db:stats().prepared
    local list = {}
    for i = 1, 200 do
      list[i] = { title = "T" .. i, rank = i % 2 == 0 and i or nil, token = "x" }
    end

    db:insert(notes):values(list):run()

    assert.is_true(db:stats().prepared - before <= 6)
  end)

  it("knows tables of more columns than fit a word", function()
    local row = {}
    for i = 1, 70 do
      row["c" .. i] = i
    end

    db:insert(wide):values { row, { c70 = 7 } }:run()

    assert.equal(66, db:from(wide):where { id = 1 }:one().c66)
    assert.same({ id = 2, c70 = 7 }, db:from(wide):where { id = 2 }:one())
  end)

  it("inserts a row of defaults", function()
    assert.equal(1, db:insert(wide):values {}:run().changes)
    assert.same({ id = 1 }, db:from(wide):one())
  end)

  it("fills default_fn for each row that is silent", function()
    db:insert(notes):values { { title = "A" }, { title = "B", token = "own" }, { title = "C" } }
      :run()

    assert.same({ "t1", "own", "t2" },
      db:from(notes):order_by(notes.id):select(notes.token):list())
  end)

  it("tells the row that fails, and undoes all", function()
    local err = expect.failure("constraint.unique", "UNIQUE", function()
      db:insert(notes):values { { title = "A" }, { title = "B" }, { title = "A" } }:run()
    end)

    assert.equal(3, err.row)
    assert.equal("notes", err.table)
    assert.same({}, titles())

    err = expect.failure("validation", "rank", function()
      db:insert(notes):values { { title = "A" }, { title = "B", rank = "high" } }:run()
    end)
    assert.equal(2, err.row)
    assert.same({}, titles())

    err = expect.failure("invalid", "must be a table", function()
      db:insert(notes):values { { title = "A" }, "B" }:run()
    end)
    assert.equal(2, err.row)
  end)

  it("names no row when there is only one", function()
    local err = expect.failure("validation", '"notes.title" is missing', function()
      db:insert(notes):values { rank = 1 }:run()
    end)

    assert.is_nil(err.row)
  end)

  it("checks pattern and validate, all fields of a row at once", function()
    local err = expect.failure("validation", "and 1 more", function()
      db:insert(notes):values { { title = "Good" }, { title = "bad", rank = 13 } }:run()
    end)

    local rules = {}
    for _, field in ipairs(err.fields) do
      rules[field.column] = field.rule
    end
    assert.same({ title = "pattern", rank = "validate" }, rules)
    assert.equal(2, err.row)
    assert.same({}, titles())
  end)

  it("refuses keys that are no columns, with the nearest", function()
    expect.misuse('"title"', function() db:insert(notes):values { titel = "X" }:run() end)
    expect.misuse("keys of a row", function()
      db:insert(notes):values { title = "X", [1.5] = 2 }:run()
    end)
    expect.misuse("twice", function()
      db:insert(notes):values { title = "X", body = "a", text = "b" }:run()
    end)
  end)

  it("takes expressions and queries as values", function()
    db:insert(notes):values { title = "A", rank = 4 }:run()

    db:insert(notes):values {
      { title = d.sql("upper(?)", "b"), rank = d.from(notes):select(d.max(notes.rank)) },
      { title = "C", rank = d.sql("? + 1", 1), token = d.null },
    }:run()

    assert.same({ "A", "B", "C" }, titles())
    assert.equal(4, db:from(notes):where { title = "B" }:one().rank)
    assert.is_nil(db:from(notes):where { title = "C" }:one().token)
  end)

  it("takes a function that gives rows", function()
    local n = 0
    local result = db:insert(notes):values(function()
      n = n + 1
      return n <= 3 and { title = "T" .. n } or nil
    end):run()

    assert.equal(3, result.changes)

    local err = select(2, pcall(function()
      db:insert(notes):values(function() error("dry") end):run()
    end))
    assert.truthy(tostring(err):find("dry"))
  end)

  it("may use the connection while it goes", function()
    db:insert(notes):values { title = "First" }:run()
    local n = 0

    db:insert(notes):values(function()
      n = n + 1
      return n <= 3 and { title = "After " .. db:from(notes):count() } or nil
    end):run()

    assert.same({ "First", "After 1", "After 2", "After 3" }, titles())
  end)

  it("refuses to go on when its transaction was ended from inside", function()
    local n, tx = 0, db:begin()
    expect.error(function()
      tx:insert(notes):values(function()
        n = n + 1
        if n == 2 then
          tx:rollback()
        end
        return { title = "T" .. n }
      end):run()
    end)

    assert.equal(2, n)
    assert.same({}, titles())
  end)

  it("returns rows in the order they were given", function()
    local rows = db:insert(notes):values { { title = "B", tags = { 1 } }, { title = "A" } }
      :returning():all()

    assert.same({ "B", "A" }, { rows[1].title, rows[2].title })
    assert.equal(1, rows[1].tags[1])
    assert.equal("t2", rows[2].token)
  end)

  it("returns one, a value, a list, rows", function()
    local function add(title)
      return db:insert(notes):values { title = title }
    end

    assert.equal("A", add("A"):returning():one().title)
    assert.equal(2, add("B"):returning(notes.id):value())
    assert.equal("C", add("C"):returning():single().title)
    assert.is_nil(add("D"):returning(notes.rank):value())
    assert.same({ 5, 6 }, db:insert(notes):values { { title = "E" }, { title = "F" } }
      :returning(notes.id):list())
    for row in add("G"):returning():rows() do
      assert.equal("G", row.title)
    end
    assert.equal(1, add("H"):returning():run().changes)
  end)

  it("returns nothing for what a conflict left out", function()
    db:insert(notes):values { title = "A" }:run()
    local again = db:insert(notes):values { title = "A" }:on_conflict("title"):ignore():returning()

    assert.is_nil(again:one())
    assert.same({}, again:all())
    expect.failure("not_found", "exactly one", function() again:single() end)
  end)

  it("takes values beside its rows: on a conflict, as parameters", function()
    db:insert(notes):values { { title = "A", rank = 1 }, { title = "B" } }:run()

    local q = db:insert(notes):values { { title = "A" }, { title = "C" } }
      :on_conflict("title"):update { rank = 9, text = d.param "text" }

    assert.equal(2, q:run { text = "given" }.changes)
    local row = db:from(notes):where { title = "A" }:one()
    assert.same({ 9, "given" }, { row.rank, row.text })
  end)

  it("is one savepoint inside a transaction", function()
    local tx = db:begin()
    tx:insert(notes):values { title = "Kept" }:run()

    expect.error(function()
      tx:insert(notes):values { { title = "New" }, { title = "Kept" } }:run()
    end)
    tx:commit()

    assert.same({ "Kept" }, titles())
  end)

  it("takes the whole transaction with it when it has no savepoint", function()
    db:insert(notes):values { title = "Before" }:run()
    local tx = db:begin()
    tx:insert(notes):without_savepoint():values { { title = "A" }, { title = "B" } }:run()

    local err = expect.error(function()
      tx:insert(notes):without_savepoint():values { { title = "C" }, { title = "A" } }:run()
    end)

    assert.equal("constraint.unique", err.code)
    assert.equal(2, err.row)
    assert.is_true(err.rolled_back)
    expect.failure("closed", "", function() tx:insert(notes):values { title = "D" }:run() end)
    assert.same({ "Before" }, titles())
  end)

  it("without a savepoint is a transaction of its own outside of one", function()
    expect.error(function()
      db:insert(notes):without_savepoint():values { { title = "A" }, { title = "A" } }:run()
    end)

    assert.same({}, titles())
  end)

  it("ends db:transaction with the same error when it has no savepoint", function()
    local err = expect.error(function()
      db:transaction(function(tx)
        tx:insert(notes):values { title = "A" }:run()
        pcall(function()
          tx:insert(notes):without_savepoint():values { { title = "B" }, { title = "B" } }:run()
        end)
        tx:insert(notes):values { title = "C" }:run()
      end)
    end)

    assert.equal("closed", err.code)
    assert.same({}, titles())
  end)

  it("does not hold on to a connection", function()
    local other = d.open(":memory:", { schema = schema })
    other:create()
    other:insert(notes):values { title = "A" }:run()
    local weak = setmetatable({ other }, { __mode = "v" })

    other:close()
    other = nil
    collectgarbage()
    collectgarbage()

    assert.is_nil(other)
    assert.is_nil(weak[1])
  end)
end)
