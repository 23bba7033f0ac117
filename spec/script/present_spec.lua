local parts = require("spec.script.parts")

local columns_of = {}

parts.stand_in("dbscript.statement", {
  columns = function(db, text)
    return db and columns_of[text]
  end,
})
local present = require("dbscript.present")

-- A cursor over `rows`, as rows() returns it.
local function cursor_of(rows)
  local i = 0
  local Cursor = { closed = false }
  local cursor = setmetatable({}, {
    __index = Cursor,
    __call = function()
      i = i + 1
      return rows[i]
    end,
    __close = function()
      Cursor.closed = true
    end,
  })
  function Cursor.rows()
    return cursor, nil, nil, cursor
  end
  function Cursor.all() end
  return cursor
end

local function query_of(text, rows, failure)
  local Query = {}
  function Query.to_sql()
    return text, { 1 }
  end
  function Query.rows()
    if failure then
      error(failure, 0)
    end
    return cursor_of(rows):rows()
  end
  return setmetatable({}, { __index = Query })
end

local function numbers(count)
  local rows = {}
  for i = 1, count do
    rows[i] = { n = i }
  end
  return rows
end

local executed

local db = {
  query = function(_, text)
    executed = text
    return cursor_of({ { b = 1, a = 2 } })
  end,
  exec = function(_, text)
    executed = text
    return { changes = 1 }
  end,
}

local screen = {
  style = {},
  catalog = {
    in_order = function(_, keys)
      return keys
    end,
  },
  database = function()
    return db
  end,
}

describe("a result", function()
  before_each(function()
    columns_of, executed = {}, nil
  end)

  it("is run and shown when it is a query, its columns in their order", function()
    columns_of["SELECT b, a"] = { "b", "a" }

    assert.same({ " b | a", "---+---", " 1 | 2", "(1 row)" },
      present.value(screen, query_of("SELECT b, a", { { a = 2, b = 1 } })))
  end)

  it("is cut to fifty rows, with the number of the others", function()
    local lines = present.value(screen, query_of("SELECT n", numbers(60)))

    assert.equal(53, #lines)
    assert.equal("(50 rows, 10 more with :all())", lines[53])
  end)

  it("is not read without end to count the others", function()
    local lines = present.value(screen, cursor_of(numbers(20000)))

    assert.equal("(50 rows, more than 10000 more with :all())", lines[#lines])
  end)

  it("lets go of its cursor", function()
    local cursor = cursor_of(numbers(3))

    present.value(screen, cursor)

    assert.is_true(cursor.closed)
  end)

  it("is not run when it is a query that writes", function()
    assert.same({ "DELETE FROM t", "-- values: { 1 }", "-- not run: end it with :run() to run it" },
      present.value(screen, query_of("DELETE FROM t", {})))
  end)

  it("is shown as text when it is a query that cannot be run here", function()
    local failure = { code = "invalid", message = "no connection" }

    assert.same({ "SELECT 1", "-- values: { 1 }", "-- not run: no connection" },
      present.value(screen, query_of("SELECT 1", {}, failure)))
  end)

  it("passes other failures on", function()
    local failure = { code = "busy", message = "locked" }

    local ok, err = pcall(present.value, screen, query_of("SELECT 1", {}, failure))

    assert.is_false(ok)
    assert.equal(failure, err)
  end)

  it("falls back to the keys when the names do not fit", function()
    columns_of["SELECT x"] = { "x" }

    assert.equal(" a | b",
      present.value(screen, query_of("SELECT x", { { b = 1, a = 2 } }))[1])
  end)

  it("is a table when it is a list of rows, whole", function()
    assert.equal("(60 rows)", present.value(screen, numbers(60))[63])
  end)

  it("is shown as it is when it is anything else", function()
    assert.same({ "{ 1, 2 }" }, present.value(screen, { 1, 2 }))
    assert.same({ "nil" }, present.value(screen, nil))
  end)
end)

describe("a statement of SQL", function()
  before_each(function()
    columns_of, executed = {}, nil
  end)

  it("is queried when it gives rows", function()
    columns_of["SELECT b, a"] = { "b", "a" }

    assert.same({ " b | a", "---+---", " 1 | 2", "(1 row)" },
      present.statement(screen, db, "SELECT b, a"))
    assert.equal("SELECT b, a", executed)
  end)

  it("tells how many rows it changed", function()
    columns_of["UPDATE t SET a = 1"] = {}

    assert.same({ "(1 row changed)" }, present.statement(screen, db, "UPDATE t SET a = 1"))
  end)

  it("is just done when it changes no rows", function()
    columns_of["CREATE TABLE t (a)"] = {}

    assert.same({ "(done)" }, present.statement(screen, db, "CREATE TABLE t (a)"))
  end)
end)
