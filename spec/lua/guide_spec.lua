-- The Lua code of the READMEs runs, and prints what it says it prints. All blocks of a file are one
-- program, in order; its line numbers are those of the file. Files *.db lie in a fresh folder.
local files = require("spec.support.files")

local PAGES = { "README.md", "bindings/README.md", "core/README.md", "lua/README.md",
  "spec/README.md", "examples/packages/README.md" }

-- The text of the file with every line outside of its Lua blocks empty, and how many blocks.
local function program_of(text)
  local lines, inside, blocks = {}, false, 0
  for line in text:gmatch("([^\n]*)\n") do
    if line:find("^```") then
      inside = not inside and line == "```lua"
      blocks = blocks + (inside and 1 or 0)
      lines[#lines + 1] = ""
    else
      lines[#lines + 1] = inside and line or ""
    end
  end
  return lines, blocks
end

-- Line → what it should print: behind `-->` on the line itself, or on lines of their own below.
local function expectations(lines)
  local due, current = {}, nil
  for i, line in ipairs(lines) do
    local own = line:match("^%s*%-%-> (.*)$")
    local behind = line:match("%S.-%-%-> (.*)$")
    if own then
      table.insert(due[current], own)
    elseif line:find("%f[%w]print%(") then
      current = i
      due[i] = { behind }
    end
  end
  return due
end

-- Runs the Lua of a file. Returns what each line printed and how many blocks there are.
local function run(lines, path, folder)
  local printed = {}
  local environment = setmetatable({
    print = function(...)
      local words, line = table.pack(...), debug.getinfo(2, "l").currentline
      for i = 1, words.n do
        words[i] = tostring(words[i])
      end
      printed[line] = printed[line] or {}
      table.insert(printed[line], table.concat(words, " "))
    end,
  }, { __index = _G })
  local code = table.concat(lines, "\n"):gsub('"([%w_]+%.db)"', function(name)
    return ("%q"):format(folder.path(name))
  end)
  assert(load(code, "@" .. path, "t", environment))()
  return printed
end

-- The lines that print something else than they say.
local function differences(due, printed, count)
  local list = {}
  for line = 1, count do
    local said = table.concat(due[line] or {}, "\n")
    local did = table.concat(printed[line] or {}, "\n")
    if said ~= did then
      list[#list + 1] = ("line %d says %s and prints %s"):format(line, said, did)
    end
  end
  return list
end

describe("The Lua in the documentation", function()
  local folder

  before_each(function() folder = files.folder() end)
  after_each(function() folder.remove() end)

  it("of the guide runs and prints what it says", function()
    local lines, blocks = program_of(assert(files.read("lua/README.md")))

    local printed = run(lines, "lua/README.md", folder)

    assert.is_true(blocks > 25)
    assert.same({}, differences(expectations(lines), printed, #lines))
  end)

  it("of the README runs", function()
    local lines, blocks = program_of(assert(files.read("README.md")))

    run(lines, "README.md", folder)

    assert.is_true(blocks > 0)
  end)

  local function exists(path)
    local file = io.open(path)
    return file ~= nil and file:close()
  end

  it("links to what is there", function()
    for _, path in ipairs(PAGES) do
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
