require("spec.script.parts")
local show = require("dbscript.show")

describe("a value shown", function()
  it("is quoted when it is text", function()
    assert.equal('"a\\"b\\\\\\n"', show.value('a"b\\\n'))
  end)

  it("is a blob when it is not UTF-8", function()
    assert.equal("x'FF'", show.value("\xFF"))
  end)

  it("has its list part first, then its keys sorted", function()
    local value = { "x", b = 1, a = true, [10] = 3, ["a b"] = 2, ["end"] = 4 }

    assert.equal('{ "x", [10] = 3, a = true, ["a b"] = 2, b = 1, ["end"] = 4 }', show.value(value))
  end)

  it("goes one level deep", function()
    assert.equal("{ a = {…}, b = {} }", show.value({ a = { 1 }, b = {} }))
  end)

  it("takes a line for each entry when one line is not enough", function()
    local value = { a = ("x"):rep(50), b = ("y"):rep(50) }

    assert.equal(('{\n  a = "%s",\n  b = "%s"\n}'):format(value.a, value.b), show.value(value))
  end)

  it("shows a limited number of entries and says how many more there are", function()
    local value = {}
    for i = 1, 150 do
      value[i] = i
    end

    assert.matches("100,\n  … 50 more\n}$", show.value(value))
  end)

  it("speaks for itself when it has __tostring", function()
    assert.equal("me", show.value(setmetatable({}, { __tostring = function() return "me" end })))
  end)

  it("keeps the addresses of functions out of tables", function()
    assert.equal("{ f = function }", show.value({ f = print }))
  end)

  it("survives a __tostring that fails", function()
    local value = setmetatable({}, { __tostring = function() error("no") end })

    assert.equal("(table whose __tostring fails)", show.value(value))
  end)

  it("ends in a table that contains itself", function()
    local value = {}
    value.self = value

    assert.equal("{ self = {…} }", show.value(value))
  end)
end)
