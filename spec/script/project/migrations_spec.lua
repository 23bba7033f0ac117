local shell = require("spec.script.shell")

local FIRST = [[
  local d = require "dbcore"
  return d.schema {
    d.table("users", { d.integer "id" :primary_key(), d.text "mail" :not_null(), d.text "old" }),
  }
]]

local SECOND = [[
  local d = require "dbcore"
  return d.schema {
    d.table("users", { d.integer "id" :primary_key(), d.text "email" :not_null(),
      d.integer "age" }),
  }
]]

describe("The commands around migrations", function()
  local sh = shell.around(before_each, after_each, function(sh)
    sh:run("init")
    sh:write("schema.lua", FIRST)
  end)

  it("lead from a schema to a migration to a database and back", function()
    assert.equal(6, sh:run("generate", "--check").code)
    assert.equal("migrations/0001_first.lua", sh:json("generate", "first").document.path)
    assert.equal(0, sh:run("generate", "--check").code)

    local result = sh:json("migrate")
    assert.equal("", result.errors)
    assert.same({ "0001_first" }, result.document.applied)
    assert.equal(0, sh:run("migrate", "--check").code)
    assert.equal(0, sh:run("verify").code)

    local status = sh:json("status").document
    assert.equal(1, status.applied)
    assert.equal("applied", status.entries[1].state)

    assert.same({ "0001_first" }, sh:json("rollback").document.reverted)
    assert.equal(6, sh:run("migrate", "--check").code)
    assert.same({}, sh:json("rollback").document.reverted)
  end)

  it("refuse in a pipe what may be a rename, and take the answer as an option", function()
    sh:run("generate", "first")
    sh:run("migrate")
    sh:sql("app.db", "INSERT INTO users VALUES (1, 'a@b', 'x')")
    sh:write("schema.lua", SECOND)

    local refused = sh:run("push")
    assert.equal(3, refused.code)
    assert.matches("^dbscript: [^\n]*looks like a rename[^\n]*%-%-rename users%.mail=email",
      refused.errors)
    assert.equal("a@b", sh:sql("app.db", "SELECT mail FROM users")[1].mail)

    local done = sh:run("push", "--rename", "users.mail=email", "--allow-loss=users.old")
    assert.equal("", done.errors)
    assert.equal(0, done.code)
    assert.equal("a@b", sh:sql("app.db", "SELECT email FROM users")[1].email)
    assert.matches("nothing to do", sh:run("push").output, 1, true)
  end)

  it("exit with 5 when a file was edited after it had been applied", function()
    sh:run("generate", "first")
    sh:run("migrate")
    local text = sh:read("migrations/0001_first.lua")

    sh:write("migrations/0001_first.lua", "-- only a remark\n" .. text)
    assert.equal(0, sh:run("status").code)

    sh:write("migrations/0001_first.lua", (text:gsub("mail", "post")))
    local result = sh:json("status")
    assert.equal(5, result.code)
    assert.equal("H2", result.document.problems[1].code)
    assert.equal(5, sh:run("migrate").code)
    assert.equal(3, sh:run("repair").code)
    assert.equal(0, sh:run("repair", "--force").code)
    assert.equal(0, sh:run("status").code)
  end)

  it("mark, squash and show what is due without doing it", function()
    sh:run("generate", "first")
    local plan = sh:json("migrate", "--dry-run", "--database", ":memory:")
    assert.equal("0001_first", plan.document.steps[1].id)

    sh:run("push")
    assert.same({ "0001_first" }, sh:json("baseline").document.marked)
    assert.matches("nothing to do", sh:run("squash").output, 1, true)
    assert.matches("nothing to do", sh:run("merge").output, 1, true)
  end)

  it("say in a pipe which rows a new migration may stop at, and what to write", function()
    sh:run("generate", "first")
    sh:run("migrate")
    sh:sql("app.db", "INSERT INTO users VALUES (1, 'a@b', 'x')")
    sh:write("schema.lua", (FIRST:gsub('d%.text "old"', '%0, d.integer "age" :not_null()')))

    local result = sh:run("generate", "second")

    assert.equal(0, result.code)
    assert.matches('column "age" of "users" is new and NOT NULL: rows without a value there stop '
      .. "the migration: --backfill users.age=SQL gives these rows a value\n", result.output, 1,
      true)
    sh:fails(3, '0002_second: column "age" of "users" is new, NOT NULL and without a value for 1 '
      .. "row, for example row 1: say in the migration what they get, by a backfill of users.age",
      "migrate")
    sh:line("rm migrations/0002*")
    assert.equal(0, sh:run("generate", "second", "--backfill", "users.age=7").code)
    assert.equal(0, sh:run("migrate").code)
    assert.equal(7, sh:sql("app.db", "SELECT age FROM users")[1].age)
  end)

  it("say which number an option takes", function()
    sh:fails(2, '--keep takes a whole number from 0, got "x": dbscript migrate --help shows how it '
      .. "is used", "migrate", "--keep", "x")
    assert.equal(2, sh:run("migrate", "--lock-timeout", "-1").code)
    assert.equal(2, sh:run("seed", "--seed", "1.5").code)
  end)

  it("draw nothing in a pipe, however long they work", function()
    sh:sql("app.db", "CREATE TABLE t(id INTEGER PRIMARY KEY, a); INSERT INTO t(a) "
      .. "WITH RECURSIVE c(i) AS (VALUES(1) UNION ALL SELECT i + 1 FROM c WHERE i < 300) "
      .. "SELECT i FROM c")
    sh:write("s.sql", "CREATE TABLE t(id INTEGER PRIMARY KEY, a NOT NULL);")

    local result = sh:run("push", "--schema", "s.sql", "--no-backup", "--copy",
      "t.a=(WITH RECURSIVE c(i) AS (VALUES(t.id) UNION ALL SELECT i + 1 FROM c WHERE i < 20000) "
      .. "SELECT count(*) FROM c)")

    assert.equal("", result.errors)
    assert.equal('column "a" of "t" becomes NOT NULL\ndone\n', result.output)
  end)

  it("answer wrong usage with 2", function()
    for _, words in ipairs({ { "push", "--rename", "x" }, { "push", "--backfill", "a=1" },
      { "push", "--allow-loss=a.b=c" }, { "rollback", "0" }, { "push", "--rename-index", "=x" },
    }) do
      assert.equal(2, sh:run(table.unpack(words)).code, table.concat(words, " "))
    end
    assert.equal(1, sh:run("migrate", "--migrations", "none").code)
  end)

  it("exit with 4 when another process holds the lock", function()
    sh:run("generate", "first")
    sh:run("migrate")
    sh:write("schema.lua", SECOND)
    sh:run("generate", "second", "--rename", "users.mail=email", "--allow-loss")

    local result = sh:line(([[
      mkfifo go on; exec 3<>go # a writer that never waits for a reader
      %s --database app.db -e "db:begin() print(1) io.stdout:flush() io.open('go'):read()" >on &
      read -r _ <on
      %s migrate --lock-timeout 0.1
      code=$?
      echo >&3
      wait
      exit $code]]):format(shell.program, shell.program))

    assert.equal(4, result.code)
  end)
end)

describe("dbscript pull", function()
  local sh = shell.around(before_each, after_each)

  it("writes a schema whose push is empty, whatever the database holds", function()
    sh:sql("a.db", [[
      CREATE TABLE t(id integer primary key autoincrement, a varchar(20) collate nocase,
        b text default (1+1), c check(c > 0), d datetime default CURRENT_TIMESTAMP,
        e constraint why not null, unique(a, b) on conflict ignore);
      CREATE TABLE "odd "" name"("select" int null, x blob default x'00');
      CREATE UNIQUE INDEX i ON t(a DESC) WHERE b IS NOT NULL;
      CREATE TRIGGER tr AFTER INSERT ON t BEGIN SELECT ';'; END;
      CREATE VIEW v AS SELECT * FROM t;
      CREATE VIRTUAL TABLE f USING fts5(a, content='t', content_rowid='id');
      CREATE TABLE plain(id INTEGER PRIMARY KEY, t INTEGER REFERENCES t(id) ON DELETE NO ACTION);
    ]])

    local result = sh:json("pull", "--database", "a.db")

    assert.equal("", result.errors)
    assert.equal(1, result.document.tables)
    assert.matches("nothing to do", sh:run("push", "--database", "a.db").output, 1, true)
  end)

  it("tells of a view that does not work", function()
    sh:sql("a.db", "CREATE TABLE t(id INTEGER PRIMARY KEY); CREATE VIEW v AS SELECT a FROM gone")

    local result = sh:run("pull", "--database", "a.db", "-o", "s.lua")

    assert.equal(0, result.code)
    assert.matches('the view "v" cannot be read: no such table: main.gone: write it anew over what '
      .. "is there\n", result.output, 1, true)
  end)

  it("writes SQL into a file that is to hold SQL", function()
    local text = "CREATE TABLE t(a INTEGER PRIMARY KEY, b -- why\n);\n"
      .. "CREATE TABLE u(x, t REFERENCES t(a));\n"
      .. "CREATE TRIGGER tr AFTER INSERT ON t BEGIN SELECT ';'; END;\n"
      .. "CREATE VIEW v AS SELECT b FROM t;\n"
    sh:sql("a.db", text)

    local result = sh:json("pull", "--database", "a.db", "-o", "s.sql")

    assert.equal(2, result.document.tables)
    assert.equal(2, result.document.definitions)
    assert.equal("-- Written by dbscript pull.\n" .. text, sh:read("s.sql"))
    assert.matches("nothing to do",
      sh:run("push", "--database", "a.db", "--schema", "s.sql").output, 1, true)
  end)

  it("does not write over a schema unless it is told to", function()
    sh:sql("a.db", "CREATE TABLE t(a)")
    sh:write("schema.lua", "-- mine")

    assert.equal(3, sh:run("pull", "--database", "a.db").code)
    assert.equal("-- mine", sh:read("schema.lua"))
    assert.equal(0, sh:run("pull", "--database", "a.db", "--force").code)
  end)
end)

describe("dbscript lint", function()
  local sh = shell.around(before_each, after_each)

  local function codes(text, ...)
    sh:write("s.sql", text)
    local result, list = sh:json("lint", "--schema", "s.sql", "--level", "note", ...), {}
    for i, finding in ipairs(result.document.findings) do
      list[i] = finding.code
    end
    return table.concat(list, " "), result
  end

  it("knows the mistakes of a schema by their codes", function()
    local cases = {
      ["CREATE TABLE a(x, y REFERENCES b(z)); CREATE TABLE b(id INTEGER PRIMARY KEY, z)"]
        = "S1 S3 S9",
      ["CREATE TABLE a(id INTEGER PRIMARY KEY REFERENCES gone)"] = "S2",
      ["CREATE TABLE a(id INTEGER PRIMARY KEY AUTOINCREMENT)"] = "S8",
      ["CREATE TABLE a(id INTEGER PRIMARY KEY, x, y); CREATE INDEX i ON a(x);"
        .. "CREATE INDEX j ON a(x, y)"] = "S10",
      ["CREATE TABLE a(id INTEGER PRIMARY KEY, t DEFAULT (datetime('now')))"] = "S12",
      ["CREATE TABLE a_b(id INTEGER PRIMARY KEY); CREATE TABLE axb(id INTEGER PRIMARY KEY)"]
        = "S11",
      ["CREATE TABLE a(id INTEGER PRIMARY KEY)"] = "",
    }
    for text, wanted in pairs(cases) do
      assert.equal(wanted, (codes(text)), text)
    end
  end)

  it("says where, and is silenced by a comment", function()
    local _, result = codes("-- first\nCREATE TABLE a(x);")
    assert.equal(1, result.code)
    assert.equal("s.sql", result.document.findings[1].path)
    assert.equal(2, result.document.findings[1].line)

    assert.equal("", (codes("-- dbscript: off S9 a\nCREATE TABLE a(x);")))
    assert.equal("S9", (codes("-- dbscript: off S9 b\nCREATE TABLE a(x);")))
  end)

  it("tells what the way of a database to the schema would lose", function()
    sh:sql("a.db", "CREATE TABLE t(id INTEGER PRIMARY KEY, a); INSERT INTO t VALUES (1, 2)")

    assert.equal("D2", (codes("CREATE TABLE t(id INTEGER PRIMARY KEY);", "--database", "a.db")))
  end)

  it("checks names by the patterns of the settings", function()
    sh:write("dbcore.lua", "return { lint = { naming = { table = '^[a-z_]+$' } } }")

    assert.equal("N1", (codes('CREATE TABLE "Big"(id INTEGER PRIMARY KEY);')))
  end)
end)
