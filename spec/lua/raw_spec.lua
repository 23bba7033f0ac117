-- SQL text of the user's own: exec and query.
local d = require("dbcore")
local expect = require("spec.support.expect")

describe("Raw SQL", function()
  local db

  before_each(function()
    db = d.open(":memory:")
    db:exec("CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT, data BLOB)")
    db:exec("INSERT INTO t (name) VALUES ('a'), ('b'), ('c')")
  end)
  after_each(function()
    assert.equal(0, db:stats().live_statements)
    db:close()
  end)

  it("binds values of every kind, exactly", function()
    db:exec("INSERT INTO t (id, name, data) VALUES (?, ?, ?)", math.mininteger, "x\0y", d.null)
    local row = db:query("SELECT id, name, data, ? AS r, ? AS b, ? AS n FROM t WHERE id = ?",
      0.1, true, d.null, math.mininteger):one()

    assert.equal(math.mininteger, row.id)
    assert.equal("x\0y", row.name)
    assert.equal(0.1, row.r)
    assert.equal(1, row.b)
    assert.is_nil(row.data)
    assert.is_nil(row.n)
  end)

  it("tells changes and the last id", function()
    local result = db:exec("INSERT INTO t (name) VALUES (?), (?)", "d", "e")

    assert.same({ changes = 2, last_id = 5 }, result)
    assert.equal(5, db:exec("UPDATE t SET name = 'z'").changes)
  end)

  it("runs several statements when there are no values", function()
    db:exec("CREATE TABLE u (x); INSERT INTO u VALUES (1); -- done\nINSERT INTO u VALUES (2)")

    assert.equal(2, db:query("SELECT count(*) FROM u"):value())
    expect.failure("invalid", "first statement", function()
      db:exec("INSERT INTO u VALUES (?); DELETE FROM u", 1)
    end)
    expect.failure("invalid", "first statement", function()
      db:query("SELECT 1; SELECT 2")
    end)
  end)

  it("refuses a wrong number of values", function()
    expect.failure("invalid", "placeholder", function() db:exec("DELETE FROM t WHERE id = ?") end)
    expect.failure("invalid", "placeholder", function()
      db:exec("DELETE FROM t WHERE id = ?", 1, 2)
    end)
    expect.failure("invalid", "placeholder", function() db:query("SELECT ?") end)
    assert.equal(3, db:query("SELECT count(*) FROM t"):value())
  end)

  it("refuses values that are none, and says which", function()
    expect.misuse("value 2 is nil", function() db:exec("SELECT ?, ?", 1, nil) end)
    expect.misuse("value 1 must be", function() db:query("SELECT ?", { 1 }) end)
    expect.misuse("NaN", function() db:query("SELECT ?", 0 / 0) end)
    expect.misuse("SQL text", function() db:exec(nil) end)
    expect.misuse("SQL text", function() db:query({}) end)
  end)

  it("takes many values", function()
    local marks, values = {}, {}
    for i = 1, 100 do
      marks[i], values[i] = "?", i
    end

    local row = db:query("SELECT " .. table.concat(marks, " + ") .. " AS sum",
      table.unpack(values)):one()

    assert.equal(5050, row.sum)
  end)

  it("is read like any query", function()
    local sql = "SELECT id, name FROM t ORDER BY id"

    assert.equal(3, #db:query(sql):all())
    assert.equal("a", db:query(sql):one().name)
    assert.equal(1, db:query(sql):value())
    assert.same({ 1, 2, 3 }, db:query(sql):list())
    assert.equal("b", db:query(sql .. " LIMIT 1 OFFSET 1"):single().name)
    expect.failure("invalid", "exactly one", function() db:query(sql):single() end)
    local names = {}
    for row in db:query(sql) do
      names[#names + 1] = row.name
    end
    for row in db:query(sql):rows() do
      names[#names + 1] = row.name
    end
    assert.equal("abcabc", table.concat(names))
  end)

  it("frees its statement at a break", function()
    for row in db:query("SELECT * FROM t") do
      if row.id == 1 then
        break
      end
    end

    db:exec("DROP TABLE t")
  end)

  it("writes and returns", function()
    local rows = db:query("DELETE FROM t WHERE id > ? RETURNING id", 1):all()

    assert.same({ { id = 2 }, { id = 3 } }, rows)
    assert.equal(1, db:query("SELECT count(*) FROM t"):value())
    local id = db:query("INSERT INTO t (name) VALUES ('x'), ('y') RETURNING id"):value()
    assert.equal(2, id)
    assert.equal(3, db:query("SELECT count(*) FROM t"):value())
  end)

  it("refuses a query that gives no rows, and runs nothing", function()
    expect.misuse("db:exec", function() db:query("DELETE FROM t") end)
    assert.equal(3, db:query("SELECT count(*) FROM t"):value())
  end)

  it("refuses two columns of one name, rows or not", function()
    expect.misuse("AS", function() db:query("SELECT 1 AS a, 2 AS a"):all() end)
    expect.misuse("AS", function() db:query("SELECT a.id, b.id FROM t a, t b"):one() end)
    expect.misuse("AS", function()
      db:query("SELECT id, id FROM t WHERE 0"):all()
    end)
    expect.misuse("AS", function()
      for _ in db:query("SELECT 1 AS a, 2 AS a") do
        error("never")
      end
    end)
  end)

  it("sees columns that were added since it was prepared", function()
    local sql = "SELECT * FROM t WHERE id = 1"
    assert.is_nil(db:query(sql):one().extra)

    db:exec("ALTER TABLE t ADD COLUMN extra TEXT DEFAULT 'new'")

    assert.equal("new", db:query(sql):one().extra)
    for row in db:query(sql) do
      assert.equal("new", row.extra)
    end
  end)

  it("refuses text with a NUL, and text that is none", function()
    expect.failure("invalid", "NUL", function() db:exec("SELECT 1\0; DROP TABLE t") end)
    expect.failure("invalid", "empty", function() db:query("-- nothing") end)
    assert.equal(3, db:query("SELECT count(*) FROM t"):value())
  end)

  it("has the text in its errors", function()
    local err = expect.failure("syntax", "syntax", function() db:exec("DELETE FORM t") end)
    assert.equal("DELETE FORM t", err.sql)

    err = expect.failure("constraint.unique", "", function()
      db:exec("INSERT INTO t (id) VALUES (?)", 1)
    end)
    assert.equal("INSERT INTO t (id) VALUES (?)", err.sql)
  end)
end)
