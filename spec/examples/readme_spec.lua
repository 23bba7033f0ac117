describe("the README", function()
  it("opens with a program that prints what it says", function()
    local file <close> = assert(io.open("README.md"))
    local code = assert(file:read("a"):match("```lua\n(.-)```"), "no Lua in README.md")
    local lines, promised = {}, {}
    for line in code:gmatch("%-%-> ([^\n]+)") do
      promised[#promised + 1] = line
    end
    local environment = setmetatable({
      print = function(...)
        lines[#lines + 1] = table.concat({ ... }, " ")
      end,
    }, { __index = _G })

    assert(load((code:gsub("library%.db", ":memory:")), "README.md", "t", environment))()

    assert.is_true(#promised > 0)
    assert.same(promised, lines)
  end)
end)
