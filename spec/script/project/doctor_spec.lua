local shell = require("spec.script.shell")

describe("dbscript doctor", function()
  local sh = shell.around(before_each, after_each, function(sh)
    sh:sql("a.db", [[
      CREATE TABLE p(id INTEGER PRIMARY KEY, n);
      CREATE TABLE c(id INTEGER PRIMARY KEY, p REFERENCES p(id), q);
    ]])
  end)

  -- The lines of one check that are not "ok".
  local function findings(about, ...)
    local result = sh:json("doctor", "--database", "a.db", ...)
    local found = {}
    for _, one in ipairs(result.document.checks) do
      if one.check == about and one.level ~= "ok" then
        found[#found + 1] = one
      end
    end
    return found, result
  end

  it("finds a sound file sound and changes nothing in it", function()
    local before = sh:read("a.db")

    local result = sh:run("doctor", "--database", "a.db")

    assert.equal("", result.errors)
    assert.equal(0, result.code)
    assert.matches("ok       integrity     every page and every index is sound", result.output, 1,
      true)
    assert.matches("\n0 problems, %d notes?\n$", result.output)
    assert.equal(before, sh:read("a.db"))
  end)

  it("counts the rows that point to nothing", function()
    sh:sql("a.db", "INSERT INTO c VALUES (1, 9, 0), (2, 9, 0), (3, NULL, 0)")

    local found, result = findings("foreign keys")

    assert.equal(1, result.code)
    assert.equal(1, #found)
    assert.equal('2 rows of "c" point to rows of "p" that are not there, such as row 1',
      found[1].message)
  end)

  it("names the index that a foreign key lacks, with the statement that makes it", function()
    local found = findings("indexes")

    assert.equal(1, #found)
    assert.equal('CREATE INDEX "c_p" ON "c" ("p")', found[1].fix)

    sh:sql("a.db", found[1].fix)
    assert.same({}, (findings("indexes")))
  end)

  it("names indexes that others make needless", function()
    sh:sql("a.db", "CREATE INDEX a ON c(p); CREATE INDEX b ON c(p, q); CREATE INDEX x ON c(q);"
      .. "CREATE INDEX y ON c(q); CREATE INDEX z ON c(q DESC); CREATE INDEX w ON c(q) WHERE q > 1")

    local found = findings("indexes")

    assert.equal(2, #found)
    assert.equal('the index "a" of "c" is needless beside "b"', found[1].message)
    assert.equal('the index "y" of "c" is needless beside "x"', found[2].message)
  end)

  it("says when statistics are missing or no longer fit", function()
    assert.equal("there are none: the planner guesses", findings("statistics")[1].message)

    sh:sql("a.db", "CREATE INDEX n ON p(n); INSERT INTO p VALUES (1, 1); ANALYZE")
    assert.same({}, (findings("statistics")))

    sh:sql("a.db", "WITH RECURSIVE i(x) AS (SELECT 2 UNION ALL SELECT x + 1 FROM i WHERE x < 50) "
      .. "INSERT INTO p SELECT x, x FROM i")
    assert.equal('"p" had 1 row when its statistics were made, now it has 50',
      findings("statistics")[1].message)
  end)

  it("finds damage", function()
    sh:sql("a.db", "CREATE INDEX n ON p(n); INSERT INTO p VALUES (1, 1)")
    local page = sh:sql("a.db", "SELECT rootpage AS r FROM sqlite_schema WHERE name = 'n'")[1].r
    local bytes = sh:read("a.db")
    local at = (page - 1) * 4096
    sh:write("a.db", bytes:sub(1, at) .. ("\255"):rep(64) .. bytes:sub(at + 65))

    local found, result = findings("integrity")

    assert.equal(1, result.code)
    assert.is_true(#found > 0)
    assert.equal("restore a backup: dbscript restore FILE", found[1].fix)
  end)

  it("says of a file that is no database that it is none", function()
    sh:write("b.db", ("no database"):rep(100))

    local result = sh:run("doctor", "--database", "b.db")

    assert.equal(1, result.code)
    assert.matches("problem  integrity     \"b.db\" is not a SQLite database", result.output,
      1, true)
  end)

  it("tells which process has it open and holds a lock", function()
    local has_proc = io.open("/proc/self/stat")
    if not has_proc then
      return pending("this system has no /proc")
    end
    has_proc:close()

    local result = sh:line(([[
      mkfifo go on; exec 3<>go # a writer that never waits for a reader
      %s --database a.db -e "db:begin() print(1) io.stdout:flush() io.open('go'):read()" >on &
      read -r _ <on
      %s doctor --database a.db --json
      echo >&3
      wait]]):format(shell.program, shell.program))

    local holders = require("dbcore.native").decode_json(result.output).holders
    assert.equal(1, #holders)
    assert.equal("dbscript", holders[1].name)
    assert.equal("write", holders[1].lock)
  end)

  it("finds what a killed program left", function()
    sh:write("a.db.part-AbC123", "half")
    sh:write("a.db.notes", "mine")

    local found = findings("leftovers")

    assert.equal(1, #found)
    assert.matches("a.db.part-AbC123", found[1].message, 1, true)
  end)

  it("minds who may write", function()
    sh:line("chmod o+w a.db")

    local found, result = findings("permissions")

    assert.equal(1, result.code)
    assert.equal('everybody may write to "a.db"', found[1].message)
  end)

  it("says when there is no database", function()
    sh:fails(1, 'there is no database "none.db": dbscript migrate or push makes it',
      "doctor", "--database", "none.db")
    assert.equal(2, sh:run("doctor").code)
  end)
end)
