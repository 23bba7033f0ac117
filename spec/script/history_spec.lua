local parts = require("spec.script.parts")
local files = require("spec.support.files")

local replaced

parts.stand_in("dbscript.file", {
  append = function(path, line)
    local file = assert(io.open(path, "a"))
    file:write(line):close()
    return true
  end,
  replace = function(path, content)
    replaced = content
    files.write(path, content)
    return true
  end,
})
local history = require("dbscript.history")

describe("the history", function()
  local folder

  before_each(function()
    folder = files.folder()
    replaced = nil
  end)

  after_each(function()
    folder.remove()
  end)

  it("is empty when there is none", function()
    assert.same({}, history.load(folder.path("history")))
    assert.same({}, history.load(nil))
  end)

  it("gives back what was added, oldest first", function()
    local path = folder.path("history")

    history.add(path, "one")
    history.add(path, "two")

    assert.same({ "one", "two" }, history.load(path))
    assert.is_nil(replaced)
  end)

  it("is cut to its limit when it is loaded", function()
    local path = folder.path("history")
    local lines = {}
    for i = 1, history.LIMIT + 5 do
      lines[i] = "line " .. i
    end
    files.write(path, table.concat(lines, "\n") .. "\n")

    local loaded = history.load(path)

    assert.equal(history.LIMIT, #loaded)
    assert.equal("line 6", loaded[1])
    assert.same(loaded, history.load(path))
    assert.equal("line 6", replaced:match("^[^\n]*"))
  end)
end)
