local shell = require("spec.script.shell")

describe("dbscript lint", function()
  local sh = shell.around(before_each, after_each)

  -- The findings of a schema in SQL: by their codes, and all.
  local function lint(text, ...)
    sh:write("s.sql", text)
    local result, by_code = sh:json("lint", "--schema", "s.sql", "--level", "note", ...), {}
    assert.equal("", result.errors)
    for _, finding in ipairs(result.document.findings) do
      by_code[finding.code] = finding
    end
    return by_code, result
  end

  -- For each code a schema that has it, and one that is right.
  local SCHEMAS = {
    S1 = { "CREATE TABLE p(id INTEGER PRIMARY KEY, n); "
      .. "CREATE TABLE c(id INTEGER PRIMARY KEY, n REFERENCES p(n)); CREATE INDEX i ON c(n)",
      "CREATE TABLE p(id INTEGER PRIMARY KEY, n UNIQUE); "
      .. "CREATE TABLE c(id INTEGER PRIMARY KEY, n REFERENCES p(n)); CREATE INDEX i ON c(n)" },
    S2 = { "CREATE TABLE c(id INTEGER PRIMARY KEY, n REFERENCES gone(id)); CREATE INDEX i ON c(n)",
      "CREATE TABLE gone(id INTEGER PRIMARY KEY); "
      .. "CREATE TABLE c(id INTEGER PRIMARY KEY, n REFERENCES gone(id)); CREATE INDEX i ON c(n)" },
    S3 = { "CREATE TABLE c(id INTEGER PRIMARY KEY, up REFERENCES c(id))",
      "CREATE TABLE c(id INTEGER PRIMARY KEY, up REFERENCES c(id)); CREATE INDEX i ON c(up)" },
    S4 = { "CREATE TABLE t(id INTEGER PRIMARY KEY, a); CREATE VIEW v AS SELECT gone FROM t",
      "CREATE TABLE t(id INTEGER PRIMARY KEY, a); CREATE VIEW v AS SELECT a FROM t" },
    S5 = { "CREATE VIRTUAL TABLE f USING fts5(a, content='gone', content_rowid='id')",
      "CREATE TABLE gone(id INTEGER PRIMARY KEY, a); "
      .. "CREATE VIRTUAL TABLE f USING fts5(a, content='gone', content_rowid='id')" },
    S6 = { "CREATE TABLE t(k TEXT PRIMARY KEY, a); "
      .. "CREATE VIRTUAL TABLE f USING fts5(a, content='t')",
      "CREATE TABLE t(k INTEGER PRIMARY KEY, a); "
      .. "CREATE VIRTUAL TABLE f USING fts5(a, content='t', content_rowid='k')" },
    S7 = { 'CREATE TABLE t(id INTEGER PRIMARY KEY, a DEFAULT "new")',
      "CREATE TABLE t(id INTEGER PRIMARY KEY, a DEFAULT 'new')" },
    S8 = { "CREATE TABLE t(id INTEGER PRIMARY KEY AUTOINCREMENT)",
      "CREATE TABLE t(id INTEGER PRIMARY KEY)" },
    S9 = { "CREATE TABLE t(a)", "CREATE TABLE t(a PRIMARY KEY)" },
    S10 = { "CREATE TABLE t(id INTEGER PRIMARY KEY, a, b); CREATE INDEX i ON t(a); "
      .. "CREATE INDEX j ON t(a, b)",
      "CREATE TABLE t(id INTEGER PRIMARY KEY, a, b); CREATE INDEX i ON t(b); "
      .. "CREATE INDEX j ON t(a, b)" },
    S11 = { "CREATE TABLE a_b(id INTEGER PRIMARY KEY); CREATE TABLE axb(id INTEGER PRIMARY KEY)",
      "CREATE TABLE a_b(id INTEGER PRIMARY KEY); CREATE TABLE axc(id INTEGER PRIMARY KEY)" },
    S12 = { "CREATE TABLE t(id INTEGER PRIMARY KEY, a DEFAULT (datetime('now')))",
      "CREATE TABLE t(id INTEGER PRIMARY KEY, a DEFAULT 0)" },
  }

  for code, pair in pairs(SCHEMAS) do
    it(("finds %s in a schema that has it"):format(code), function()
      local found = lint(pair[1])

      assert.truthy(found[code])
      assert.truthy(#found[code].message > 0 and #found[code].fix > 0)
    end)

    it(("does not find %s in one that has it not"):format(code), function()
      assert.is_nil(lint(pair[2])[code])
    end)
  end

  it("finds names of tables that differ only in the case of letters beyond ASCII", function()
    assert.truthy(lint('CREATE TABLE "café"(id INTEGER PRIMARY KEY); '
      .. 'CREATE TABLE "cafÉ"(id INTEGER PRIMARY KEY)').S11)
    assert.is_nil(lint('CREATE TABLE "café"(id INTEGER PRIMARY KEY); '
      .. 'CREATE TABLE "cafè"(id INTEGER PRIMARY KEY)').S11)
  end)

  it("finds texts in double quotes wherever SQLite takes them for columns", function()
    local by_code, result = lint('CREATE TABLE t(id INTEGER PRIMARY KEY, a CHECK(a <> "no")); '
      .. 'CREATE INDEX i ON t(a) WHERE a <> "none"; CREATE VIEW v AS SELECT "text" AS x FROM t; '
      .. 'CREATE TRIGGER g AFTER INSERT ON t BEGIN UPDATE t SET a = "new" WHERE id = 1; END;')

    local found = {}
    for _, finding in ipairs(result.document.findings) do
      found[finding.message:match('^the %a+ "%a+" has "(%a+)" in double quotes')] = true
    end
    assert.same({ no = true, none = true, text = true, new = true }, found)
    assert.is_nil(by_code.S4)
  end)

  it("finds columns that a full-text index covers and its table lacks, and takes views", function()
    local table_sql = "CREATE TABLE t(id INTEGER PRIMARY KEY, a);"
    local gone = lint(table_sql
      .. "CREATE VIRTUAL TABLE f USING fts5(a, b, content='t', content_rowid='id');")
    local view = lint(table_sql .. "CREATE VIEW v AS SELECT id, a FROM t;"
      .. "CREATE VIRTUAL TABLE f USING fts5(a, content='v', content_rowid='id');")

    assert.matches('covers "b" of "t"', gone.S5.message, 1, true)
    assert.same({}, view)
  end)

  it("tells a mistake of the schema once, with a database too", function()
    sh:sql("a.db", "CREATE TABLE c(id INTEGER PRIMARY KEY)")
    local _, result = lint("CREATE TABLE c(id INTEGER PRIMARY KEY, n REFERENCES gone(id)); "
      .. "CREATE INDEX i ON c(n); CREATE VIEW v AS SELECT gone FROM c;", "--database", "a.db")

    assert.equal(2, #result.document.findings)
  end)

  it("calls a default computed unless it is one value", function()
    for default, is_computed in pairs({ CURRENT_TIMESTAMP = true, ["(1 + 2)"] = true,
      ["('a' || 'b')"] = true, ["-1.5e3"] = false, ["'it''s'"] = false, ["x'00'"] = false,
      ["NULL"] = false, ["TRUE"] = false }) do
      local by_code = lint("CREATE TABLE t(id INTEGER PRIMARY KEY, a DEFAULT " .. default .. ")")
      assert.equal(is_computed, by_code.S12 ~= nil, default)
    end
  end)

  it("finds a trigger that names a column which is not there", function()
    local text = "CREATE TABLE t(id INTEGER PRIMARY KEY, a); "
      .. "CREATE TRIGGER r AFTER UPDATE OF %s ON t BEGIN SELECT new.%s; END"

    assert.truthy(lint(text:format("a", "gone")).S4)
    assert.is_nil(lint(text:format("a", "a")).S4)
  end)

  -- What is easily taken for something else: a code, whether it is found, a schema.
  local P = "CREATE TABLE p(id INTEGER PRIMARY KEY, u TEXT UNIQUE, n TEXT);"
  local Q = "CREATE TABLE q(id INTEGER PRIMARY KEY, a, b);"
  local HARD = {
    { "S1", true, "CREATE TABLE k(a, b, PRIMARY KEY(a, b)); CREATE TABLE c(a REFERENCES k);" },
    { "S1", true, "CREATE TABLE k(a); CREATE TABLE c(a REFERENCES k);" },
    { "S1", false, "CREATE TABLE k(a, b, PRIMARY KEY(a, b)); CREATE TABLE c(a, b, "
      .. "FOREIGN KEY(b, a) REFERENCES k(b, a));" },
    { "S3", true, P .. "CREATE TABLE c(a REFERENCES p, b); CREATE INDEX i ON c(a) WHERE b = 1;" },
    { "S3", true, P .. "CREATE TABLE c(a REFERENCES p, b); CREATE INDEX i ON c(b, a);" },
    { "S3", false, P .. 'CREATE TABLE c(a REFERENCES p); CREATE INDEX i ON c(a) WHERE "A" '
      .. "/* x */ is  not null;" },
    { "S4", true, P .. "CREATE VIEW v AS SELECT * FROM p; CREATE TRIGGER r INSTEAD OF INSERT ON v "
      .. "BEGIN INSERT INTO gone VALUES (1); END;" },
    { "S4", true, P .. "CREATE VIEW v AS SELECT * FROM p; CREATE TRIGGER r INSTEAD OF UPDATE OF "
      .. "gone ON v BEGIN SELECT 1; END;" },
    { "S4", false, P .. "CREATE VIEW v AS SELECT * FROM p; CREATE TRIGGER r INSTEAD OF UPDATE OF "
      .. "n ON v BEGIN UPDATE p SET n = new.n; END;" },
    { "S4", false, 'CREATE TABLE t(id INTEGER PRIMARY KEY, "a,b", "c ON d"); CREATE TRIGGER r '
      .. 'AFTER UPDATE OF "a,b", "c ON d" ON t BEGIN SELECT 1; END;' },
    { "S4", false, P .. "CREATE TRIGGER r AFTER UPDATE /* OF gone */ ON p BEGIN SELECT 1; END;" },
    { "S5", true, P .. "CREATE VIEW v AS SELECT id FROM p; "
      .. "CREATE VIRTUAL TABLE f USING fts5(gone, content='v', content_rowid='id');" },
    { "S5", false, 'CREATE TABLE "my posts"(id INTEGER PRIMARY KEY, u); '
      .. "CREATE VIRTUAL TABLE f USING fts5(u, content='my posts', content_rowid='id');" },
    { "S6", false, P .. "CREATE VIEW v AS SELECT id, n FROM p; "
      .. "CREATE VIRTUAL TABLE f USING fts5(n, content='v', content_rowid='id');" },
    { "S8", false, "CREATE TABLE t(id INTEGER PRIMARY KEY /* AUTOINCREMENT */, "
      .. "\"autoincrement\" DEFAULT 'autoincrement');" },
    { "S10", true, Q .. "CREATE INDEX i ON q(lower(a)); CREATE INDEX j ON q( LOWER(\"a\") );" },
    { "S10", true, Q .. "CREATE INDEX i ON q(a) WHERE b>1; CREATE INDEX j ON q(a) WHERE b > 1;" },
    { "S10", true, Q .. "CREATE INDEX i ON q(id);" },
    { "S10", false, Q .. "CREATE INDEX i ON q(a) WHERE b > 1; "
      .. "CREATE INDEX j ON q(a) WHERE b > 2;" },
    { "S10", false, Q .. "CREATE INDEX i ON q(lower(a)); CREATE INDEX j ON q(upper(a));" },
    { "S10", false, Q .. "CREATE INDEX i ON q(a) WHERE b > 1; CREATE INDEX j ON q(a);" },
  }

  it("is not led astray by layout, names and comments", function()
    for _, one in ipairs(HARD) do
      assert.equal(one[2], lint(one[3])[one[1]] ~= nil, one[1] .. ": " .. one[3])
    end
  end)

  -------------------------------------------------------------------------------------------------

  -- For each code what the database holds, the schema that has it, one that has it not.
  local T = "CREATE TABLE t(id INTEGER PRIMARY KEY, a TEXT);"
  local WAYS = {
    B1 = { T, "CREATE TABLE u(id INTEGER PRIMARY KEY, a TEXT);", T .. "CREATE TABLE u(x);",
      "--rename=t=u" },
    B2 = { T, "CREATE TABLE t(id INTEGER PRIMARY KEY, b TEXT);",
      "CREATE TABLE t(id INTEGER PRIMARY KEY, a TEXT, b TEXT);", "--rename=t.a=b" },
    B3 = { T, "CREATE TABLE t(id INTEGER PRIMARY KEY, a TEXT NOT NULL);",
      "CREATE TABLE t(id INTEGER PRIMARY KEY, a TEXT CHECK(a <> ''));" },
    B4 = { T .. "CREATE VIEW v AS SELECT a FROM t;", T .. "CREATE VIEW v AS SELECT id FROM t;",
      T .. "CREATE VIEW v AS SELECT a FROM t; CREATE VIEW w AS SELECT id FROM t;" },
    C1 = { T, "CREATE TABLE t(id INTEGER PRIMARY KEY, a TEXT CHECK(a <> ''));",
      "CREATE TABLE t(id INTEGER PRIMARY KEY, a TEXT, b);" },
    C2 = { T, T .. "CREATE INDEX i ON t(a);", T .. "CREATE TABLE u(id INTEGER PRIMARY KEY);" },
  }

  for code, way in pairs(WAYS) do
    it(("finds %s on the way of a database to the schema"):format(code), function()
      sh:write("dbcore.lua", "return { database = 'a.db', lint = { rows = 3 } }")
      sh:sql("a.db", way[1] .. "INSERT INTO t VALUES (1, 'x'), (2, 'y'), (3, 'z')")

      local found = lint(way[2], way[4])
      assert.truthy(found[code])
      assert.equal("t", (found[code].table:gsub("[uv]", "t")))
      assert.is_nil(lint(way[3])[code])
      assert.is_nil(lint(way[1])[code])
    end)
  end

  it("knows what programs have to give from now on", function()
    sh:write("dbcore.lua", "return { database = 'a.db' }")
    sh:sql("a.db", T)
    local function breaks(columns, ...)
      return lint(("CREATE TABLE t(id INTEGER PRIMARY KEY, %s);"):format(columns), ...).B3
    end

    assert.truthy(breaks("a INTEGER NOT NULL"))
    assert.truthy(breaks("b TEXT NOT NULL", "--rename=t.a=b"))
    assert.equal('column "b" is added to "t" and has to be given',
      breaks("a TEXT, b TEXT NOT NULL").message)
    assert.is_nil(breaks("a TEXT, b TEXT NOT NULL DEFAULT ''"))
    assert.is_nil(breaks("a TEXT DEFAULT 'NOT NULL'"))
  end)

  it("counts the rows of a table that gets another name", function()
    sh:write("dbcore.lua", "return { database = 'a.db', lint = { rows = 3 } }")
    sh:sql("a.db", T .. "INSERT INTO t VALUES (1, 'x'), (2, 'y'), (3, 'z')")
    local u = "CREATE TABLE u(id INTEGER PRIMARY KEY, a TEXT%s);%s"

    assert.truthy(lint(u:format(" CHECK(a <> '')", ""), "--rename=t=u").C1)
    assert.truthy(lint(u:format("", "CREATE INDEX i ON u(a);"), "--rename=t=u").C2)
  end)

  it("minds costs only from the size of the settings on", function()
    sh:write("dbcore.lua", "return { database = 'a.db', lint = { rows = 4 } }")
    sh:sql("a.db", T .. "INSERT INTO t VALUES (1, 'x'), (2, 'y'), (3, 'z')")

    assert.is_nil(lint(WAYS.C1[2]).C1)
    assert.is_nil(lint(WAYS.C2[2]).C2)
  end)

  it("says what a change costs: time, log and disk", function()
    sh:write("dbcore.lua", "return { database = 'a.db', lint = { rows = 1 } }")
    sh:sql("a.db", T .. "INSERT INTO t VALUES (1, 'x')")

    assert.matches('^copies "t" with 1 row: about 1 s, and up to %d+ MB of log and of disk$',
      lint(WAYS.C1[2]).C1.message)
  end)

  -------------------------------------------------------------------------------------------------

  local NAMES = {
    N1 = { "table", "CREATE TABLE %s(id INTEGER PRIMARY KEY)" },
    N2 = { "column", "CREATE TABLE t(id INTEGER PRIMARY KEY, %s)" },
    N3 = { "index", "CREATE TABLE t(id INTEGER PRIMARY KEY, a); CREATE INDEX %s ON t(a)" },
    N4 = { "trigger", "CREATE TABLE t(id INTEGER PRIMARY KEY); "
      .. "CREATE TRIGGER %s AFTER DELETE ON t BEGIN SELECT 1; END" },
    N5 = { "view", "CREATE VIEW %s AS SELECT 1 AS one" },
  }

  for code, rule in pairs(NAMES) do
    it(("finds %s where a name is not like its pattern"):format(code), function()
      sh:write("dbcore.lua", ("return { lint = { naming = { %s = '^[a-z_]+$' } } }")
        :format(rule[1]))

      assert.equal(("the name of the %s \"Odd\" is not like ^[a-z_]+$"):format(rule[1]),
        lint(rule[2]:format("Odd"))[code].message)
      assert.is_nil(lint(rule[2]:format("even"))[code])
    end)

    it(("does not look for %s without a pattern"):format(code), function()
      assert.is_nil(lint(rule[2]:format("Odd"))[code])
    end)
  end

  -------------------------------------------------------------------------------------------------

  it("writes each finding with its code, level, place, message and fix as JSON", function()
    local _, result = lint("-- first\nCREATE TABLE a(x);")

    assert.equal(1, result.code)
    assert.same({ command = "lint", exit = 1, findings = { {
      code = "S9", level = "warning", table = "a", path = "s.sql", line = 2, fix = "give it one",
      message = '"a" has no primary key: its rows have no name of their own',
    } } }, result.document)
  end)

  it("writes an empty list and exits with 0 when there is nothing", function()
    local _, result = lint("CREATE TABLE a(x PRIMARY KEY);")

    assert.equal(0, result.code)
    assert.matches('"findings":[]', result.output, 1, true)
  end)

  it("is silenced by a comment for one table, and for all", function()
    local text = "%s\nCREATE TABLE a(x);\nCREATE TABLE b(x);"

    assert.equal("b", lint(text:format("-- dbscript: off S9 a")).S9.table)
    assert.is_nil(lint(text:format("-- dbscript: off S9")).S9)
    assert.truthy(lint(text:format("-- dbscript: off S8")).S9)
  end)

  it("is silenced by the settings", function()
    sh:write("dbcore.lua", "return { lint = { off = { 'S9' } } }")

    assert.is_nil(lint("CREATE TABLE a(x)").S9)
  end)

  it("lists its codes in its help", function()
    local help = sh:run("lint", "--help").output

    for _, code in ipairs({ "S1", "S12", "N1", "N5", "D1", "D5", "F1", "F6", "B1", "B4", "C1", "C2",
      "H1", "H4" }) do
      assert.matches("\n +" .. code .. " +%w", help)
    end
  end)
end)
