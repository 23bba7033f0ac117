local shell = require("spec.script.shell")

describe("dbscript backup", function()
  local sh = shell.around(before_each, after_each, function(sh)
    sh:sql("a.db", "CREATE TABLE t(a); INSERT INTO t VALUES (1), (2); PRAGMA application_id = 77")
  end)

  it("writes a copy that holds the same", function()
    local result = sh:json("backup", "--database", "a.db", "b.db")

    assert.equal(0, result.code)
    assert.equal("b.db", result.document.backup)
    assert.same({ { a = 1 }, { a = 2 } }, sh:sql("b.db", "SELECT a FROM t ORDER BY a"))
    assert.equal(77, sh:sql("b.db", "PRAGMA application_id")[1].application_id)
  end)

  it("makes a new name when none is given, each time another", function()
    local first = sh:json("backup", "--database", "a.db").document.backup
    local second = sh:json("backup", "--database", "a.db").document.backup

    assert.matches("^a%.db%.backup%-%d+T%d+Z", first)
    assert.not_equal(first, second)
    assert.truthy(sh:read(first) and sh:read(second))
  end)

  it("puts them where the settings say", function()
    sh:write("dbcore.lua", "return { database = 'a.db', backups = 'kept' }")

    assert.matches("^kept/a%.db%.backup%-", sh:json("backup").document.backup)
  end)

  it("does not write over a file unless it is told to", function()
    sh:write("b.db", "mine")

    sh:fails(3, '"b.db" is there already: choose another name or add --force',
      "backup", "--database", "a.db", "b.db")
    assert.equal("mine", sh:read("b.db"))
    assert.equal(0, sh:run("backup", "--database", "a.db", "--force", "b.db").code)
  end)

  it("leaves the journal mode as it is", function()
    sh:run("backup", "--database", "a.db", "b.db")

    assert.equal("delete", sh:sql("a.db", "PRAGMA journal_mode")[1].journal_mode)
  end)
end)

describe("The backups of dbscript push", function()
  local sh = shell.around(before_each, after_each, function(sh)
    sh:sql("a.db", "CREATE TABLE t(id INTEGER PRIMARY KEY, c0); INSERT INTO t VALUES (1, 2)")
  end)

  -- Pushes a schema that loses a column, `count` times; each time another column comes instead.
  local function push(count)
    for i = 1, count do
      sh:write("s.sql", ("CREATE TABLE t(id INTEGER PRIMARY KEY, c%d CHECK(c%d <> 0));")
        :format(i, i))
      local result = sh:run("push", "--schema", "s.sql", "--allow-loss")
      assert.equal("", result.errors)
    end
  end

  local function names(pattern)
    local list = {}
    for name in sh:line("ls").output:gmatch("[^\n]+") do
      list[#list + 1] = name:find(pattern) and name or nil
    end
    return list
  end

  it("are pruned to the number of the settings, the newest of them", function()
    sh:write("dbcore.lua", "return { database = 'a.db', keep = 2 }")
    push(4)

    local kept = names("^a%.db%.before%-push%-%d+T%d+Z%-?%d*$")

    assert.equal(2, #kept)
    local columns = {}
    for i, name in ipairs(kept) do
      columns[i] = sh:sql(name, "SELECT name FROM pragma_table_info('t') WHERE cid = 1")[1].name
    end
    table.sort(columns)
    assert.same({ "c2", "c3" }, columns)
  end)

  it("are five when the settings do not say", function()
    sh:write("dbcore.lua", "return { database = 'a.db' }")
    push(7)

    assert.equal(5, #names("^a%.db%.before%-push%-"))
  end)

  it("leave those that somebody asked for", function()
    sh:write("dbcore.lua", "return { database = 'a.db', keep = 0 }")
    sh:run("backup")
    sh:write("a.db.before-push-notes", "mine")
    push(2)

    assert.equal(1, #names("^a%.db%.backup%-"))
    assert.same({ "a.db.before-push-notes" }, names("^a%.db%.before%-push%-"))
  end)
end)

describe("dbscript restore", function()
  local sh = shell.around(before_each, after_each, function(sh)
    sh:sql("a.db", "PRAGMA application_id = 77; CREATE TABLE t(a); INSERT INTO t VALUES (1), (2)")
    sh:run("backup", "--database", "a.db", "b.db")
    sh:sql("a.db", "DELETE FROM t")
  end)

  local function count(name)
    return sh:sql(name or "a.db", "SELECT count(*) AS n FROM t")[1].n
  end

  it("brings the rows back", function()
    local result = sh:run("restore", "--database", "a.db", "b.db")

    assert.equal("", result.errors)
    assert.equal(0, result.code)
    assert.equal(2, count())
  end)

  it("asks before another schema, and in a pipe refuses", function()
    sh:sql("a.db", "CREATE TABLE u(a)")

    sh:fails(3, 'the schema of "b.db" is not that of "a.db": add --yes if that is '
      .. "meant", "restore", "--database", "a.db", "b.db")
    assert.equal(0, count())
    assert.equal(0, sh:run("restore", "--database", "a.db", "b.db", "--yes").code)
    assert.equal(2, count())
  end)

  it("refuses what another application wrote", function()
    sh:sql("b.db", "PRAGMA application_id = 78;")

    local result = sh:run("restore", "--database", "a.db", "b.db", "--yes")

    assert.equal(3, result.code)
    assert.matches("is of another application: its id is 78, that of \"a.db\" 77", result.errors, 1,
      true)
    assert.equal(0, count())
  end)

  it("refuses what is no database, and what is not there", function()
    sh:write("b.db", ("x"):rep(5000))

    assert.equal(1, sh:run("restore", "--database", "a.db", "b.db").code)
    assert.equal('dbscript: there is no backup "c.db"\n',
      sh:run("restore", "--database", "a.db", "c.db").errors)
    assert.equal(0, count())
  end)

  it("refuses while another program has the database open", function()
    local result = sh:line(([[
      mkfifo go on; exec 3<>go # a writer that never waits for a reader
      %s --database a.db -e "print(1) io.stdout:flush() io.open('go'):read()" >on &
      read -r _ <on
      %s restore --database a.db b.db
      code=$?
      echo >&3
      wait
      exit $code]]):format(shell.program, shell.program))

    assert.equal(4, result.code)
    assert.matches("is open in dbscript %(pid %d+", result.errors)
    assert.equal(0, count())
  end)

  it("replaces a database that is broken, and what lies beside it", function()
    sh:write("a.db", ("broken"):rep(1000))
    sh:write("a.db-wal", "old")

    local result = sh:json("restore", "--database", "a.db", "b.db")

    assert.equal(0, result.code)
    assert.equal("file", result.document.replaced)
    assert.is_nil(sh:read("a.db-wal"))
    assert.equal(2, count())
  end)

  it("replaces one with pages of another size", function()
    sh:sql("c.db", "PRAGMA page_size = 1024; PRAGMA application_id = 77; CREATE TABLE t(a)")

    assert.equal(0, sh:run("restore", "--database", "c.db", "b.db").code)
    assert.equal(2, count("c.db"))
  end)

  it("makes the database when there is none", function()
    assert.equal(0, sh:run("restore", "--database", "new.db", "b.db").code)
    assert.equal(2, count("new.db"))
  end)
end)
