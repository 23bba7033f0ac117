-- A hostile use of every function that a script can reach, each a script of its own: what is done
-- with it, and how that has to end. `F` is the function, already bound to its object when it is a
-- method. spec/vm/functions_spec.c walks what is reachable and wants each name in here.
local LIMIT = "limit"

-- What most scripts begin with: a table with rows, and values that fit nowhere.
local PRELUDE = [[
  local d = dbcore
  local t = d.table("t", { d.integer "id" :primary_key(), d.text "name", d.json "j",
    d.timestamp "gone", d.integer "up" })
  local up = d.relations(t, { ups = d.many("t", { from = "up", to = "id" }) })
  db:create(d.schema { t, up })
  db:insert(t):values({ { id = 1, name = "a", j = { 1 } }, { id = 2, name = "b", up = 1 } }):run()
  local loop = {} loop.loop = loop loop[1] = loop
  local liar = setmetatable({}, { __len = function() return 1 << 40 end,
    __index = function() return 1 end, __call = function() return 1 end })
  local function yields() coroutine.yield(1) end
  local values = { true, 0, -1, 1 << 62, math.mininteger, 0/0, 1/0, "", "t", "id", "x\0y", "\xff",
    '"; DROP TABLE t; --', "%", ("x"):rep(100000), {}, { 1, 2 }, { id = 1 }, loop, yields, error,
    coroutine.create(yields), db, d.null, t, t.id, db:from(t), d.param "p", d.raw "1)", liar }
]]

-- After whatever was tried the data is there, and nothing is left open.
local AFTER = [[
  assert(not db:in_transaction())
  assert(db:query "SELECT count(*) FROM sqlite_master WHERE name = 't'":value() == 1)
]]

-- With nothing, with each value, and with two and three of them.
local TRY = [[
  pcall(F)
  for _, v in ipairs(values) do pcall(F, v) pcall(F, v, v) pcall(F, 1, v, v) end
]]

-- The same, and what comes out of it goes into a query that runs.
local SELECT = [[
  for _, v in ipairs(values) do
    for _, args in ipairs { { v }, { t.id, v }, { v, t.name, v } } do
      local ok, e = pcall(F, table.unpack(args))
      if ok then
        pcall(function() return db:from(t):select { x = e }:all { p = 1 } end)
        pcall(function() return db:from(t):where(e):all { p = 1 } end)
        pcall(function() return db:update(t):set { name = e }:where(t.id:eq(1)):run() end)
      end
    end
  end
]]

-- And what comes out of it is declared.
local DECLARE = [[
  for i, v in ipairs(values) do
    for _, args in ipairs { { v }, { "x", v }, { v, v } } do
      local ok, item = pcall(F, table.unpack(args))
      if ok then
        pcall(function()
          local made = d.table("made" .. i, { d.integer "id" :primary_key(), item })
          db:create(d.schema { made })
          return db:insert(made):values { id = 1, x = v }:run()
        end)
        pcall(function() db:create(d.schema { t, item }) end)
      end
    end
  end
]]

-- Objects whose methods are reached.
local OBJECTS = {
  handle = "db",
  query = "db:from(t)",
  expr = "t.id",
  cursor = 'db:query "SELECT 1 AS a"',
  prepared = "db:from(t):where(t.id:eq(d.param 'p')):prepare()",
  cte = 'db:with("n", db:from(t))',
  txn = "db:begin()",
  column = 'd.text "x"',
  index = 'd.index "i"',
  foreign_key = 'd.foreign_key "x"',
  rule = 'd.rule("r", function() return true end)',
  relation = 'd.many "t"',
  repo = 'd.repository(t, { soft_delete = "gone" })(db)',
  descriptor = "t",
  schema = "d.schema { t }",
  null = "d.null",
  face = "dbcore",
  policy = 'd.policy(t, { all = true })',
  repository = "d.repository(t, {})",
  restricted = "db:as {}",
}

local list, entries = {}, {}

local function bind(name)
  local object, method = name:match "^([%a_]+):([%w_]+)$"
  if not object then
    return ("local F = %s\n"):format(name)
  end
  return ("local O = %s\nlocal function F(...) return O.%s(O, ...) end\n"):format(OBJECTS[object],
    method)
end

-- One script for each of the names.
local function use(names, expect, message, code)
  for name in names:gmatch "%S+" do
    assert(not entries[name], name .. " stands here twice")
    local is_method = name:find ":" or name:find "^dbcore"
    local body = code:find "%f[%w]F%f[%W]" and bind(name) .. code or code
    entries[name] = true
    list[#list + 1] = { name = name, expect = expect, message = message,
      code = (is_method and PRELUDE or "") .. body .. (is_method and expect ~= "limited" and AFTER
        or "") }
  end
end

-- Operators, finalizers and what stands behind names that are not there.
local function operator(names, code)
  for name in names:gmatch "%S+" do
    local object = name:match "^[%a_]+"
    assert(not entries[name], name)
    entries[name] = true
    list[#list + 1] = { name = name, expect = "safe",
      code = PRELUDE .. ("local O = %s\n"):format(OBJECTS[object]) .. code .. AFTER }
  end
end

------------------------------------------------------------------------------------ base functions

use("assert", "limited", LIMIT, [[
  local e = setmetatable({}, { __tostring = function() while true do end end })
  while true do pcall(F, false, e) end]])
use("error", "limited", LIMIT, [[while true do pcall(F, ("x"):rep(1000)) end]])
use("pcall", "limited", LIMIT, [[while true do F(F, F, F, function() while true do end end) end]])
use("xpcall", "limited", LIMIT,
  [[while true do F(function() while true do end end, function() while true do end end) end]])
use("select", "ok", nil, [[
  assert(not pcall(F, 0, 1) and not pcall(F, math.mininteger, 1) and F(1 << 62) == nil)
  assert(select("#", F(-1, 1, 2)) == 1)]])
use("setmetatable", "ok", nil, [[
  assert(not pcall(F, "", {}) and not pcall(F, db, {}) and not pcall(F, {}, { __gc = print }))
  assert(not pcall(F, F({}, { __metatable = 1 }), {}))]])
use("getmetatable", "ok", nil, [[
  for _, v in ipairs { "", db, dbcore, dbcore.null } do assert(type(F(v)) ~= "table") end
  assert(not pcall(F))]])
use("rawget rawset rawequal rawlen", "safe", nil, [[
  for _, v in ipairs { 1, "x", db, dbcore.null, F, {} } do
    for _, k in ipairs { 1, "__index", "__gc", "x" } do pcall(F, v, k, k) end
  end
  assert(not pcall(F, 1, 2, 3) or F == rawequal)
  assert(("x"):rep(2) == "xx")]])
use("next", "limited", LIMIT, [[
  local t = {} for i = 1, 100000 do t["k" .. i] = 1 end
  while true do local k = F(t) if k then t[k] = nil else t = { [0] = 1 } end end]])
use("pairs ipairs", "limited", LIMIT, [[
  local t = setmetatable({}, { __index = function() return 1 end,
    __pairs = function() return function() return 1 end end })
  for _ in F(t) do end]])
use("print", "limited", "output limit", [[
  while true do F(setmetatable({}, { __tostring = function() return ("x"):rep(1000) end })) end]])
use("tostring", "limited", LIMIT .. "|overflow",
  [[local mt = {} mt.__tostring = function(v) return F(v) end F(setmetatable({}, mt))]])
use("tonumber", "limited", LIMIT, [[
  local s = ("9"):rep(1 << 16) while true do pcall(F, s) pcall(F, s, 36) pcall(F, s, 37) end]])
use("type", "ok", nil, [[assert(not pcall(F) and F(db) == "userdata" and F(nil) == "nil")]])
use("load", "limited", LIMIT,
  [[while true do F(function() return "x = " .. ("1"):rep(1000) .. "\n" end) end]])
use("collectgarbage", "ok", nil, [[
  for _, word in ipairs { "stop", "generational", "incremental", "setpause", "setstepmul" } do
    pcall(F, word)
  end
  for i = 1, 10000 do local t = { i, {} } end
  assert(F "count" < 20000)]])

--------------------------------------------------------------------------------------------- texts

use("string.rep", "limited", "string length limit", [[F("x", 1 << 40)]])
use("string.byte", "limited", LIMIT .. "|too long|many",
  [[local s = ("x"):rep(1 << 22) while true do F(s, 1, -1) end]])
use("string.char", "safe", nil,
  [[assert(not pcall(F, 256) and not pcall(F, -1)) F(table.unpack({}, 1, 0))]])
use("string.find string.match", "limited", LIMIT, [[F(("a"):rep(100000), ".-.-.-.-b")]])
use("string.gmatch", "limited", LIMIT,
  [[for _ in F(("a"):rep(100000), ".-.-.-.-b") do end]])
use("string.gsub", "limited", LIMIT, [[F(("a"):rep(100000), ".-.-.-.-b", "")]])
use("string.format", "limited", "too long|invalid conversion",
  [[F("%" .. ("0"):rep(1000) .. "d", 1)]])
use("string.len", "safe", nil, [[assert(not pcall(F, {}) and F(("x"):rep(1 << 20)) == 1 << 20)]])
use("string.lower string.upper string.reverse", "limited", LIMIT,
  [[local s = ("x"):rep(1 << 20) while true do F(s) end]])
use("string.sub", "limited", LIMIT,
  [[local s = ("x"):rep(1 << 22) while true do F(s, math.mininteger, math.maxinteger) end]])
use("string.pack string.packsize", "limited", "limit|too large|too long|invalid",
  [[assert(F(("c2000000000"):rep(100), "x"))]])
use("string.unpack", "safe", nil, [[
  assert(not pcall(F, "s8", ("\xff"):rep(8)) and not pcall(F, "c100", "x"))
  assert(not pcall(F, "i4", "x", 1 << 40) and not pcall(F, "i17", "x"))]])
use("utf8.char", "safe", nil, [[assert(not pcall(F, -1) and not pcall(F, 1 << 40))]])
use("utf8.codepoint utf8.len utf8.offset", "limited", LIMIT, [[
  local s = ("é"):rep(1 << 19) while true do pcall(F, s, 1, 1 << 18) pcall(F, s, 1) end]])
use("utf8.codes", "limited", LIMIT,
  [[local s = ("é"):rep(1 << 16) while true do for _ in F(s) do end end]])

-------------------------------------------------------------------------------------------- tables

local LIE = [[local lie = setmetatable({}, { __len = function() return 1 << 60 end,
  __index = function() return "" end, __newindex = function() end })
]]
use("table.concat table.sort", "limited", LIMIT .. "|too big|too large", LIE .. "F(lie)")
use("table.insert table.remove", "limited", LIMIT .. "|out of bounds", LIE .. "F(lie, 1, 1)")
use("table.move", "limited", LIMIT .. "|too many", LIE .. "F(lie, 1, 1 << 60, 2)")
use("table.unpack", "limited", "too many|" .. LIMIT, LIE .. "F(lie)")
use("table.pack", "limited", LIMIT, [[
  local t = {} for i = 1, 100 do t[i] = i end
  local kept = {} while true do kept[#kept + 1] = F(table.unpack(t)) end]])

------------------------------------------------------------------------------------------- numbers

use([[math.abs math.acos math.asin math.atan math.ceil math.cos math.deg math.exp math.floor
  math.fmod math.log math.max math.min math.modf math.rad math.random math.randomseed math.sin
  math.sqrt math.tan math.tointeger math.type math.ult]], "ok", nil, [[
  for _, a in ipairs { 0/0, 1/0, -1/0, math.mininteger, math.maxinteger, -0.0, "9", "x", {}, F } do
    pcall(F) pcall(F, a) pcall(F, a, a) pcall(F, a, -1) pcall(F, a, 0) pcall(F, 1, a)
  end
  assert(1 + 1 == 2)]])
use("os.clock os.difftime", "safe", nil, [[pcall(F) pcall(F, {}) pcall(F, 0/0, 1/0)]])
use("os.date", "ok", nil, [[
  assert(not pcall(F, "%Ez") and not pcall(F, "*t", 1 << 62) and not pcall(F, ("%c"):rep(1 << 20)))
  pcall(F, "%" .. ("x"):rep(1000), 0)]])
use("os.time", "ok", nil, [[
  assert(not pcall(F, { year = 1 << 40, month = 1, day = 1 }) and not pcall(F, {}))
  pcall(F, setmetatable({}, { __index = function() return 1 end }))]])

---------------------------------------------------------------------------------------- coroutines

use("coroutine.create", "limited", LIMIT, [[
  local kept = {} while true do kept[#kept + 1] = F(function() end) end]])
use("coroutine.wrap", "limited", LIMIT .. "|overflow",
  [[local function f() return F(f)() end f()]])
use("coroutine.resume", "limited", LIMIT, [[
  while true do F(coroutine.create(function() while true do end end)) end]])
use("coroutine.yield", "ok", nil, [[
  assert(not pcall(F, 1))
  local co = coroutine.wrap(function() F(1) db:transaction(function() F(2) end) end)
  pcall(co) pcall(co) pcall(co)
  assert(not db:in_transaction())]])
use("coroutine.close", "limited", LIMIT .. "|overflow", [[
  local co
  for i = 1, 5000 do
    local before = co
    co = coroutine.create(function()
      local x <close> = setmetatable({}, { __close = function() if before then F(before) end end })
      coroutine.yield()
    end)
    coroutine.resume(co)
  end
  assert(F(co)) while true do end]])
use("coroutine.status coroutine.running coroutine.isyieldable", "safe", nil,
  [[pcall(F) pcall(F, {}) pcall(F, coroutine.create(F)) pcall(coroutine.wrap(F))]])

------------------------------------------------------------------------------------- descriptions

use([[dbcore.blob dbcore.boolean dbcore.date dbcore.datetime dbcore.enum dbcore.integer dbcore.json
  dbcore.list dbcore.numeric dbcore.real dbcore.text dbcore.timestamp dbcore.timestamp_ms
  dbcore.untyped dbcore.uuid dbcore.check dbcore.define dbcore.foreign_key dbcore.index
  dbcore.primary_key dbcore.trigger dbcore.unique dbcore.rule dbcore.type]], "safe", nil, DECLARE)
use("dbcore.table dbcore.view dbcore.fts", "safe", nil, TRY .. [[
  for _, v in ipairs(values) do
    pcall(function() db:create(d.schema { t, F("made", v) }) end)
    pcall(function() db:create(d.schema { t, F("made", { d.integer "id", v }, { strict = v }) }) end)
  end]])
use("dbcore.schema dbcore.relations dbcore.many dbcore.one dbcore.describe dbcore.json_schema",
  "safe", nil, TRY .. [[for _, v in ipairs(values) do pcall(F, t, { v }) pcall(F, { t, v }) end]])
use("dbcore.policy", "safe", nil, TRY .. [[
  F(t, { all = function() while true do end end })
  pcall(function() return db:as { x = loop }:from(t):all() end)]])
use("dbcore.repository", "safe", nil, TRY .. [[
  F(t, { before_create = function() return loop end })(db):create { id = 9 } ]])
use("dbcore.validate", "limited", LIMIT, [[
  local own = d.table("own", { d.text "a" :validate(function() while true do end end) })
  F(own, { a = "x" }, "insert")]])
use("dbcore.try", "limited", LIMIT, [[while true do F(function() while true do end end) end]])
use("dbcore.array", "safe", nil, TRY .. [[F(loop)]])

------------------------------------------------------------------------------ queries, expressions

use("dbcore.alias dbcore.from dbcore.insert dbcore.update dbcore.delete dbcore.with dbcore.ref",
  "safe", nil, TRY .. [[
  for _, v in ipairs(values) do
    pcall(function() return F(v, "a"):all() end)
    pcall(function() return db:from(F(t, v)):all() end)
  end]])
use([[dbcore.abs dbcore.all dbcore.any dbcore.avg dbcore.bm25 dbcore.case dbcore.cast
  dbcore.coalesce dbcore.count dbcore.count_distinct dbcore.cume_dist dbcore.dense_rank
  dbcore.excluded dbcore.exists dbcore.first_value dbcore.func dbcore.group_concat dbcore.has
  dbcore.has_not dbcore.hex dbcore.ifnull dbcore.iif dbcore.instr dbcore.json_array
  dbcore.json_extract dbcore.json_object dbcore.lag dbcore.last_value dbcore.lead dbcore.length
  dbcore.lower dbcore.ltrim dbcore.match dbcore.match_words dbcore.max dbcore.min dbcore.not_
  dbcore.not_exists dbcore.now dbcore.nth_value dbcore.ntile dbcore.nullif dbcore.param
  dbcore.percent_rank dbcore.random dbcore.rank dbcore.raw dbcore.replace dbcore.round
  dbcore.row_number dbcore.rtrim dbcore.snippet dbcore.sql dbcore.substr dbcore.sum dbcore.total
  dbcore.trim dbcore.typeof dbcore.upper]], "safe", nil, SELECT)
use([[expr:as expr:asc expr:between expr:cast expr:collate expr:contains expr:desc expr:distinct
  expr:ends_with expr:eq expr:filter expr:ge expr:glob expr:gt expr:highlight expr:in_ expr:is
  expr:is_not expr:is_not_null expr:is_null expr:json expr:le expr:like expr:lt expr:match expr:ne
  expr:not_between expr:not_in expr:not_like expr:otherwise expr:over expr:regexp expr:snippet
  expr:starts_with expr:when]], "safe", nil, SELECT)
use([[query:all query:as query:count query:cross_join query:distinct query:everywhere query:except
  query:exists query:explain query:from query:full_join query:group_by query:having query:ignore
  query:intersect query:join query:left_join query:limit query:list query:nothing query:nulls
  query:offset query:on_conflict query:one query:order_by query:page query:prepare query:returning
  query:right_join query:run query:select query:set query:single query:to_sql query:union
  query:union_all query:update query:value query:values query:where query:with query:with_avg
  query:with_count query:with_exists query:with_max query:with_min query:with_sum
  query:without_savepoint]], "safe", nil, [[
  for _, start in ipairs { db:from(t), db:insert(t), db:update(t), db:delete(t) } do
    O = start
    pcall(F)
    for _, v in ipairs(values) do
      for _, args in ipairs { { v }, { t, v }, { v, v } } do
        local ok, q = pcall(F, table.unpack(args))
        if ok then pcall(function() return q:all { p = 1 } end) end
      end
    end
  end]])
use("query:rows", "limited", "row limit|" .. LIMIT, [[
  db:exec("INSERT INTO t (name) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n "
    .. "WHERE i < 40000) SELECT 'x' FROM n")
  while true do for _ in F() do end end]])
use([[cursor:all cursor:close cursor:list cursor:one cursor:rows cursor:single cursor:value]],
  "safe", nil, TRY .. [[
  for _, v in ipairs(values) do pcall(O.all, v) pcall(O.close, v) end
  pcall(O.close, O) pcall(F)]])
use([[prepared:all prepared:close prepared:list prepared:one prepared:rows prepared:run
  prepared:single prepared:value]], "safe", nil, TRY .. [[
  for _, v in ipairs(values) do pcall(F, { p = v }) pcall(F, { p = 1, q = v }) end
  pcall(O.close, O) pcall(F, { p = 1 })]])
use("cte:from cte:insert cte:update cte:delete cte:with", "safe", nil, TRY .. [[
  for _, v in ipairs(values) do pcall(function() return F(v):all() end) end
  local function again(n) return d.from(n) end
  pcall(function() return db:with("n", again):from "n":all() end)]])

------------------------------------------------------------------------------------------- handles

use("handle:exec handle:query", "safe", nil, TRY .. [[
  for _, sql in ipairs { "ATTACH 'x' AS y", "PRAGMA writable_schema = 1", "SELECT load_extension('x')",
    "COMMIT; BEGIN", "\0", "SELECT '", ("("):rep(10000), "CREATE TEMP TABLE x(a)" } do
    assert(not pcall(function() local c = F(sql) return c:all() end), sql)
  end]])
use([[handle:as handle:changes handle:create handle:delete handle:explain handle:from
  handle:in_transaction handle:insert handle:is_open handle:last_id handle:schema handle:update
  handle:with]], "safe", nil, TRY)
use("handle:begin", "limited", "left a transaction open|" .. LIMIT,
  [[KEPT = {} for i = 1, 100 do KEPT[i] = F() end]])
use("handle:transaction", "limited", LIMIT .. "|overflow",
  [[local function deeper(tx) tx:transaction(deeper) end F(deeper)]])
use("txn:commit txn:rollback txn:is_open", "safe", nil, TRY .. [[
  pcall(O.rollback, O) for i = 1, 3 do pcall(F) end
  local kept db:transaction(function(tx) kept = tx pcall(tx.commit, tx) end)
  pcall(kept.commit, kept)]])

-------------------------------------------------------------------------------- columns and the like

use([[column:primary_key column:not_null column:unique column:default column:default_sql
  column:default_fn column:default_now column:on_update column:on_update_now column:references
  column:generated column:collate column:storage column:check column:enum column:length
  column:range column:pattern column:validate column:as column:comment column:renamed_from
  column:backfill column:copy]], "safe", nil, DECLARE)
use([[index:on index:unique index:where index:renamed_from foreign_key:references
  foreign_key:on_delete foreign_key:on_update foreign_key:deferrable foreign_key:name rule:on
  relation:through]], "safe", nil, DECLARE)
use([[repo:query repo:find repo:get repo:find_many repo:find_by repo:get_by repo:all repo:first
  repo:count repo:exists repo:page repo:each repo:create repo:create_many repo:find_or_create
  repo:upsert repo:update repo:update_many repo:increment repo:decrement repo:delete
  repo:delete_many repo:purge repo:purge_many repo:restore repo:unscoped repo:with_deleted
  repo:only_deleted repo:transaction]], "safe", nil, TRY .. [[
  for _, v in ipairs(values) do
    pcall(F, 1, { name = v }) pcall(F, { id = v }) pcall(F, { name = v }, { id = v })
  end]])

----------------------------------------------------------------------------------------- operators

operator([[query<__tostring> expr<__tostring> cursor<__tostring> cte<__tostring> handle<__tostring>
  descriptor<__tostring> schema<__tostring> null<__tostring> policy<__tostring> repo<__tostring>
  repository<__tostring> restricted<__tostring>]], [[
  assert(#tostring(O) < 300 and not tostring(O):find "0x")
  for i = 1, 1000 do assert(tostring(O) == ("%s"):format(O)) end]])
operator([[expr<__add> expr<__sub> expr<__mul> expr<__div> expr<__mod> expr<__unm> expr<__band>
  expr<__bor> expr<__bnot> expr<__concat> expr<__lt> expr<__le>]], [[
  local e = O
  pcall(function() for i = 1, 100000 do e = (e + i) .. "x" end end)
  pcall(function() for i = 1, 100000 do e = ~(e & e | -e) end end)
  for _, v in ipairs(values) do
    pcall(function() return O + v end) pcall(function() return v .. O end)
    pcall(function() return O & v end) pcall(function() return O < v end)
  end
  pcall(function() return db:from(t):where(e):all() end)]])
operator([[query<__newindex> expr<__newindex> cte<__newindex> descriptor<__newindex>
  schema<__newindex> handle<__newindex>]], [[
  assert(not pcall(function() O.x = 1 end) and not pcall(function() O[1] = nil end))
  assert(not pcall(rawset, O, "x", 1))]])
operator([[query<__index> expr<__index> cursor<__index> prepared<__index> cte<__index>
  handle<__index> descriptor<__index> schema<__index> repo<__index> repository<__index>
  column<__index> index<__index> foreign_key<__index> rule<__index> relation<__index>
  face<__index>]], [[
  for _, v in ipairs(values) do pcall(function() return O[v] end) end
  assert(not pcall(function() return O.no_such_name_at_all end))]])
operator("descriptor<__pairs> schema<__pairs>", [[
  for i = 1, 3 do for k in pairs(O) do assert(k ~= nil) end end
  local f, s = pairs(O) pcall(f, s, "nope") pcall(f, {}, nil) pcall(f)]])
operator([[cursor<__close> prepared<__close> handle<__close> restricted<__close> cursor<__gc>
  prepared<__gc> handle<__gc> descriptor<__gc> schema<__gc>]], [[
  for i = 1, 200 do local c = db:query "SELECT 1" end
  collectgarbage() collectgarbage()
  pcall(function() local kept <close> = O error "x" end)
  pcall(tostring, O)]])
operator("query<__len> query<__call> cte<__len> cte<__call>", [[
  assert(not pcall(function() return #O end) and not pcall(O))
  for _, v in ipairs(values) do assert(not pcall(O, v) and not pcall(O, v, v)) end]])
operator("cursor<__call> repository<__call>", [[
  for _, v in ipairs(values) do pcall(O, v) pcall(O, v, v) end]])

return list
