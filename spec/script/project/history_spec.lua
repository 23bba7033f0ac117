local shell = require("spec.script.shell")

local FIRST = "CREATE TABLE a(id INTEGER PRIMARY KEY);\n"
local SECOND = "CREATE TABLE b(\n  id INTEGER PRIMARY KEY,\n  n TEXT\n);\n"
local THIRD = "CREATE TABLE c(id INTEGER PRIMARY KEY);\n"

describe("A history that does not fit", function()
  local sh = shell.around(before_each, after_each, function(sh)
    sh:write("dbcore.lua", "return { database = 'app.db' }")
    sh:write("migrations/0001_a.sql", FIRST)
    sh:write("migrations/0003_b.sql", SECOND)
    assert.equal(0, sh:run("migrate").code)
  end)

  local function tables()
    return sh:sql("app.db", "SELECT count(*) AS n FROM sqlite_schema WHERE type = 'table' "
      .. "AND name IN ('a', 'b', 'c')")[1].n
  end

  it("shows what was edited in a file as a unified diff (H2)", function()
    sh:write("migrations/0003_b.sql", (SECOND:gsub("n TEXT", "n INTEGER,\n  m")))
    sh:write("migrations/0004_c.sql", THIRD)

    for _, name in ipairs({ "migrate", "rollback", "status", "verify" }) do
      local result = sh:run(name)
      assert.equal(5, result.code, name)
      assert.matches(table.concat({ "--- 0003_b (applied)", "    +++ migrations/0003_b.sql",
        "    @@ -1,4 +1,5 @@", "     CREATE TABLE b(", "       id INTEGER PRIMARY KEY,",
        "    -  n TEXT", "    +  n INTEGER,", "    +  m", "     );" }, "\n"), result.output, 1,
        true)
      assert.matches("dbscript repair --force", result.errors .. result.output, 1, true)
    end
    assert.equal(2, tables())
  end)

  it("gives the diff as a field of JSON", function()
    sh:write("migrations/0003_b.sql", (SECOND:gsub("TEXT", "BLOB")))

    local result = sh:json("migrate")

    assert.equal(5, result.code)
    assert.equal("drift", result.document.error.code)
    assert.equal("H2", result.document.problems[1].code)
    assert.matches("\n-  n TEXT\n+  n BLOB\n", result.document.problems[1].diff, 1, true)
  end)

  it("has no diff when only line ends and remarks differ", function()
    sh:write("migrations/0003_b.sql", "-- why\r\n" .. SECOND:gsub("\n", "\r\n"))

    assert.equal(0, sh:run("migrate").code)
    assert.equal(0, sh:run("status").code)
  end)

  it("refuses what comes before an applied one, and says what lets it in (H1)", function()
    sh:write("migrations/0002_c.sql", THIRD)

    local result = sh:run("migrate")

    assert.equal(5, result.code)
    assert.matches("0002_c comes before a migration that is applied already: [^\n]*"
      .. "dbscript migrate %-%-allow%-out%-of%-order\n$", result.errors)
    assert.equal(2, tables())
    assert.equal(0, sh:run("migrate", "--allow-out-of-order").code)
    assert.equal(3, tables())
  end)

  it("refuses when the file of an applied one is gone (H3)", function()
    sh:line("rm migrations/0001_a.sql")

    local result = sh:run("migrate")

    assert.equal(5, result.code)
    assert.matches("0001_a is applied, but there is no such file: [^\n]*dbscript repair %-%-force",
      result.errors)
  end)

  it("refuses two heads, and says what joins them (H4)", function()
    sh:write("migrations/0004_c.sql", THIRD)
    sh:write("migrations/0004_d.sql", "CREATE TABLE d(id INTEGER PRIMARY KEY);")

    for _, name in ipairs({ "migrate", "status" }) do
      local result = sh:run(name)
      assert.equal(5, result.code, name)
      assert.matches("^dbscript: the history has two heads, 0004_c and 0004_d: [^\n]*"
        .. "dbscript merge[^\n]*\n$", result.errors)
    end
    assert.equal(2, tables())
    assert.equal(0, sh:run("merge").code)
    assert.equal(0, sh:run("migrate").code)
    assert.equal(3, tables())
  end)

  it("is found by lint, each by its code", function()
    local function codes()
      local found = {}
      for _, one in ipairs(sh:json("lint", "--schema", "s.sql").document.findings) do
        found[one.code] = one
      end
      return found
    end
    sh:write("s.sql", FIRST .. SECOND)
    local silent = codes()
    assert.same({ nil, nil, nil, nil }, { silent.H1, silent.H2, silent.H3, silent.H4 })

    sh:write("migrations/0002_c.sql", THIRD)
    sh:write("migrations/0003_b.sql", (SECOND:gsub("TEXT", "BLOB")))
    sh:line("rm migrations/0001_a.sql")
    local found = codes()
    assert.truthy(found.H1 and found.H2 and found.H3)
    assert.truthy(found.H2.diff)

    sh:write("migrations/0002_d.sql", THIRD)
    assert.truthy(codes().H4)
  end)
end)
