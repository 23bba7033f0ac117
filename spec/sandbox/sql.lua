-- SQL that reaches further than its database, runs for ever, or leaves things behind.
local case = require "case"

local function denied(sql)
  return { name = "denied: " .. sql, expect = "ok", code = ([[
    db:exec "CREATE TABLE t(a)"
    db:exec "CREATE TABLE dbcore_history(a)"
  ]]):gsub("db:exec \"CREATE TABLE dbcore_history%(a%)\"", "") .. ([[
    local ok, e = pcall(function() local c = %s return type(c) == "userdata" and c:all() end)
    assert(not ok, "it was allowed")
    assert(e.code == "denied" or e.code == "syntax" or e.code == "invalid"
      or e.code == "schema" or e.code == "limit", e.code .. ": " .. e.message)
  ]]):format((sql:find("^SELECT") and "db:query(%q)" or "db:exec(%q)"):format(sql)) }
end

local ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) "

local cases = {
  case.limited("endless SQL", "time limit exceeded", ("db:query(%q):value()"):format(ENDLESS .. "SELECT count(*) FROM n")),
  case.limited("endless SQL behind pcall", "time limit exceeded", ("while true do pcall(function() db:query(%q):value() end) end"):format(
      ENDLESS .. "SELECT count(*) FROM n")),
  case.limited("endless rows", "row limit exceeded|limit", ("for row in db:query(%q) do end"):format(ENDLESS .. "SELECT i FROM n")),
  case.limited("a sort of everything", "limit", ("db:query(%q):value()"):format(ENDLESS
      .. "SELECT i FROM (SELECT i, zeroblob(1000) AS b FROM n) ORDER BY b")),
  case.limited("a value of a gigabyte", "limit|too big", "return db:query 'SELECT zeroblob(1000000000)':value()"),
  case.limited("values joined without end", "limit|too big|memory", ("return db:query(%q):value()"):format(ENDLESS
      .. "SELECT group_concat(hex(zeroblob(1000))) FROM n")),
  case.limited("a long text of SQL", "limit|too|big", "db:exec('SELECT 1 --' .. ('x'):rep(3 << 20))"),
  case.limited("a deep expression", "depth|too|limit|overflow", "db:query('SELECT ' .. ('('):rep(500) .. '1' .. (')'):rep(500)):value()"),
  case.limited("many placeholders", "too many|limit", "db:query('SELECT ?' .. (',?'):rep(5000)):all()"),
  case.limited("cursors left open", "statement limit exceeded", "KEEP = {} for i = 1, 1000 do KEEP[i] = db:query 'SELECT 1' end"),
  case.limited("a transaction left open", "left a transaction open", "db:exec 'BEGIN' db:exec 'CREATE TABLE left_open(a)'"),
  case.limited("a handle left open", "left a transaction open", "TX = db:begin() TX:exec 'CREATE TABLE left_open(a)'"),
  case.safe("a transaction that yields", [[
    local co = coroutine.wrap(function() db:transaction(function(tx)
      tx:exec "CREATE TABLE half(a)" coroutine.yield() end) end)
    pcall(co)
    assert(not db:in_transaction())]]),
  case.ok("a transaction that fails", [[
    assert(not pcall(db.transaction, db, function(tx) tx:exec "CREATE TABLE half(a)" error "x" end))
    assert(not db:in_transaction())]]),
  case.safe("a view that does harm", [[
    pcall(db.exec, db, "CREATE VIEW sneaky AS SELECT load_extension('/tmp/x')")
    assert(not pcall(function() return db:query "SELECT * FROM sneaky":all() end))]]),
  case.limited("a trigger without end", "limit|depth|too many|recurs", [[
    db:exec "CREATE TABLE t(a)"
    pcall(db.exec, db, "PRAGMA recursive_triggers = 1")
    db:exec "CREATE TRIGGER g AFTER INSERT ON t BEGIN INSERT INTO t VALUES (new.a + 1); END"
    for i = 1, 1e9 do db:exec "INSERT INTO t VALUES (1)" end]]),
  case.ok("names with quotes", [[
    local name = 'x"; DROP TABLE safe; --'
    db:exec "CREATE TABLE safe(a)"
    local t = dbcore.table(name, { dbcore.integer 'i"d' :primary_key() })
    db:create(dbcore.schema { t })
    assert(db:from(t):count() == 0)
    assert(db:query "SELECT count(*) FROM safe":value() == 0)]]),
}

for _, sql in ipairs({
  "ATTACH '/tmp/dbcore_escape.db' AS other", "ATTACH ':memory:' AS other", "DETACH main",
  "VACUUM", "VACUUM INTO '/tmp/dbcore_escape.db'",
  "PRAGMA journal_mode = DELETE", "PRAGMA writable_schema = 1", "PRAGMA trusted_schema = 1",
  "PRAGMA foreign_keys = 0", "PRAGMA mmap_size = 0", "PRAGMA temp_store_directory = '/tmp'",
  "PRAGMA cache_size = 1000000", "PRAGMA hard_heap_limit = 0", "PRAGMA max_page_count = 1",
  "PRAGMA user_version = 5", "PRAGMA recursive_triggers = 1", "PRAGMA wal_checkpoint",
  "PRAGMA database_list", "PRAGMA compile_options", "SELECT * FROM pragma_database_list",
  "SELECT * FROM pragma_compile_options",
  "SELECT load_extension('/tmp/x')", "SELECT fts3_tokenizer('simple')",
  "SELECT readfile('/etc/passwd')", "SELECT writefile('/tmp/dbcore_escape', 'x')",
  "SELECT sqlite_compileoption_get(1)", "SELECT sqlite_version()",
  "CREATE TEMP TABLE x(a)", "CREATE TEMP VIEW x AS SELECT 1",
  "CREATE TEMP TRIGGER x AFTER INSERT ON t BEGIN SELECT 1; END",
  "CREATE VIRTUAL TABLE x USING fts4(a)", "CREATE VIRTUAL TABLE x USING rtree(a, b, c)",
  "CREATE VIRTUAL TABLE x USING dbstat", "SELECT * FROM dbstat",
  "CREATE TABLE dbcore_history(a)", "CREATE TABLE _dbcore(a)", "CREATE INDEX dbcore_i ON t(a)",
  "INSERT INTO sqlite_master VALUES (1, 2, 3, 4, 5)", "DELETE FROM sqlite_master",
  "UPDATE sqlite_master SET sql = ''", "DROP TABLE sqlite_master",
  "COMMIT; BEGIN; BEGIN",
}) do
  cases[#cases + 1] = denied(sql)
end
return cases
