-- Attacks made of several parts, each against one rule of the sandbox: memory that is taken in
-- pieces, chains that end inside each other, time that is spent where no instruction is counted,
-- errors that want to be shown, SQL that is small to write and large to run.
local case = require "case"

local LIMIT = "limit"
local DEEP = "overflow|limit"

local ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) "

local function sql(name, message, text)
  return case.limited(name, message, ("return db:query(%q):all()"):format(text))
end

return {
  -- memory in pieces
  case.limited("texts that differ by one byte", LIMIT, [[
    local t = {} local s = ("x"):rep(1000) for i = 1, 1e9 do t[i] = s .. i end]]),
  case.limited("a text doubled by format", LIMIT,
    [[local s = "xxxxxxxx" while true do s = ("%s%s"):format(s, s) end]]),
  case.limited("a text doubled by gsub", LIMIT, [[local s = "x" while true do s = s:gsub(".", "%0%0") end]]),
  case.limited("a text doubled by concat", LIMIT,
    [[local s = "x" while true do s = table.concat({ s, s }, s) end]]),
  case.limited("a text doubled by quoting", LIMIT, [[local s = "\0" while true do s = ("%q"):format(s) end]]),
  case.limited("a text doubled by its own replacement", LIMIT,
    [[local s = "%" while true do s = s:gsub("%%", "%%%%%%%%") end]]),
  case.limited("texts behind keys of a weak table", LIMIT, [[
    local weak, strong = setmetatable({}, { __mode = "v" }), {}
    for i = 1, 1e9 do local s = { ("x"):rep(10000) .. i } weak[i] = s strong[i] = s end]]),
  case.limited("arguments without end", "too many|limit|overflow",
    [[local function f(...) return f(1, 2, 3, 4, 5, 6, 7, 8, ...) end f()]]),
  case.limited("varargs packed over and over", LIMIT, [[
    local t = table.pack(table.unpack({}, 1, 200)) local all = {}
    while true do all[#all + 1] = table.pack(table.unpack(t, 1, t.n)) end]]),
  case.limited("a table with one huge hole", LIMIT, [[
    local t = {} for i = 0, 60 do t[1 << i] = {} end
    for i = 1, 1e9 do t[(i * 2654435761) & 0xffffffffff] = i end]]),
  case.limited("upvalues that hold each other", LIMIT, [[
    local last for i = 1, 1e9 do local before = last
    last = function() return before, ("x"):rep(100) end end]]),
  case.limited("rows kept by the million", LIMIT, [[
    KEPT = {} while true do KEPT[#KEPT + 1] =
      db:query "SELECT 1 AS a, 'x' AS b, zeroblob(1000) AS c":all() end]]),
  case.limited("queries kept by the million", LIMIT, [[
    local t = dbcore.table("t", { dbcore.integer "id" }) local q = db:from(t)
    while true do q = q:where(t.id:eq(#tostring(q))) KEPT = { KEPT, q } end]]),
  case.limited("descriptors kept by the million", LIMIT, [[
    KEPT = {} for i = 1, 1e9 do KEPT[i] = dbcore.table("t" .. i, { dbcore.integer "id" }) end]]),

  -- the stack, in C and in Lua
  case.limited("pcall inside of pcall", DEEP,
    [[local function f() return pcall(f) end while true do f() end]]),
  case.limited("xpcall whose handler fails", DEEP, [[
    local function h() error "again" end
    local function f() return xpcall(f, h) end while true do f() end]]),
  case.limited("nested brackets in a pattern", "too many captures", [[
    while true do (("("):rep(20)):find(("("):rep(33) .. ".") end]]),
  case.limited("a pattern that calls itself back", "too complex|overflow|limit", [[
    return (("a"):rep(300000)):find(("a?"):rep(200000) .. "b")]]),
  case.limited("nested tables in source text", "overflow|nest|limit|too many",
    [[assert(load("return " .. ("{"):rep(100000) .. ("}"):rep(100000)))]]),
  case.limited("nested functions in source text", "overflow|nest|limit|too many",
    [[assert(load(("function f() "):rep(10000) .. ("end "):rep(10000)))]]),
  case.limited("a chain of operators in source text", "overflow|nest|limit|too",
    [[assert(load("return " .. ("- "):rep(300000) .. "1"))]]),
  case.limited("a chain of comparisons by metamethods", DEEP, [[
    local mt = {} mt.__lt = function(a, b) return a < b end mt.__le = mt.__lt
    local a, b = setmetatable({}, mt), setmetatable({}, mt) return a < b]]),
  case.limited("a chain of __call", DEEP, [[
    local f = function() while true do end end
    for i = 1, 100000 do f = setmetatable({}, { __call = f }) end f()]]),
  case.limited("a chain of __newindex", "loop|overflow|limit", [[
    local t = {} for i = 1, 5000 do t = setmetatable({}, { __newindex = t }) end
    while true do pcall(function() t.x = 1 end) end]]),
  case.limited("coroutines that resume each other", DEEP, [[
    local function f() local co = coroutine.create(f) return coroutine.resume(co) end
    while true do f() end]]),
  case.limited("__close inside of __close inside of a coroutine", DEEP, [[
    local function f(n) local x <close> = setmetatable({}, { __close = function()
      coroutine.wrap(function() f(n + 1) end)() end }) end
    while true do pcall(f, 1) end]]),
  case.limited("a reader of load that loads", DEEP,
    [[local function f() return load(f) and "" or nil end while true do load(f) end]]),

  -- time where no instruction is counted
  case.limited("a thousand goto a line", LIMIT, [[
    assert(load("::a:: " .. ("goto b ::b:: "):gsub("b", "c"):rep(1) .. " goto a"))()]]),
  case.limited("sorting what never agrees", LIMIT .. "|invalid order", [[
    local t = {} for i = 1, 3000 do t[i] = i end
    while true do pcall(table.sort, t, function() return true end) end]]),
  case.limited("inserting at the front", LIMIT,
    [[local t = {} for i = 1, 1e9 do table.insert(t, 1, i) end]]),
  case.limited("removing from the front", LIMIT, [[
    local t = {} for i = 1, 30000 do t[i] = i end
    while true do table.insert(t, table.remove(t, 1)) end]]),
  case.limited("the length of a table with holes", LIMIT, [[
    local t = {} for i = 1, 1 << 16 do t[i] = 1 end for i = 2, 1 << 16, 2 do t[i] = nil end
    while true do local n = #t end]]),
  case.limited("keys that meet in one place", LIMIT, [[
    local t = {} while true do for i = 1, 1000 do t[i * (1 << 40)] = i end t = {} end]]),
  case.limited("a join of empty texts", LIMIT, [[
    local t = {} for i = 1, 1 << 17 do t[i] = "" end while true do table.concat(t) end]]),
  case.limited("comparing long texts", LIMIT, [[
    local a, b = ("x"):rep(1 << 20) .. "a", ("x"):rep(1 << 20) .. "b"
    while true do local c = a < b, a <= b end]]),
  case.limited("hashing long texts", LIMIT,
    [[local s = ("x"):rep(1 << 20) local t = {} while true do t[s .. #t] = nil end]]),
  case.limited("a rule that matches slowly", LIMIT .. "|too long", [[
    local t = dbcore.table("t", { dbcore.text "a" :validate(function(v)
      return v:find(".-.-.-.-b") end) })
    db:create(dbcore.schema { t }) db:insert(t):values { a = ("a"):rep(50000) }:run()]]),
  case.limited("a policy without end", LIMIT, [[
    local t = dbcore.table("t", { dbcore.integer "a" }) db:create(dbcore.schema { t })
    dbcore.policy(t, { all = function() while true do end end }) db:as {}:from(t):all()]]),
  case.limited("a hook of a repository without end", LIMIT, [[
    local t = dbcore.table("t", { dbcore.integer "id" :primary_key() })
    db:create(dbcore.schema { t })
    dbcore.repository(t, { before_create = function() while true do end end })(db):create {}]]),
  case.limited("a default without end", LIMIT, [[
    local t = dbcore.table("t", { dbcore.integer "a" :default_fn(function() while true do end end),
      dbcore.text "b" })
    db:create(dbcore.schema { t }) db:insert(t):values { b = "x" }:run()]]),
  case.limited("JSON made anew without end", LIMIT, [[
    local t = dbcore.table("t", { dbcore.json "j" }) db:create(dbcore.schema { t })
    local big = {} for i = 1, 20000 do big[i] = i end
    while true do db:insert(t):values { j = big }:run() end]]),
  case.limited("a query built without end", LIMIT .. "|too large", [[
    local t = dbcore.table("t", { dbcore.integer "a" }) local c = t.a:eq(1)
    while true do c = c & t.a:ne(2) end]]),

  -- errors, metatables, text
  case.safe("an error that is a coroutine", "error(coroutine.create(function() while true do end end))"),
  case.safe("an error that is the database", "error(db)"),
  case.safe("an error of control bytes", [[error("\27[2J\0\1\2\r\n" .. ("\xff"):rep(10000), 0)]]),
  case.safe("an error that looks like dbcore's",
    [[error { code = "ok", message = ("%n%s"):rep(1000), table = {}, native = "x", row = 1 << 62 }]]),
  case.safe("an error with a name of its own",
    [[error(setmetatable({}, { __name = ("\27"):rep(1000), __tostring = 5 }))]]),
  case.safe("an error while an error is told", [[
    error(setmetatable({}, { __tostring = function() error(setmetatable({}, { __tostring = error })) end }))]]),
  case.ok("texts cannot be given methods", [[
    assert(not pcall(function() getmetatable("").__index = {} end))
    assert(not pcall(setmetatable, "", { __index = {} }))
    string.rep = function() return "POISON" end
    assert(("x"):rep(2) == "xx")
    for _, m in ipairs { "__add", "__concat", "__call", "__len", "__eq" } do
      assert(not pcall(function() getmetatable("")[m] = function() end end)) end]]),
  case.ok("a metatable set later has no finalizer", [[
    local ran local mt = {} local t = setmetatable({}, mt)
    mt.__gc = function() ran = true end
    pcall(setmetatable, {}, mt) t = nil
    for i = 1, 3 do collectgarbage() end assert(not ran)]]),
  case.ok("load takes no bytecode through a reader in pieces", [[
    local text = "\27LuaT\0\25\147\r\n\26\n\4\8\8" local i = 0
    assert(not load(function() i = i + 1 return #text >= i and text:sub(i, i) or nil end, "x", "bt"))]]),
  case.ok("names in any script are only names", [[
    local name = "täble\u{202e}\u{0}x" assert(not pcall(dbcore.table, name, { dbcore.integer "id" }))
    local t = dbcore.table("täble\u{202e}", { dbcore.integer "ïd" :primary_key() })
    db:create(dbcore.schema { t }) assert(db:from(t):count() == 0)
    local ok, e = pcall(function() return t["x\27"] end)
    assert(not ok and not e.message:find "%c")]]),

  -- SQL
  sql("a product of everything", LIMIT, ENDLESS:gsub("SELECT i %+ 1 FROM n", "SELECT i + 1 FROM n LIMIT 3000")
    .. "SELECT count(*) FROM n a, n b, n c"),
  sql("LIKE with many wildcards", "limit|too complex",
    ENDLESS .. "SELECT count(*) FROM n WHERE hex(zeroblob(20000)) || i LIKE '" .. ("%0"):rep(20) .. "x'"),
  sql("GLOB with many wildcards", "limit|too complex",
    ENDLESS .. "SELECT count(*) FROM n WHERE hex(zeroblob(20000)) || i GLOB '" .. ("*0"):rep(20) .. "x'"),
  sql("random bytes without end", LIMIT, ENDLESS .. "SELECT sum(length(randomblob(1000000))) FROM n"),
  sql("replace that grows", "limit|too big|memory",
    "WITH RECURSIVE n(i, s) AS (SELECT 1, 'x' UNION ALL SELECT i + 1, replace(s, 'x', 'xx') FROM n) "
      .. "SELECT max(length(s)) FROM n"),
  sql("printf that grows", "limit|too big|memory",
    ENDLESS .. "SELECT group_concat(printf('%.*c', 1000000, 'x')) FROM n"),
  sql("JSON that nests", "limit|malformed|too|depth",
    "SELECT json(printf('%s1%s', replace(hex(zeroblob(500000)), '0', '['), '')) FROM (SELECT 1)"),
  sql("a window over everything", LIMIT,
    ENDLESS .. "SELECT sum(i) OVER (ORDER BY i DESC) FROM n"),
  sql("aggregates of aggregates", "limit|memory|too big",
    ENDLESS .. "SELECT json_group_array(hex(zeroblob(1000))) FROM n"),
  case.limited("many small statements", LIMIT, [[while true do db:exec "SELECT 1" end]]),
  case.limited("many tables", LIMIT, [[for i = 1, 1e9 do db:exec("CREATE TABLE t" .. i .. "(a)") end]]),
  case.limited("many savepoints", LIMIT .. "|transaction",
    [[for i = 1, 1e9 do db:exec("SAVEPOINT s" .. i) end]]),
  case.limited("a trigger that multiplies", LIMIT .. "|too many|depth|recurs", [[
    db:exec "CREATE TABLE a(x)" db:exec "CREATE TABLE b(x)"
    db:exec "CREATE TRIGGER ab AFTER INSERT ON a BEGIN INSERT INTO b SELECT x FROM a; END"
    for i = 1, 1e9 do db:exec "INSERT INTO a VALUES (1)" end]]),
  case.limited("a file that grows", LIMIT .. "|full", [[
    db:exec "CREATE TABLE t(a)" while true do db:exec "INSERT INTO t VALUES (zeroblob(1000000))" end]]),
  case.safe("a schema that cannot be read again", [[
    pcall(db.exec, db, "CREATE TABLE t(a CHECK (a IN (SELECT 1)))")
    pcall(db.exec, db, "CREATE VIEW v AS SELECT * FROM v")
    pcall(function() return db:query "SELECT * FROM v":all() end)
    pcall(db.exec, db, "ALTER TABLE t RENAME TO sqlite_t")
    assert(db:query "SELECT 1":value() == 1)]]),
  case.ok("words that switch protection off", [[
    for _, text in ipairs { "PRAGMA writable_schema", "PRAGMA writable_schema(1)", "pragma\ttrusted_schema=on",
      "/**/PRAGMA/**/defer_foreign_keys=1", "EXPLAIN PRAGMA writable_schema=1", "REINDEX sqlite_master",
      "SELECT load_extension(char(120))", "SELECT * FROM pragma_function_list",
      "CREATE TABLE x AS SELECT load_extension('x')", "CREATE INDEX temp.x ON t(a)",
      "INSERT INTO temp.t VALUES (1)", "DROP TABLE sqlite_schema" } do
      local ok = pcall(function() local c = db:query(text) return c:all() end)
      assert(not ok, text)
    end]]),
}
