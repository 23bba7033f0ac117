local shell = require("spec.script.shell")

describe("dbscript types", function()
  local sh = shell.around(before_each, after_each, function(sh)
    sh:write("schema.lua", [[
      local d = require "dbcore"
      return d.schema {
        d.table("users", {
          d.integer "id" :primary_key(),
          d.text "name" :not_null() :comment "as it is shown",
          d.enum("role", { "admin", "reader" }) :not_null() :default "reader",
          d.boolean "is active",
          d.json "settings",
          d.text "handle" :generated "lower(name)",
        }, { comment = "people" }),
        d.view("names", { d.text "name" }, "SELECT name FROM users"),
      }
    ]])
  end)

  it("writes classes for what is read, inserted and updated", function()
    local result = sh:run("types")

    assert.equal("", result.errors)
    assert.equal([[
---@meta
-- Written by dbscript types; write it again after a change.

---@class users.Row
---@field id integer
---@field name string as it is shown
---@field role "admin"|"reader"
---@field ["is active"]? boolean
---@field settings? any
---@field handle? string

---@class users.Insert
---@field id? integer
---@field name string as it is shown
---@field role? "admin"|"reader"
---@field ["is active"]? boolean|dbcore.Null
---@field settings? any|dbcore.Null

---@class users.Update
---@field id? integer
---@field name? string as it is shown
---@field role? "admin"|"reader"
---@field ["is active"]? boolean|dbcore.Null
---@field settings? any|dbcore.Null

--- people
---@class users: dbcore.Table
---@field id dbcore.Expr
---@field name dbcore.Expr
---@field role dbcore.Expr
---@field ["is active"] dbcore.Expr
---@field settings dbcore.Expr
---@field handle dbcore.Expr

---@class names.Row
---@field name? string

---@class names: dbcore.Table
---@field name dbcore.Expr

---@class Schema: dbcore.Schema
---@field users users
---@field names names
]], result.output)
  end)

  it("gives a JSON column the shape that is described", function()
    sh:write("schema.lua", [[
      local d = require "dbcore"
      return d.schema { d.table("t", {
        d.json("settings", {
          d.text "theme" :enum { "dark", "light" } :not_null(),
          d.integer "size of text",
          d.list("colours", d.text() :not_null()) :not_null(),
        }) :not_null(),
        d.list("marks", { x = d.real() :not_null(), more = d.json "more" }),
        d.list("names", d.text() :enum { "a", "b" } :not_null()),
        d.json("free", {}),
      }) }
    ]])

    local result = sh:run("types")

    assert.equal("", result.errors)
    assert.matches([[
---@class t.Row
---@field settings { theme: "dark"|"light", ["size of text"]?: integer|dbcore.Null, ]]
      .. [[colours: string[] }
---@field marks? ({ more?: any|dbcore.Null, x: number }|dbcore.Null)[]
---@field names? ("a"|"b")[]
---@field free? table
]], result.output, 1, true)
  end)

  it("writes valid Lua", function()
    sh:run("types", "-o", "types.lua")

    assert.truthy(loadfile(sh:path("types.lua")))
  end)

  it("checks whether a file is up to date", function()
    assert.equal(6, sh:run("types", "-o", "types.lua", "--check").code)
    assert.equal(0, sh:run("types", "-o", "types.lua").code)
    assert.equal(0, sh:run("types", "-o", "types.lua", "--check").code)
    assert.equal(2, sh:run("types", "--check").code)
  end)

  it("says what is wrong with the schema", function()
    local wrong = {
      ["return 7"] = '"schema.lua" must return d.schema { … }, it returned the number 7',
      ["return {"] = "schema.lua:1: unexpected symbol near <eof>",
    }
    for text, message in pairs(wrong) do
      sh:write("schema.lua", text)

      local result = sh:run("types")

      assert.equal(1, result.code)
      assert.equal("dbscript: " .. message .. "\n", result.errors)
    end
    assert.equal(1, sh:run("types", "--schema", "none.lua").code)
  end)

  it("fails where it cannot write", function()
    local result = sh:run("types", "-o", "none/types.lua")

    assert.equal(1, result.code)
    assert.matches('^dbscript: cannot write "none/types.lua": [^\n]+\n$', result.errors)
  end)
end)
