require("spec.script.parts")
local grid = require("dbscript.grid")

local function draw(rows, names, style)
  return table.concat(grid.draw(rows, names or grid.keys(rows), style or {}), "\n")
end

describe("a grid", function()
  it("aligns columns, numbers to the right", function()
    local rows = { { id = 1, name = "Ada" }, { id = 20, name = "Zoë" } }

    assert.equal(" id | name\n----+------\n  1 | Ada\n 20 | Zoë", draw(rows, { "id", "name" }))
  end)

  it("draws with lines where the terminal can", function()
    assert.equal(" a │ b\n───┼───\n 1 │ 2", draw({ { a = 1, b = 2 } }, nil, { unicode = true }))
  end)

  it("sorts the keys of all rows when nothing says their order", function()
    assert.same({ "a", "b", "c" }, grid.keys({ { b = 1 }, { c = 2, a = 1 } }))
  end)

  it("shows a missing value and dbcore.null as NULL, dimmed where it can be", function()
    local null = {}
    local style = {
      null = null,
      dim = function(s)
        return "<" .. s .. ">"
      end,
    }

    assert.equal(" a    | b\n------+------\n <NULL> | x\n y    | <NULL>",
      draw({ { b = "x" }, { a = "y", b = null } }, { "a", "b" }, style))
  end)

  it("keeps the head when there are no rows", function()
    assert.equal(" id | name\n----+------", draw({}, { "id", "name" }))
  end)

  it("keeps rows in which everything is NULL", function()
    assert.equal(" a    | b\n------+------\n NULL | NULL", draw({ {} }, { "a", "b" }))
  end)

  it("cuts the widest column until the terminal is wide enough", function()
    local rows = { { id = 1, note = ("x"):rep(100) } }
    local lines = grid.draw(rows, { "id", "note" }, { width = 20 })

    assert.equal("  1 | xxxxxxxxxxxx~", lines[3])
  end)

  it("shows records when even narrow columns do not fit", function()
    local row, names = {}, {}
    for i = 1, 12 do
      names[i] = ("column_%02d"):format(i)
      row[names[i]] = ("x"):rep(100)
    end
    local lines = grid.draw({ row }, names, { width = 30 })

    assert.equal(13, #lines)
    assert.equal("-- 1 --------------", lines[1])
    assert.equal(" column_01 | xxxxxxxxxxxxxxx~", lines[2])
  end)

  it("flattens rows that are grouped per table", function()
    local function reversed(names)
      table.sort(names, function(x, y)
        return x > y
      end)
      return names
    end

    local flat, names = grid.flatten({
      { users = { id = 1, name = "Ada" }, posts = { id = 2 } },
      { users = { id = 3 } },
    }, reversed)

    assert.same({ "posts.id", "users.name", "users.id" }, names)
    assert.same({ ["posts.id"] = 2, ["users.name"] = "Ada", ["users.id"] = 1 }, flat[1])
    assert.same({ ["users.id"] = 3 }, flat[2])
  end)

  it("does not take JSON in a row for groups", function()
    assert.is_nil((grid.flatten({ { id = 1, settings = { a = 1 } } })))
    assert.is_nil((grid.flatten({ {} })))
    assert.is_nil((grid.flatten({})))
  end)

  it("leaves nothing in a cell that moves the cursor", function()
    assert.equal(" a\n-------------\n \\x1B[2J\\r\\n", draw({ { a = "\27[2J\r\n" } }))
  end)

  it("takes only lists of tables with text keys for rows", function()
    assert.is_true(grid.is_rows({ { a = 1 }, {} }))
    assert.is_false(grid.is_rows({}))
    assert.is_false(grid.is_rows({ { 1 } }))
    assert.is_false(grid.is_rows({ { a = 1 }, n = 1 }))
    assert.is_false(grid.is_rows({ "a" }))
    assert.is_false(grid.is_rows({ setmetatable({ a = 1 }, {}) }))
  end)
end)
