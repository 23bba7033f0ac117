-- The program as a shell runs it. DBSCRIPT names it; else it is the one in the build folder.
local files = require("spec.support.files")

local program = os.getenv("DBSCRIPT") or (os.getenv("DBCORE_BUILD") or "build") .. "/bin/dbscript"

local folder

local function quote(word)
  return "'" .. word:gsub("'", "'\\''") .. "'"
end

-- Runs the program. Options: input = text for its standard input (empty when not given), env =
-- assignments. Returns what it wrote and its exit code.
local function run(words, options)
  options = options or {}
  local quoted = {}
  for i, word in ipairs(words) do
    quoted[i] = quote(word)
  end
  files.write(folder.path("input"), options.input or "")
  local _, _, code = os.execute(("%s %s %s <%s >%s 2>%s"):format(
    options.env or "", quote(program), table.concat(quoted, " "), quote(folder.path("input")),
    quote(options.output or folder.path("output")), quote(folder.path("errors"))))
  return {
    code = code,
    output = files.read(folder.path("output")),
    errors = files.read(folder.path("errors")),
  }
end

local function script(text)
  files.write(folder.path("script.lua"), text)
  return folder.path("script.lua")
end

describe("dbscript", function()
  setup(function()
    assert(io.open(program, "rb"), "no program at " .. program):close()
  end)

  before_each(function()
    folder = files.folder()
  end)

  after_each(function()
    folder.remove()
  end)

  it("runs a file with its arguments", function()
    local path = script("print(arg[0], #arg, arg[1], arg[2], arg[-1] ~= nil, ...)")

    local result = run({ path, "a b", "--help" })

    assert.equal(path .. "\t2\ta b\t--help\ttrue\ta b\t--help\n", result.output)
    assert.equal(0, result.code)
  end)

  it("has dbcore as a global and as a module", function()
    assert.equal("true\n", run({ "-e", "print(dbcore == require('dbcore'))" }).output)
  end)

  it("needs no file but itself", function()
    local result = run({ "-e", "local d = require 'dbcore' print(d.open(':memory:'):is_open())" },
      { env = "LUA_PATH=/nowhere LUA_CPATH=/nowhere" })

    assert.equal("", result.errors)
    assert.equal("true\n", result.output)
  end)

  it("runs code and modules in their order", function()
    local code = "print(x, s == string)"
    local result = run({ "-e", "x = 1", "-l", "string", "-es=string", "-e", code })

    assert.equal("1\ttrue\n", result.output)
  end)

  it("runs standard input when it is no terminal", function()
    assert.equal("in\n", run({}, { input = "print('in')" }).output)
    assert.equal("in\ta\n", run({ "-", "a" }, { input = "print('in', ...)" }).output)
  end)

  it("does not read standard input when code was given", function()
    assert.equal("code\n", run({ "-e", "print('code')" }, { input = "print('in')" }).output)
  end)

  it("gives the script the database as db", function()
    local path = folder.path("a.db")

    run({ "--database", path, "-e", "db:exec('CREATE TABLE t (a)')" })
    local result = run({ "--database=" .. path, "-e", "db:exec('INSERT INTO t VALUES (?)', 7) "
      .. "print(db:query('SELECT a FROM t'):value(), db:path())" })

    assert.equal("", result.errors)
    assert.equal("7\t" .. path .. "\n", result.output)
  end)

  it("opens it for reading only when told", function()
    local path = folder.path("a.db")
    run({ "--database", path, "-e", "db:exec('CREATE TABLE t (a)')" })

    local result = run({ "--readonly", "--database", path, "-e", "db:exec('DELETE FROM t')" })

    assert.equal(1, result.code)
    assert.matches("^dbscript: %(command line%):1: .*%(readonly%)\n  sql: DELETE FROM t\n$",
      result.errors)
  end)

  it("opens it with a schema", function()
    local schema = folder.path("schema.lua")
    files.write(schema, [[
      local d = require "dbcore"
      local users = d.table("users", { d.integer "id" :primary_key(), d.text "name" })
      return d.schema { users }
    ]])

    local result = run({ "--database", ":memory:", "--schema", schema, "-e", [[
      db:create(schema)
      db:insert(schema.users):values { name = "Ada" }:run()
      print(db:from(schema.users):one().name)
    ]] })

    assert.equal("", result.errors)
    assert.equal("Ada\n", result.output)
  end)

  it("says what a schema file must return", function()
    local result = run({ "--database", ":memory:", "--schema", script("return nil"), "-e", "" })

    assert.equal(1, result.code)
    assert.matches("^dbscript: \".*script%.lua\" must return d%.schema { %.%.%. }, it returned "
      .. "nothing\n$", result.errors)
  end)

  it("fails when the database cannot be opened", function()
    local result = run({ "--database", "/nowhere/at/all.db", "-e", "print('not reached')" })

    assert.equal(1, result.code)
    assert.equal("", result.output)
    assert.matches("^dbscript: [^\n]*/nowhere/at/all%.db[^\n]*\n$", result.errors)
  end)

  it("tells a mistake of the script with place and traceback", function()
    local path = script("local function f(x)\n  return x.y.z\nend\nf({})\nreturn 1")

    local result = run({ path })

    assert.equal(1, result.code)
    assert.equal(("dbscript: %s:2: attempt to index a nil value (field 'y')\nstack traceback:\n"
      .. "\t%s:2: in local 'f'\n\t%s:4: in main chunk\n"):format(path, path, path), result.errors)
  end)

  it("tells an error of dbcore with place, code and statement, without a traceback", function()
    local path = script("local db = dbcore.open(':memory:')\ndb:exec('SELECT\\n nope')\nreturn 1")

    local result = run({ path })

    assert.equal(1, result.code)
    assert.matches("script%.lua:2: [^\n]*nope[^\n]*\n  sql: SELECT nope\n$", result.errors)
  end)

  it("tells a syntax error in one line", function()
    local result = run({ script("x = = 1") })

    assert.equal(1, result.code)
    assert.matches("^dbscript: [^\n]*script%.lua:1: unexpected symbol near '='\n$", result.errors)
  end)

  it("tells a missing script", function()
    local result = run({ folder.path("none.lua") })

    assert.equal(1, result.code)
    assert.matches("^dbscript: cannot open [^\n]*none%.lua[^\n]*\n$", result.errors)
  end)

  it("answers wrong usage with one line and 2", function()
    local result = run({ "--databse", "x" })

    assert.equal(2, result.code)
    assert.equal('dbscript: unknown option "--databse": did you mean "--database"?\n',
      result.errors)
    assert.equal("", result.output)
  end)

  it("refuses -i without a terminal", function()
    local result = run({ "-i" })

    assert.equal(2, result.code)
    assert.equal('dbscript: option "-i" needs a terminal as standard input\n', result.errors)
  end)

  it("shows its version and its help", function()
    assert.matches("^dbscript %d+%.%d+%.%d+ %(Lua 5%.4%.%d+, SQLite 3%.[%d.]+%)\n$",
      run({ "--version" }).output)
    assert.matches("^usage: dbscript ", run({ "--help" }).output)
  end)

  it("gives the exit code that the script chose", function()
    assert.equal(3, run({ "-e", "os.exit(3)" }).code)
  end)

  it("fails when its output cannot be written", function()
    local result = run({ "-e", "print('lost')" }, { output = "/dev/full" })

    assert.equal(1, result.code)
    assert.matches("^dbscript: cannot write to standard output: [^\n]+\n$", result.errors)
  end)

  it("goes quietly when its reader is gone", function()
    local _, _, code = os.execute(("(%s -e 'for i = 1, 1e6 do print(i) end'; echo $? >%s) 2>%s "
      .. "| head -n 1 >/dev/null"):format(
        quote(program), quote(folder.path("code")), quote(folder.path("errors"))))

    assert.equal(0, code)
    assert.equal("141\n", files.read(folder.path("code")))
    assert.equal("", files.read(folder.path("errors")))
  end)

  it("rolls back what a failing script left open", function()
    local path = folder.path("a.db")
    run({ "--database", path, "-e", "db:exec('CREATE TABLE t (a)')" })

    run({ "--database", path, "-e", "db:begin() db:exec('INSERT INTO t VALUES (1)') error('x')" })

    assert.equal("0\n",
      run({ "--database", path, "-e", "print(db:query('SELECT count(*) FROM t'):value())" }).output)
  end)

  it("lets modules written in C find Lua in it", function()
    local result = run({ "-e", "print(pcall(require, 'lfs') or pcall(require, 'term.core') "
      .. "or pcall(require, 'system.core'))" })

    -- busted itself needs one of them, so one is there.
    assert.equal("true\n", result.output)
  end)
end)
