-- The Lua code of the READMEs runs, and prints what it says it prints: all blocks of a file are one
-- program, in order. What pages say about files is so.
local document = require("spec.support.document")
local files = require("spec.support.files")

local function pages()
  local list, pipe = {}, assert(io.popen("find . -name '*.md' -not -path './build*/*' | sort"))
  for path in pipe:lines() do
    list[#list + 1] = path:sub(3)
  end
  pipe:close()
  return list
end

describe("The Lua in the documentation", function()
  local folder

  before_each(function() folder = files.folder() end)
  after_each(function() folder.remove() end)

  it("of the guide runs and prints what it says", function()
    local programs, blocks = document.programs(assert(files.read("lua/README.md")))

    assert.is_true(blocks > 25)
    assert.same({}, document.differences(programs[1], "lua/README.md", folder))
  end)

  it("of the README runs and prints what it says", function()
    local programs, blocks = document.programs(assert(files.read("README.md")))

    assert.is_true(blocks > 0)
    assert.same({}, document.differences(programs[1], "README.md", folder))
  end)

  it("is in no page that is not run", function()
    local run = { ["README.md"] = true, ["lua/README.md"] = true, ["doc/cookbook.md"] = true,
      ["doc/coming-from.md"] = true }
    for _, path in ipairs(pages()) do
      if not run[path] then
        assert.is_nil(assert(files.read(path)):find("\n```lua"), path .. " has Lua that is not run")
      end
    end
  end)

  local function exists(path)
    local file = io.open(path)
    return file ~= nil and file:close()
  end

  it("links to what is there", function()
    assert.is_true(#pages() > 9)
    for _, path in ipairs(pages()) do
      local here = path:match("^(.*/)") or ""
      for target in assert(files.read(path)):gmatch("%]%(([^)#]+)%)") do
        if not target:find("^https?:") then
          assert.truthy(exists(here .. target), path .. " links to " .. target)
        end
      end
    end
  end)

  it("names files of the specs that are there", function()
    local text, count = assert(files.read("spec/README.md")), 0
    for path in text:gmatch("`([%w_/.]+)`") do
      local place = path:match("^spec/.+") or path:find("^support/") and "spec/" .. path
      if place then
        count = count + 1
        assert.truthy(exists(place), "spec/README.md names " .. path)
      end
    end
    assert.is_true(count > 30)
  end)

  it("names files of the core that are there", function()
    local text, count = assert(files.read("core/README.md")), 0
    local rooms = { base = true, lang = true, run = true, work = true, migrate = true,
      drivers = true }
    for path in text:gmatch("`([%w_/]+)[.%w]*`") do
      if rooms[path:match("^(%w+)/")] then
        count = count + 1
        assert.truthy(exists("core/" .. path .. ".c") or exists("core/" .. path .. ".h"),
          "core/README.md names " .. path)
      end
    end
    assert.is_true(count > 60)
  end)

  it("leaves no file of the bindings out", function()
    local text = assert(files.read("bindings/README.md"))
    local list = assert(io.popen("ls bindings/*/*.c bindings/script/*.lua"))
    local paths = list:read("a")
    list:close()
    for path in paths:gmatch("[^\n]+") do
      local name = path:match("([%w_]+)%.%w+$")
      assert.truthy(text:find("`" .. name .. "[`.]"), "bindings/README.md does not name " .. path)
    end
    for name in text:gmatch("`(l[%w]+)` ") do
      assert.truthy(files.read("bindings/lua/" .. name .. ".c"), "there is no " .. name .. ".c")
    end
  end)
end)
