describe("the README", function()
  it("opens with a program that runs", function()
    local file <close> = assert(io.open("README.md"))
    local code = assert(file:read("a"):match("```lua\n(.-)```"), "no Lua in README.md")
    local lines = {}
    local environment = setmetatable({
      print = function(...)
        lines[#lines + 1] = table.concat({ ... }, " ")
      end,
    }, { __index = _G })

    assert(load((code:gsub("library%.db", ":memory:")), "README.md", "t", environment))()

    assert.same({ "Emma 1815 novel" }, lines)
  end)
end)
