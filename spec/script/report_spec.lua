require("spec.script.parts")
local report = require("dbscript.report")

local function capture(body)
  local _, failure = xpcall(body, report.capture)
  return failure
end

local function structured(fields)
  return setmetatable(fields, {
    __tostring = function(err)
      return err.message
    end,
  })
end

describe("a report", function()
  it("names message, code, place and statement of an error object", function()
    local lines = report.script(capture(function()
      error(structured({ code = "syntax", message = "no such column", sql = "SELECT\n   1" }))
    end))

    assert.matches("report_spec%.lua:%d+: no such column %(syntax%)$", lines[1])
    assert.same({ "  sql: SELECT 1" }, { table.unpack(lines, 2) })
  end)

  it("prefers the place that the error object knows", function()
    local lines = report.script(capture(function()
      error(structured({ code = "invalid", message = "no", where = "x.lua:7" }))
    end))

    assert.same({ "x.lua:7: no (invalid)" }, lines)
  end)

  it("shortens a long statement", function()
    local err = structured({ code = "busy", message = "m", sql = ("x"):rep(1000) })
    local lines = report.script({ value = err, trace = {} })

    assert.equal("  sql: " .. ("x"):rep(200) .. "...", lines[2])
  end)

  it("lists the fields of a validation, the row and the causes", function()
    local err = structured({
      code = "validation",
      message = "two fields",
      fields = {
        { column = "email", message = "is missing" },
        { column = "age", message = "is low" },
      },
      row = 3,
      cause = structured({ code = "io", message = "disk", cause = "plug" }),
    })
    local lines = report.script({ value = err, trace = {} })

    assert.same({ "two fields (validation)", "  email: is missing", "  age: is low", "  row: 3",
      "  cause: disk (io)", "  cause: plug" }, lines)
  end)

  it("has a traceback for a mistake in the program, of the program only", function()
    local function deep()
      local nothing = nil
      return nothing.field
    end
    local lines = report.script(capture(function()
      deep()
      return 1
    end))

    assert.matches("attempt to index a nil value", lines[1])
    assert.equal("stack traceback:", lines[2])
    for i = 3, #lines do
      assert.is_nil(lines[i]:find("[C]", 1, true))
    end
  end)

  it("shows error values that are no text", function()
    assert.equal("an error without a message: error(nil)", report.message(nil))
    assert.equal("an error object that is a table: { a = 1 }", report.message({ a = 1 }))
    assert.equal("an error object that is a boolean: true", report.message(true))
  end)

  it("lets nothing of a message move the cursor", function()
    assert.equal("a\\x1B[2Jb", report.message("a\27[2Jb"))
  end)

  it("is one line without a place at the prompt", function()
    local lines = report.prompt({ value = "stdin:1: x is wrong", trace = { "a", "b" } })

    assert.same({ "x is wrong" }, lines)
  end)
end)
