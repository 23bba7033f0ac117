-- Values on their way in and out, by type, where it is the binding that converts them.
local d = require("dbcore")
local expect = require("spec.support.expect")

local euro = d.type {
  name = "euro",
  sql = "INTEGER",
  encode = function(x)
    if x == "broken" then
      error("no such money")
    end
    return x ~= "nothing" and math.tointeger(x * 100) or nil
  end,
  decode = function(cents) return cents / 100 end,
}

local things = d.table("things", {
  d.integer "id" :primary_key(),
  d.real "ratio",
  d.boolean "on",
  d.blob "data",
  euro "price",
  d.json "doc",
  d.numeric "any_number",
})
local schema = d.schema { things }

describe("Values", function()
  local db

  before_each(function()
    db = d.open(":memory:", { schema = schema })
    db:create()
  end)
  after_each(function() db:close() end)

  local function keep(row)
    return db:insert(things):values(row):returning():one()
  end

  it("stay what they are, to the last bit", function()
    for _, integer in ipairs { 0, -1, math.maxinteger, math.mininteger, 2 ^ 53 | 0 } do
      local row = keep { any_number = integer }
      assert.equal(integer, row.any_number)
      assert.equal("integer", math.type(row.any_number))
    end
    for _, real in ipairs { 0.1, -2.5, 1e308, 5e-324, math.huge, 1 / 3 } do
      local row = keep { ratio = real }
      assert.equal(("%a"):format(real), ("%a"):format(row.ratio))
    end
    assert.equal("float", math.type(keep { ratio = 3 }.ratio))
  end)

  it("keep every byte of a blob", function()
    local bytes = {}
    for i = 0, 255 do
      bytes[#bytes + 1] = string.char(i)
    end
    local data = table.concat(bytes):rep(40)

    assert.equal(data, keep { data = data }.data)
    assert.equal("", keep { data = "" }.data)
  end)

  it("are booleans only where that is declared", function()
    assert.is_true(keep { on = true }.on)
    assert.is_false(keep { on = false }.on)
    assert.equal(1, db:query('SELECT "on" FROM things WHERE id = 1'):value())
    expect.failure("validation", "true or false", function() keep { on = 1 } end)
    expect.failure("validation", "whole number", function() keep { id = true } end)
  end)

  it("pass through the user's own type both ways", function()
    local row = keep { price = 12.34 }

    assert.equal(12.34, row.price)
    assert.equal(1234, db:query("SELECT price FROM things"):value())
    assert.equal(12.34, db:from(things):select(things.price):value())
    assert.same({ 12.34 }, db:from(things):select(things.price):list())
    assert.equal(1, db:from(things):where { price = 12.34 }:count())
    assert.equal(1, #db:from(things):where(things.price:eq(d.param "p")):all { p = 12.34 })
    assert.equal(1, #db:from(things):where(things.price:in_(d.param "p")):all { p = { 12.34, 1 } })
    assert.is_nil(keep { price = d.null }.price)
  end)

  it("carry on what a codec raises, and refuse what it gives", function()
    local good, err = pcall(keep, { price = "broken" })
    assert.is_false(good)
    assert.truthy(tostring(err):find("no such money"))
    expect.failure("invalid", "returned nil", function() keep { price = "nothing" } end)
    assert.equal(0, db:from(things):count())
  end)

  it("refuse what is no value", function()
    expect.failure("validation", "things.ratio", function() keep { ratio = {} } end)
    expect.failure("validation", "got a function", function() keep { ratio = print } end)
    expect.failure("validation", "NaN", function() keep { ratio = 0 / 0 } end)
    expect.failure("invalid", "NaN", function() db:exec("SELECT ?", 0 / 0) end)
  end)

  it("are JSON in parameters, too", function()
    db:insert(things):values { doc = d.param "doc", price = d.param "price" }
      :run { doc = { a = { 1, 2 } }, price = 2.5 }

    local row = db:from(things):one()
    assert.equal(2, row.doc.a[2])
    assert.equal(2.5, row.price)
    assert.equal(1, db:from(things):where(things.doc:eq(d.param "doc"))
      :count { doc = { a = { 1, 2 } } })
  end)

  it("are any value that JSON has in a JSON column", function()
    for _, value in ipairs { "text", 5, 1.5, true, false } do
      assert.equal(value, keep { doc = value }.doc)
    end
    assert.is_nil(keep { doc = d.null }.doc)
    assert.equal('"text"', db:query("SELECT doc FROM things WHERE id = 1"):value())
  end)
end)
