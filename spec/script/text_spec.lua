require("spec.script.parts")
local text = require("dbscript.text")

describe("text on a terminal", function()
  it("counts characters and not bytes", function()
    assert.equal(3, text.width("Zoë"))
  end)

  it("gives East Asian characters and pictographs two columns", function()
    assert.equal(4, text.width("日本"))
    assert.equal(2, text.width("🚀"))
  end)

  it("gives combining marks no column", function()
    assert.equal(1, text.width("e\u{301}"))
  end)

  it("shows control characters as escapes", function()
    assert.equal("a\\nb\\t\\x1B[31m\\x00", text.clean("a\nb\t\27[31m\0"))
  end)

  it("shows control characters beyond ASCII and turns of direction as escapes", function()
    assert.equal("\\u{9B}x\\u{202E}y\\u{2066}", text.clean("\u{9B}x\u{202E}y\u{2066}"))
  end)

  it("shows what is not UTF-8 as a blob", function()
    assert.equal("x'00FF'", text.clean("\0\xFF"))
  end)

  it("tames single bytes of a message", function()
    assert.equal("a\\xFFb\\xC3", text.tame("a\xFFb\xC3"))
    assert.equal("aé\\xE2\\x82", text.tame("aé\xE2\x82"))
    assert.equal("é", text.tame("é"))
  end)

  it("looks at a limited number of bytes and never halves a character", function()
    assert.equal("aé...", text.clean("aéé", 4))
  end)

  it("cuts to a width and marks the cut", function()
    assert.equal("ab…", text.cut("abcd", 3, "…"))
    assert.equal("日…", text.cut("日本語", 4, "…"))
    assert.equal("abcd", text.cut("abcd", 4, "…"))
  end)

  it("fills up on either side", function()
    assert.equal("é  ", text.pad("é", 3, "left"))
    assert.equal("  7", text.pad("7", 3, "right"))
  end)

  it("lists names in columns, downwards first", function()
    assert.equal("a    ccc  e\nbb   d", text.columns({ "a", "bb", "ccc", "d", "e" }, 13))
  end)

  it("lists names one below the other when the width is small", function()
    assert.equal("alpha\nbeta", text.columns({ "alpha", "beta" }, 4))
  end)
end)
