-- Checks of arguments, and the nearest name.
require("dbcore")
local check = require("dbcore.check")
local expect = require("spec.support.expect")

describe("The nearest name", function()
  it("is found for one slip in a short name and more in a long one", function()
    local names = { "email", "name", "created_at", "id" }

    assert.equal("email", check.nearest("emial", names))
    assert.equal("name", check.nearest("nmae", names))
    assert.equal("name", check.nearest("NAME", names))
    assert.equal("created_at", check.nearest("creatd_att", names))
    assert.is_nil(check.nearest("other", names))
    assert.is_nil(check.nearest("x", names))
    assert.is_nil(check.nearest(("n"):rep(1 << 20), names))
  end)

  it("is told, or all names when they are few", function()
    assert.equal('; did you mean "abc"?', check.suggestion("abd", { "abc", "xyz" }))
    assert.equal("; known: abc, xyz", check.suggestion("qqq", { "abc", "xyz" }))
    local many = {}
    for i = 1, 50 do
      many[i] = "name" .. i .. "name"
    end
    assert.equal("", check.suggestion("qqq", many))
  end)
end)

describe("Words for values", function()
  it("say what was given, on one short line", function()
    assert.equal("nil", check.describe(nil))
    assert.equal("the number 5", check.describe(5))
    assert.equal('text "a\\x0ab"', check.describe("a\nb"))
    assert.equal("a table", check.describe({}))
    assert.equal("a function", check.describe(print))
    assert.is_true(#check.describe(("x"):rep(1 << 20)) < 80)
    assert.truthy(utf8.len(check.describe(("\u{E9}"):rep(100))))
    assert.truthy(utf8.len(check.describe("\xFF\xFE")))
  end)
end)

describe("Lists and options", function()
  it("are taken as they should be", function()
    assert.equal(2, check.list({ 1, 2 }, "it"))
    assert.same({}, check.options(nil, {}, "it"))
    assert.same({ a = 1 }, check.options({ a = 1 }, { a = "integer" }, "it"))
  end)

  it("are refused with what is wrong", function()
    expect.misuse("item 2", check.list, { 1, nil, 3 }, "it")
    expect.misuse('key text "a"', check.list, { 1, a = 2 }, "it")
    expect.misuse("known: a, b", check.options, { x = 1 }, { a = "any", b = "any" }, "it")
    expect.misuse("true or false", check.options, { a = 1 }, { a = "boolean" }, "it")
    expect.misuse("by name", check.options, { 5 }, { a = "any" }, "it")
    expect.misuse("an integer", check.options, { a = 1.5 }, { a = "integer" }, "it")
  end)
end)
