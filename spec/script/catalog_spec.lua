require("spec.script.parts")
local catalog = require("dbscript.catalog")

local COLUMNS = { people = { "id", "name", "born" }, posts = { "id", "title" } }

local asked

-- A handle that answers what the catalog asks.
local function handle()
  local function answer(text, name)
    asked = asked + 1
    if text:find("pragma_table_info", 1, true) then
      return COLUMNS[name] or {}
    end
    return { "people", "posts" }
  end
  return {
    query = function(_, text, name)
      return {
        all = function()
          local rows = {}
          for i, value in ipairs(answer(text, name)) do
            rows[i] = { name = value }
          end
          return rows
        end,
      }
    end,
  }
end

describe("the catalog", function()
  local db, names

  before_each(function()
    asked = 0
    db = handle()
    names = catalog.new(function()
      return db
    end)
  end)

  it("asks the database once", function()
    names:tables()
    assert.same({ "people", "posts" }, names:tables())
    names:columns("people")
    assert.same({ "id", "name", "born" }, names:columns("people"))
    assert.equal(2, asked)
  end)

  it("asks again when it was told to forget", function()
    names:tables()
    names:forget()
    names:tables()

    assert.equal(2, asked)
  end)

  it("is empty without a database, and asks as soon as there is one", function()
    db = nil
    assert.same({}, names:tables())
    assert.same({}, names:columns("people"))
    assert.is_nil(names:statements())

    db = handle()
    assert.same({ "people", "posts" }, names:tables())
  end)

  it("is empty when the database does not answer", function()
    db = {
      query = function()
        error("locked")
      end,
    }

    assert.same({}, names:tables())
  end)

  it("puts keys into the order of the table that has them all", function()
    assert.same({ "name", "born" }, names:in_order({ "born", "name" }))
    assert.same({ "id", "title" }, names:in_order({ "id", "title" }))
    assert.same({ "born", "title" }, names:in_order({ "born", "title" }))
  end)
end)
