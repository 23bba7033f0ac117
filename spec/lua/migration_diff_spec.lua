local diff = require("dbcore.migrate.diff")

describe("A unified diff", function()
  local function unified(a, b)
    return diff.unified(a, b, "old", "new")
  end

  it("is none when no line differs", function()
    assert.is_nil(unified("a\nb\n", "a\nb\n"))
    assert.is_nil(unified("a\nb", "\xEF\xBB\xBFa\r\nb\r\n"))
    assert.is_nil(unified("", ""))
  end)

  it("shows three lines around a change", function()
    assert.equal("--- old\n+++ new\n@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+x\n 6\n 7\n 8\n",
      unified("1\n2\n3\n4\n5\n6\n7\n8\n9\n", "1\n2\n3\n4\nx\n6\n7\n8\n9\n"))
  end)

  it("puts changes that are far from each other in hunks of their own", function()
    local a, b = {}, {}
    for i = 1, 20 do
      a[i], b[i] = tostring(i), (i == 2 or i == 19) and "x" or tostring(i)
    end

    local text = unified(table.concat(a, "\n"), table.concat(b, "\n"))

    assert.matches("@@ -1,5 +1,5 @@", text, 1, true)
    assert.matches("@@ -16,5 +16,5 @@", text, 1, true)
  end)

  it("counts lines that are added and taken away", function()
    assert.equal("--- old\n+++ new\n@@ -1 +1,3 @@\n a\n+b\n+c\n", unified("a\n", "a\nb\nc\n"))
    assert.equal("--- old\n+++ new\n@@ -1,2 +1 @@\n-a\n b\n", unified("a\nb\n", "b\n"))
  end)

  it("takes the middle of very long texts as one change", function()
    local a, b = {}, {}
    for i = 1, 2500 do
      a[i], b[i] = "a" .. i, "b" .. i
    end

    local text = unified("same\n" .. table.concat(a, "\n"), "same\n" .. table.concat(b, "\n"))

    assert.matches("@@ -1,2501 +1,2501 @@\n same\n-a1\n", text, 1, true)
  end)
end)
