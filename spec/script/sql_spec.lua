require("spec.script.parts")
local sql = require("dbscript.sql")

local function is_statement(line)
  return sql.is_statement(line, _G)
end

describe("SQL at the prompt", function()
  it("is told from Lua by its first words", function()
    for _, line in ipairs({
      "SELECT 1", "select * from t;", "  insert into t values (1);",
      "WITH a AS (SELECT 1) SELECT 2;", "VALUES (1);", "SELECT (1);", "COMMIT;", "SELECT",
      "pragma user_version;", "SELECT 'a';",
    }) do
      assert.is_true(is_statement(line), line)
    end
  end)

  it("is not taken for SQL when it is Lua", function()
    for _, line in ipairs({
      "select('#', 1)", "update = 5", "delete.x = 1", "values[1] = 2", "insert:run()",
      "selection = 1", "select", "update_all()", "x = 1",
      "replace, b = 1, 2", "print('SELECT 1;')", "", "-- SELECT",
    }) do
      assert.is_false(is_statement(line), line)
    end
  end)

  it("is split at semicolons outside of quotes and comments", function()
    local statements, rest = sql.split([[SELECT 'a;b', "c;d", [e;f], `g;h` -- i;j
      /* k;l */; INSERT INTO t VALUES (1) ; SELECT 2]])

    assert.equal(2, #statements)
    assert.matches("^SELECT 'a;b'.*k;l %*/$", statements[1])
    assert.equal("INSERT INTO t VALUES (1)", statements[2])
    assert.equal(" SELECT 2", rest)
  end)

  it("waits for the end of a quote, a comment, a statement", function()
    for _, text in ipairs({ "SELECT 'a;", "SELECT 1 /* ;", "SELECT 1", "SELECT \"a''; " }) do
      local statements, rest = sql.split(text)

      assert.equal(0, #statements, text)
      assert.is_false(sql.is_blank(rest), text)
    end
  end)

  it("takes a doubled quote for a part of the text", function()
    assert.same({ "SELECT 'it''s;'" }, (sql.split("SELECT 'it''s;';")))
  end)

  it("has nothing left when only blanks and comments follow", function()
    local statements, rest = sql.split("SELECT 1; -- done")

    assert.same({ "SELECT 1" }, statements)
    assert.is_true(sql.is_blank(rest))
  end)

  it("keeps a trigger whole, with the statements and CASEs in it", function()
    local trigger = [[CREATE TEMP TRIGGER t AFTER INSERT ON a BEGIN
      UPDATE b SET c = CASE WHEN 1 THEN 2 END; DELETE FROM d; END]]

    assert.same({ trigger, "SELECT 1" }, (sql.split(trigger .. "; SELECT 1;")))
    assert.same({}, (sql.split("CREATE TRIGGER t AFTER INSERT ON a BEGIN DELETE FROM d;")))
    assert.same({ "DROP TRIGGER t" }, (sql.split("DROP TRIGGER t;")))
  end)

  it("is known by its verb, behind WITH too", function()
    assert.equal("SELECT", sql.verb("select 1"))
    assert.equal("SELECT", sql.verb("WITH a AS (DELETE) SELECT 1"))
    assert.equal("INSERT", sql.verb("WITH a AS (SELECT 1) INSERT INTO t SELECT * FROM a"))
    assert.equal("UPDATE", sql.verb("/* SELECT */ UPDATE t SET a = 'SELECT'"))
    assert.equal("EXPLAIN", sql.verb("EXPLAIN QUERY PLAN DELETE FROM t"))
    assert.is_nil(sql.verb("SELEC 1"))
  end)
end)
