-- A database that was changed by hand: every command says what differs and which command mends it.
local shell = require("spec.script.shell")

local MENDS = "dbscript repair --undo takes it back, --adopt NAME makes it a migration, --accept "
  .. "leaves it as it is; --drift shows the SQL"

describe("A database that was changed by hand", function()
  local sh = shell.around(before_each, after_each, function(sh)
    sh:write("dbcore.lua", "return { database = 'app.db', ignore = { 'tmp_*' } }")
    sh:write("migrations/0001_a.sql", "CREATE TABLE a(id INTEGER PRIMARY KEY, n TEXT);\n"
      .. "-- down\nDROP TABLE a;\n")
    sh:write("migrations/0002_b.sql", "CREATE TABLE b(id INTEGER PRIMARY KEY);\n")
    assert.equal(0, sh:run("migrate", "--to", "1").code)
    sh:sql("app.db", "CREATE INDEX by_hand ON a(n); ALTER TABLE a ADD COLUMN extra TEXT; "
      .. "INSERT INTO a VALUES (1, 'x', 'y');")
  end)

  local function columns()
    return sh:sql("app.db", "SELECT group_concat(name) AS names FROM pragma_table_info('a')")[1]
      .names
  end

  it("is told by status, with what differs", function()
    local result = sh:run("status")

    assert.equal(5, result.code)
    assert.matches('column "extra" is added to "a"\n', result.output, 1, true)
    assert.matches('index "by_hand" is added\n    ' .. MENDS .. "\n", result.output, 1, true)
    local document = sh:json("status").document
    assert.equal("H7", document.problems[1].code)
    assert.equal("column_added", document.problems[1].difference.kind)
  end)

  it("stops migrate, rollback and verify with the same words", function()
    for _, name in ipairs { "migrate", "rollback", "verify" } do
      local result = sh:run(name)

      assert.equal(5, result.code, name)
      assert.matches('column "extra" is added to "a"', result.output, 1, true)
      assert.matches(MENDS, result.errors .. result.output, 1, true)
    end
    assert.equal(0, sh:run("migrate", "--no-drift-check").code)
  end)

  it("is shown by repair, which without an option does nothing about it", function()
    local result = sh:run("repair")

    assert.equal(5, result.code)
    assert.equal('dbscript: the database was changed since its last migration: column "extra" is '
      .. 'added to "a": ' .. MENDS .. "\n", result.errors)
    assert.equal("id,n,extra", columns())
    assert.matches('  undo: DROP INDEX "by_hand"', sh:run("repair", "--drift").output, 1, true)
  end)

  it("is undone when what was put in may go", function()
    local refused = sh:run("repair", "--undo")

    assert.equal(3, refused.code)
    assert.equal('dbscript: column "extra" of "a" would be dropped with 1 value: --allow-loss '
      .. "a.extra lets it go, --rename a.extra=COLUMN says what it was renamed to\n",
      refused.errors)
    assert.equal("id,n,extra", columns())
    assert.equal(0, sh:run("repair", "--undo", "--allow-loss", "a.extra").code)
    assert.equal("id,n", columns())
    assert.equal(0, sh:run("migrate").code)
  end)

  it("is taken as it is, or becomes a migration", function()
    assert.equal(0, sh:run("repair", "--accept").code)
    assert.equal(0, sh:run("status").code)

    sh:sql("app.db", "CREATE TABLE c(x);")
    sh:line("rm migrations/0002_b.sql")
    assert.equal("migrations/0002_c.lua", sh:json("repair", "--adopt", "c").document.path)
    assert.equal(0, sh:run("status").code)
  end)

  it("may have what the settings ignore", function()
    sh:run("repair", "--accept")
    sh:sql("app.db", "CREATE TABLE tmp_mine(x); INSERT INTO tmp_mine VALUES (7);")

    assert.equal(0, sh:run("status").code)
    assert.equal(0, sh:run("repair", "--undo").code)
    assert.equal(7, sh:sql("app.db", "SELECT x FROM tmp_mine")[1].x)
  end)
end)

describe("dbscript baseline", function()
  local sh = shell.around(before_each, after_each, function(sh)
    sh:write("dbcore.lua", "return { database = 'app.db' }")
    sh:write("migrations/0001_a.sql", "CREATE TABLE a(id INTEGER PRIMARY KEY, n TEXT);\n")
    sh:sql("app.db", "CREATE TABLE a(id INTEGER PRIMARY KEY); CREATE TABLE more(x);")
  end)

  it("shows all that differs, and marks nothing", function()
    local result = sh:run("baseline")

    assert.equal(5, result.code)
    assert.equal('column "n" of "a" goes\ntable "more" is added\n', result.output)
    assert.equal("dbscript: the database is not what the migrations lead to, it has 2 differences: "
      .. "change the one or the others, or mark them all the same with dbscript baseline --force\n",
      result.errors)
    assert.equal(2, #sh:json("baseline").document.differences)
    assert.equal(0, sh:json("status").document.applied)
  end)

  it("shows in a dry run what it would mark", function()
    assert.same({ "0001_a" }, sh:json("baseline", "--force", "--dry-run").document.marked)
    assert.equal("to be marked  0001_a\n", sh:run("baseline", "--force", "--dry-run").output)
    assert.equal(0, sh:json("status").document.applied)
  end)

  it("marks them all the same when it is told to", function()
    assert.same({ "0001_a" }, sh:json("baseline", "--force").document.marked)
    assert.equal(1, sh:json("status").document.applied)
  end)
end)

describe("dbscript merge", function()
  local sh = shell.around(before_each, after_each, function(sh)
    sh:write("dbcore.lua", "return { database = 'app.db' }")
    sh:write("migrations/0001_a.sql", "CREATE TABLE a(x);\n")
    sh:write("migrations/0001_b.sql", "CREATE TABLE b(x);\n")
  end)

  it("joins three heads", function()
    sh:write("migrations/0001_c.sql", "CREATE TABLE c(x);\n")

    assert.equal("dbscript: the history has 3 heads, 0001_a, 0001_b and 0001_c: join them with "
      .. "dbscript merge, or give all but one of them a later version\n", sh:run("status").errors)
    assert.same({ "0001_a", "0001_b", "0001_c" }, sh:json("merge").document.heads)
    assert.equal(0, sh:run("migrate").code)
  end)

  it("says which heads do not go together, and what to do", function()
    sh:write("migrations/0001_c.sql", "ALTER TABLE a ADD COLUMN y;\n")

    local result = sh:run("merge")

    assert.equal(1, result.code)
    assert.equal("dbscript: the heads cannot be merged: with 0001_c before the others, 0001_c, "
      .. "line 1: no such table: a\n", result.errors)
    assert.is_nil(sh:read("migrations/0002_merge.sql"))
  end)
end)
