-- dbscript --sandbox as a shell runs it: its command line, its exit codes, what it says when a
-- limit is reached. That no script gets out is looked at by hostile_spec.lua beside it.
local files = require("spec.support.files")
local sandboxed = require("spec.support.sandboxed")

local folder

-- Runs `text` in a sandbox with these words before it.
local function run(text, ...)
  return sandboxed.run(folder, text, ...)
end

local function database()
  return folder.path("test.db")
end

describe("dbscript --sandbox", function()
  before_each(function()
    folder = files.folder()
  end)

  after_each(function()
    folder.remove()
  end)

  it("runs a script on a database", function()
    local result = run([[
      db:exec "CREATE TABLE birds(name)"
      db:exec("INSERT INTO birds VALUES (?)", "wren")
      print(db:query "SELECT name FROM birds":value(), io, require)
    ]], "--db", database())

    assert.equal("", result.errors)
    assert.equal("wren\tnil\tnil\n", result.output)
    assert.equal(0, result.code)
  end)

  it("has no database unless one is named", function()
    assert.equal("nil\n", run("print(db)").output)
  end)

  it("ends with 1 and one line when the script fails", function()
    local result = run("error 'oh'")

    assert.equal(1, result.code)
    assert.truthy(result.errors:find("^dbscript: .*script%.lua:1: oh %(script%)\n$"))
  end)

  it("ends with 7 and names the limit", function()
    local loop = run("while true do end", "--time", "100ms", "--instructions", "none")
    local counted = run("while true do end", "--instructions", "10k")
    local memory = run("local t = {} while true do t[#t + 1] = {} end", "--memory", "4M")
    local output = run("while true do print 'x' end", "--output", "1k")

    assert.same({ 7, 7, 7, 7 }, { loop.code, counted.code, memory.code, output.code })
    assert.truthy(loop.errors:find("time limit exceeded", 1, true))
    assert.truthy(counted.errors:find("instruction limit exceeded", 1, true))
    assert.truthy(memory.errors:find("memory limit exceeded", 1, true))
    assert.truthy(output.errors:find("output limit exceeded", 1, true))
  end)

  it("ends from outside what nothing inside ends", function()
    local result = run([[db:query("SELECT instr(replace(hex(zeroblob(1900000)), '00', 'a'), "
      .. "replace(hex(zeroblob(900000)), '00', 'a') || 'b')"):value()]],
      "--db", database(), "--time", "200ms", "--memory", "256M")

    assert.equal(7, result.code)
    assert.truthy(result.errors:find("time limit exceeded", 1, true))
  end)

  it("does not write when it only reads", function()
    run("db:exec 'CREATE TABLE t(a)'", "--db", database())

    local result = run("db:exec 'INSERT INTO t VALUES (1)'", "--db", database(), "--readonly")

    assert.equal(1, result.code)
    assert.truthy(result.errors:find("%(denied%)"))
    assert.equal(0, run("assert(db:query 'SELECT count(*) FROM t':value() == 0)", "--db",
      database(), "--readonly").code)
  end)

  it("lets a script at the tables that are allowed", function()
    run("db:exec 'CREATE TABLE a(x)' db:exec 'CREATE TABLE b(x)'", "--db", database())

    local allowed = { "--db", database(), "--allow", "a:select,insert", "--allow", "b:select" }
    local read = run([[
      db:exec "INSERT INTO a VALUES (1)"
      assert(db:query "SELECT count(*) FROM a, b":value() == 0)
      for _, sql in ipairs { "INSERT INTO b VALUES (1)", "DELETE FROM a", "DROP TABLE a",
        "CREATE TABLE c(x)", "UPDATE a SET x = 2" } do
        local ok, e = pcall(db.exec, db, sql)
        assert(not ok and e.code == "denied", sql)
      end
      assert(not pcall(function() return db:query "SELECT * FROM sqlite_master":all() end))
    ]], table.unpack(allowed))

    assert.equal("", read.errors)
    assert.equal(0, read.code)
  end)

  it("is strict when asked", function()
    assert.equal("nil\tnil\tnil\n", run("print(load, coroutine, os)", "--strict").output)
  end)

  it("undoes what is left open", function()
    local result = run("db:exec 'BEGIN' db:exec 'CREATE TABLE left_open(a)'", "--db", database())

    assert.equal(1, result.code)
    assert.truthy(result.errors:find("left a transaction open", 1, true))
    assert.equal(0, run("assert(#db:query 'SELECT * FROM sqlite_master':all() == 0)", "--db",
      database()).code)
  end)

  it("answers wrong usage with one line and 2", function()
    for _, words in ipairs({ { "--memroy", "1M" }, { "--memory", "much" }, { "--time" },
      { "--allow", "t:grab", "--db", "x" }, { "--readonly" }, { "--strict=yes" } }) do
      local result = run("", table.unpack(words))

      assert.equal(2, result.code)
      assert.truthy(result.errors:find("^dbscript: [^\n]+\n$"))
    end
    assert.truthy(run("", "--memroy", "1M").errors:find('did you mean "--memory"?', 1, true))
  end)

  it("shows its help", function()
    local result = run("", "--help")

    assert.equal(0, result.code)
    assert.truthy(result.output:find("usage: dbscript --sandbox", 1, true))
  end)
end)
