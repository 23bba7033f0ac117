require("spec.script.parts")
local complete = require("dbscript.complete")

local COLUMNS = { people = { "id", "name", "note" }, posts = { "id", "title" } }

local catalog = {
  tables = function()
    return { "people", "posts" }
  end,
  columns = function(_, name)
    return COLUMNS[name] or {}
  end,
}

local Handle = { query = print, quit = print, path = print }

local function forbidden()
  error("completion must not run code of the value")
end

local scope = {
  globals = {
    print = print,
    printer = 1,
    db = setmetatable({}, { __index = Handle }),
    box = { deep = { alpha = 1, alpine = 2 } },
    live = setmetatable({}, { __index = forbidden, __pairs = forbidden }),
    string = string,
  },
  catalog = catalog,
  commands = { ".schema", ".tables", ".timing" },
  query_methods = { where = print, with = print, limit = print },
  describe = error,
}

local function at(before)
  return complete.at(before, scope)
end

describe("completion", function()
  it("inserts the rest of the only name", function()
    assert.equal("r", at("x = printe"))
  end)

  it("inserts what all names have in common, then lists them", function()
    assert.equal("nt", at("x = pri"))
    assert.same({ "print", "printer" }, select(2, at("x = print")))
  end)

  it("knows Lua's keywords", function()
    assert.equal("nction", at("local fu"))
  end)

  it("looks into tables behind a dot", function()
    assert.equal("p", at("box.deep.al"))
    assert.same({ "alpha", "alpine" }, select(2, at("f(box.deep.alp")))
  end)

  it("offers methods behind a colon", function()
    assert.same({ "query", "quit" }, select(2, at("db:qu")))
    assert.equal("th", at("db:pa"))
  end)

  it("offers the steps of a query behind a call", function()
    assert.equal("imit", at('db:from("people"):l'))
    assert.same({ "where", "with" }, select(2, at('db:from("people"):where { a = 1 }:w')))
  end)

  it("offers tables inside quotes", function()
    assert.equal("ople", at('db:from("pe'))
    assert.equal("sts", at("q:join 'po"))
  end)

  it("offers the columns of a table behind its name", function()
    assert.equal("tle", at("posts.ti"))
  end)

  it("offers tables, columns and words inside SQL, in the case that was begun", function()
    assert.equal("me", at("SELECT na"))
    assert.equal("ople", at("SELECT * FROM pe"))
    assert.equal("UP", at("SELECT * FROM people GRO"))
    assert.equal("up", at("select * from people gro"))
    assert.equal("te", at("SELECT * FROM people WHERE people.no"))
    assert.is_nil((at("SELECT * FROM posts WHERE nam")))
  end)

  it("goes on with the lines before", function()
    assert.equal("ople", at("SELECT *\nFROM pe"))
  end)

  it("offers commands behind a dot, tables behind .schema", function()
    assert.equal("hema", at(".sc"))
    assert.same({ ".tables", ".timing" }, select(2, at(".t")))
    assert.equal("ople", at(".schema pe"))
  end)

  it("indents at the beginning of a line", function()
    assert.equal("  ", at(""))
    assert.equal("  ", at("for i = 1, 2 do\n  "))
  end)

  it("runs no code of what it looks at", function()
    assert.is_nil((at("live.x.y")))
    assert.is_nil((at("live.x")))
  end)

  it("has nothing to say about what it does not know", function()
    assert.is_nil((at("nothing:a")))
    assert.is_nil((at("zzz")))
    assert.is_nil((at("1 + ")))
  end)
end)
