-- The pages in doc/: every recipe runs and prints what it says, every line of a table that shows
-- our code is code that works; and what is wrong in a page is found.
local document = require("spec.support.document")
local files = require("spec.support.files")

local folder, count

before_each(function() folder, count = files.folder(), 0 end)
after_each(function() folder.remove() end)

-- A place for the files of one program.
local function place()
  count = count + 1
  local prefix = count .. "-"
  return { path = function(name) return folder.path(prefix .. name) end }
end

-- Runs each program of a page; returns all differences, and how many programs there were.
local function check(text, path)
  local programs, blocks = document.programs(text, true)
  local wrong = {}
  for _, lines in ipairs(programs) do
    for _, one in ipairs(document.differences(lines, path, place())) do
      wrong[#wrong + 1] = one
    end
  end
  return wrong, #programs, blocks
end

-- The code of ours in the tables of a page: { line =, code = }.
local function rows(text)
  local list, number = {}, 0
  for line in text:gmatch("([^\n]*)\n") do
    number = number + 1
    local ours = line:gsub("\\|", "\1"):match("^| .- | `([^`]*)` |$")
    if ours then
      list[#list + 1] = { line = number, code = (ours:gsub("\1", "|")) }
    end
  end
  return list
end

-- Runs one piece of code behind the code of the page, on a database of its own.
local function run_row(prelude, one, path)
  local lines = {}
  for i, line in ipairs(prelude) do
    lines[i] = line
  end
  local is_statement = one.code:find("^for ")
  lines[one.line] = is_statement and one.code or ("local _ = %s"):format(one.code)
  document.differences(lines, path, place())
end

describe("The cookbook", function()
  it("prints what it says", function()
    local wrong, programs, blocks = check(assert(files.read("doc/cookbook.md")), "doc/cookbook.md")

    assert.same({}, wrong)
    assert.is_true(programs > 15 and blocks > programs - 2)
  end)

  it("names each of its recipes at its head", function()
    local text = assert(files.read("doc/cookbook.md"))
    for title in text:gmatch("\n## ([^\n]+)") do
      local anchor = title:lower():gsub("[^%w ]", ""):gsub(" ", "-")
      assert.truthy(text:find("](#" .. anchor .. ")", 1, true), title)
      local recipe = text:match("\n## " .. title:gsub("%p", "%%%0") .. "\n(.-)\n## ")
        or text:match("\n## " .. title:gsub("%p", "%%%0") .. "\n(.*)$")
      assert.truthy(recipe:find("%*%*Need%.%*%*"), title)
      assert.truthy(recipe:find("%*%*Watch%.%*%*"), title)
    end
  end)
end)

describe("The tables for those who come from elsewhere", function()
  local path = "doc/coming-from.md"

  it("show code that works, row by row", function()
    local text = assert(files.read(path))
    local prelude = document.programs(text, false)[1]
    local list, wrong = rows(text), {}
    for _, one in ipairs(list) do
      local good, err = pcall(run_row, prelude, one, path)
      if not good then
        wrong[#wrong + 1] = tostring(err)
      end
    end

    assert.same({}, wrong)
    assert.is_true(#list > 90)
  end)
end)

describe("A page that is wrong", function()
  local function page(...)
    return "# Page\n\n```lua\nlocal one = 1\n```\n\n" .. table.concat({ ... }, "\n") .. "\n"
  end

  it("is found when it prints something else", function()
    local wrong = check(page("## A", "```lua", "print(one) --> 2", "```"), "page")

    assert.same({ "line 9 says 2 and prints 1" }, wrong)
  end)

  it("is found when it prints nothing where something is due, and the other way round", function()
    assert.same({ "line 9 says 1 and prints " },
      check(page("## A", "```lua", "if false then print(one) end --> 1", "```"), "page"))
    assert.same({ "line 9 says  and prints 1" },
      check(page("## A", "```lua", "print(one)", "```"), "page"))
  end)

  local function assert_fails(piece, ...)
    local good, err = pcall(check, page(...), "page")
    assert.is_false(good)
    assert.truthy(tostring(err):find(piece, 1, true), tostring(err))
  end

  it("is found when its code fails or is no Lua", function()
    assert_fails("page:9: no", "## A", "```lua", "error('no')", "```")
    assert_fails("page:9:", "## A", "```lua", "local = 5", "```")
  end)

  it("keeps its sections apart", function()
    assert_fails("two", "## A", "```lua", "local two = 2", "```", "## B", "```lua",
      "print(two + 1)", "```")
  end)

  it("is found when a row of its table does not work", function()
    local list = rows("| theirs | `one:nothing()` |\n| `a` | `one \\| 2` |\n| x | words |\n")

    assert.same({ { line = 1, code = "one:nothing()" }, { line = 2, code = "one | 2" } }, list)
    assert.has_error(function() run_row({ "local one = {}" }, list[1], "page") end)
    run_row({ "", "local one = 1" }, { line = 3, code = "one | 2" }, "page")
  end)
end)
