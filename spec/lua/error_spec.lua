-- Error objects as the binding makes them.
local d = require("dbcore")
local expect = require("spec.support.expect")

local users = d.table("users", {
  d.integer "id" :primary_key(),
  d.text "email" :not_null(),
  d.text "city",
  d.unique("email", "city"),
  d.check("short", "length(email) < 10"),
})
local schema = d.schema { users }

describe("An error", function()
  local db

  before_each(function()
    db = d.open(":memory:", { schema = schema })
    db:create()
    db:insert(users):values { email = "a@b", city = "X" }:run()
  end)
  after_each(function() db:close() end)

  it("knows table, columns, code and text", function()
    local err = expect.failure("constraint.unique", "", function()
      db:insert(users):values { email = "a@b", city = "X" }:run()
    end)

    assert.equal("users", err.table)
    assert.same({ "email", "city" }, err.columns)
    assert.equal(2067, err.native)
    assert.truthy(err.sql:find("^INSERT INTO"))
    assert.is_nil(err.row)
    assert.is_nil(err.rolled_back)
  end)

  it("knows the constraint", function()
    local err = expect.failure("constraint.check", "", function()
      db:insert(users):values { email = "much too long" }:run()
    end)

    assert.equal("short", err.constraint)
  end)

  it("says the line of a mistake, and none for what the world did", function()
    local mistake = expect.error(function() db:from(users):run() end)
    local refusal = expect.error(function()
      db:insert(users):values { email = "a@b", city = "X" }:run()
    end)

    assert.truthy(mistake.where:find("error_spec%.lua:%d+$"))
    assert.equal(mistake.where .. ": " .. mistake.message, tostring(mistake))
    assert.is_nil(refusal.where)
    assert.equal(refusal.message, tostring(refusal))
  end)

  it("is one line whatever came in", function()
    local err = expect.error(function() db:exec("SELECT 'a\nb\27[1m" .. ("x"):rep(2000)) end)

    assert.is_nil(err.message:find("%c"))
    expect.error(function() db:from(users):where { ["a\nb\0c"] = 1 } end)
    expect.error(function() db:insert(users):values { [("é"):rep(300)] = 1 }:run() end)
  end)

  it("carries what a function of the database raised", function()
    local cause = setmetatable({ message = "no luck today" }, { __name = "sorrow" })
    db:create_function("luckless", function() error(cause) end)

    local err = expect.failure("callback", "no luck today", function()
      db:query("SELECT luckless()"):all()
    end)

    assert.equal(cause, err.cause)
    local other = expect.error(function() db:from(users):run() end)
    assert.is_nil(other.cause)
  end)

  it("leaves a connection that works, and nothing lent", function()
    for _ = 1, 50 do
      pcall(function() db:insert(users):values { email = "a@b", city = "X" }:run() end)
      pcall(function() db:from(users):where(d.raw "nonsense("):all() end)
      pcall(function() db:query("SELECT * FROM nothing"):all() end)
    end

    assert.equal(0, db:stats().live_statements)
    assert.equal(1, db:from(users):count())
  end)
end)
