-- What lua_fault_spec.c runs with memory that fails: `tasks` by name, in the order of `names`;
-- `check` raises unless the connection `db` works, holds no lock, and the data are whole.
local d = require("dbcore")

local money = d.type({
  name = "money",
  sql = "INTEGER",
  encode = function(euro)
    return math.floor(euro * 100 + 0.5)
  end,
  decode = function(cents)
    return cents / 100
  end,
})

local items = d.table("items", {
  d.integer("id"):primary_key(),
  d.text("name"):not_null():unique():pattern("^%w"),
  money("price"),
  d.json("tags"),
  d.text("token"):default_fn(function()
    return ("%08x"):format(7)
  end),
})

local parts = d.table("parts", {
  d.integer("id"):primary_key(),
  d.integer("item_id"):not_null():references("items.id"),
  d.text("name"),
})

local parts_text = d.fts("parts_text", { "name" }, { content = parts })

local schema = d.schema({
  items,
  parts,
  parts_text,
  d.relations(items, { parts = d.many("parts", { where = parts.id:gt(0) }) }),
  d.relations(parts, { item = d.one("items") }),
})
local db = d.open(":memory:", { schema = schema })
db:create()
db:exec("CREATE TABLE scratch (x)")

local list = {}
for i = 1, 30 do
  list[i] = { id = i, name = "item " .. i, price = i / 4, tags = { i, { deep = "x" } } }
end
db:insert(items):values(list):run()
db:insert(parts):values({ { item_id = 1, name = "a" }, { item_id = 2 } }):run()


local tasks, names = {}, {}

local function task(name, fn)
  names[#names + 1] = name
  tasks[name] = fn
end

-- Undoes what a task that writes has done.
local function undone(fn)
  return function()
    local tx <close> = db:begin()
    fn(tx)
    tx:rollback()
  end
end

task("search", function()
  local search = d.match(parts_text, d.match_words("A", { prefix = "all" }))
  local row = db:from(parts_text):where(search):order_by(d.bm25(parts_text, { name = 2 }))
    :select({ id = parts_text.rowid, marked = parts_text.name:highlight("<", ">"),
      piece = parts_text.name:snippet({ words = 2 }), best = d.snippet(parts_text) })
    :one()
  assert(row.marked == "<a>" and row.piece == "a" and row.best == "a" and row.id == 1)
end)

task("one", function()
  local row = db:from(items):where(items.id:eq(3)):one()
  assert(row.price == 0.75 and row.tags[2].deep == "x")
end)

task("one of an order", function()
  assert(db:from(items):order_by(items.name:desc()):one().id == 9)
end)

task("single", function()
  assert(db:from(items):where({ name = "item 4" }):single().id == 4)
end)

task("single that finds none", function()
  local found, err = pcall(function()
    return db:from(items):where({ name = "nothing" }):single()
  end)
  if not found and (type(err) ~= "table" or err.code ~= "not_found") then
    error(err, 0)
  end
  assert(not found)
end)

task("value", function()
  assert(db:from(items):select(items.name):where(items.id:eq(2)):value() == "item 2")
end)

task("all", function()
  local rows = db:from(items):nulls():all()
  assert(#rows == 30 and rows[30].tags[1] == 30)
end)

task("all of a join", function()
  local rows = db:from(items):left_join(parts, parts.item_id:eq(items.id)):all()
  assert(#rows == 30 and rows[1].parts.name == "a" and rows[3].parts == nil)
end)

task("columns of joined tables by their names", function()
  local part = d.alias(parts, "part")
  local row = db:from(items):join(part, part.item_id:eq(items.id)):where({ item_id = 1 })
    :order_by("item_id"):select("item_id"):one()
  assert(row.item_id == 1)
end)

task("list", function()
  assert(#db:from(items):select(items.name):list() == 30)
end)

task("a list so long that the collector waits", function()
  local found = db:query("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n "
    .. "WHERE i < 900) SELECT i FROM n"):list()
  assert(#found == 900)
end)

task("count and exists", function()
  assert(db:from(items):count() == 30 and db:from(items):exists())
end)

task("rows", function()
  local sum = 0
  for row in db:from(items):rows() do
    sum = sum + row.price
    if row.id == 5 then
      break
    end
  end
  assert(sum > 0)
end)

task("a cursor without a loop that would close it", function()
  local cursor = db:from(items):order_by(items.id):rows()
  cursor()
  cursor()
  cursor:close()
end)

task("parameters", function()
  local q = db:from(items):where(items.id:in_(d.param("ids")) & items.name:ne(d.param("name")))
  assert(#q:all({ ids = { 1, 2, 3 }, name = "item 2" }) == 2)
end)

task("prepared", function()
  local p <close> = db:from(items):where(items.id:eq(d.param("id"))):prepare()
  assert(p:one({ id = 2 }).name == "item 2" and #p:all({ id = 3 }) == 1)
end)

task("to_sql and explain", function()
  local q = db:from(items):where(items.id:in_({ 1, 2 }) & items.name:eq("x"))
  local text, values = q:to_sql()
  assert(text and #values == 2 and #q:explain() > 0)
  assert(items and d.from(items):to_sql())
end)

task("raw query", function()
  for row in db:query("SELECT id, name, ? AS given FROM items WHERE id < ?", "text", 4) do
    assert(row.given == "text" and row.id < 4)
  end
  assert(#db:query("SELECT id, name FROM items"):all() == 30)
end)

task("raw exec", undone(function(tx)
  assert(tx:exec("UPDATE items SET name = name || ? WHERE id = ?", "!", 4).changes == 1)
end))

task("insert one row", undone(function(tx)
  local result = tx:insert(items):values({ name = "new", price = 2, tags = { "a" } }):run()
  assert(result.changes == 1)
end))

task("insert a list", undone(function(tx)
  local result = tx:insert(items):values({
    { name = "new", price = 2.5 },
    { name = "newer", tags = { x = { 1, 2 } } },
    { name = "newest", price = d.sql("? + ?", 1, 2) },
  }):run()
  assert(result.changes == 3)
end))

task("insert a list outside of a transaction", function()
  local good, err = pcall(function()
    db:insert(items):values({ { name = "new" }, { name = "item 1" } }):run()
  end)
  if not good and (type(err) ~= "table" or err.code ~= "constraint.unique") then
    error(err, 0)
  end
  assert(not good and err.row == 2)
end)

task("insert from an iterator", undone(function(tx)
  local n = 0
  local result = tx:insert(items):values(function()
    n = n + 1
    return n <= 5 and { name = "n" .. n } or nil
  end):run()
  assert(result.changes == 5)
end))

task("insert returning", undone(function(tx)
  local rows = tx:insert(items):values({ { name = "x", price = 1 }, { name = "y" } })
    :returning():all()
  assert(#rows == 2 and rows[1].price == 1)
  assert(tx:insert(items):values({ name = "z" }):returning(items.token):value() == "00000007")
end))

task("upsert", undone(function(tx)
  tx:insert(items):values({ { id = 1, name = "item 1", price = 9 } }):on_conflict("id")
    :update({ price = d.excluded("price") }):run()
  assert(tx:from(items):where(items.id:eq(1)):one().price == 9)
end))

task("update returning", undone(function(tx)
  local row = tx:update(items):set({ tags = { "new" }, price = 3 }):where(items.id:eq(1))
    :returning():single()
  assert(row.tags[1] == "new")
end))

task("delete", undone(function(tx)
  assert(tx:delete(items):where(items.id:gt(20)):run().changes == 10)
end))

task("transaction", function()
  db:transaction(function(tx)
    tx:insert(items):values({ name = "new" }):run()
    tx:transaction(function(inner)
      inner:delete(items):where(items.name:eq("new")):run()
    end)
  end)
end)

task("an error with all it knows", function()
  local good, err = pcall(function()
    db:insert(items):values({ id = 1, name = "again" }):run()
  end)
  if type(err) ~= "table" or err.code ~= "constraint.unique" then
    error(err, 0)
  end
  assert(not good and err.table == "items" and #tostring(err) > 0)
end)

task("validation", function()
  local _, err = pcall(function()
    db:insert(items):values({ name = "!" }):run()
  end)
  if type(err) ~= "table" or err.code ~= "validation" then
    error(err, 0)
  end
  assert(err.fields[1].rule == "pattern")
end)

-- A table with a rule of every kind, in a database of its own.
local function ruled()
  local t = d.table("ruled", {
    d.integer("id"):primary_key(),
    d.text("name"):not_null():length(1, 5):validate(function(name)
      return name ~= "Eve", "not " .. name
    end),
    d.json("j", { tags = d.list(d.text():length(1, 3)) }),
    d.timestamp("deleted_at"),
    d.rule("odd", function(row) return row.id ~= 2, "two is even" end):on("id"),
  })
  local conn = d.open(":memory:", { schema = d.schema({ t }) })
  return t, conn
end

local function expect_fields(count, good, err)
  if good or type(err) ~= "table" or err.code ~= "validation" then
    error(err or "it went well", 0)
  end
  assert(#err.fields == count)
end

task("rules of every kind", function()
  local t, conn = ruled()
  local _ <close> = conn
  conn:create()
  local row = { id = 2, name = "Eve", j = { tags = { "a", "long", 5 } } }
  expect_fields(4, d.validate(t, row))
  expect_fields(4, pcall(function()
    conn:insert(t):values({ { id = 1, name = "Ann" }, row }):run()
  end))
  expect_fields(2, pcall(function()
    conn:update(t):set({ name = "Eve", j = { x = print } }):everywhere():run()
  end))
  assert(#select(2, d.json_schema(t)) > 100)
end)

task("a repository", function()
  local t, conn = ruled()
  local _ <close> = conn
  conn:create()
  local Ruled = d.repository(t, { soft_delete = "deleted_at",
    before_create = function(row) row.name = row.name:upper() end })
  local repo = Ruled(conn)
  assert(repo:create({ id = 1, name = "ann" }).name == "ANN")
  assert(repo:update(1, { name = "Bob" }).name == "Bob")
  assert(repo:delete(1) and repo:count() == 0 and repo:with_deleted():count() == 1)
  assert(repo:restore(1).name == "Bob")
end)

task("a function, an aggregate, a collation", function()
  local other <close> = d.open(":memory:")
  other:create_function("twice", function(x)
    return x .. x
  end, { args = 1 })
  other:create_aggregate("joined", {
    begin = function()
      return { n = 0 }
    end,
    step = function(state, x)
      state.n = state.n + 1
      state[state.n] = x
    end,
    value = function(state)
      return table.concat(state, ",")
    end,
  })
  other:create_collation("backwards", function(a, b)
    return a < b and 1 or a > b and -1 or 0
  end)
  local row = other:query("SELECT twice('ab') AS t, joined(column1) AS j FROM (SELECT column1 "
    .. "FROM (VALUES ('a'), ('b'), ('c')) ORDER BY column1 COLLATE backwards)"):one()
  assert(row.t == "abab" and row.j == "c,b,a")
end)

task("observing", function()
  local other <close> = d.open(":memory:")
  local seen = {}
  other:on_query(function(event)
    seen[#seen + 1] = event.sql
  end)
  other:exec("CREATE TABLE t (x)")
  assert(#other:query("SELECT 1 AS one"):all() == 1)
end)

task("a mock", function()
  local mock = d.mock()
  mock:expect(nil, { columns = { "id", "name" }, rows = { { 1, "x" }, { 2, d.null } } })
  local other <close> = d.open("mock", { driver = mock })
  assert(#other:query("SELECT"):all() == 2 and #mock:log() >= 1)
end)

task("stats", function()
  assert(db:stats().rows >= 0)
end)

task("describing tables and a schema", function()
  local def = d.describe(schema)
  local a = d.table("a", {
    d.integer("id"):primary_key(), d.text("s"):default("x"), d.json("j"), money("m"),
    d.enum("e", { "on", "off" }), d.index("a_s"):on("s"),
  })
  local b = d.table("b", { d.integer("id"):primary_key(), d.integer("a_id"):references("a.id") })
  local made = d.schema({ a, b, d.relations(b, { a = d.one("a") }) })
  assert(#def.tables == 3 and #d.describe(made).relations == 1 and made.a == a)
end)

task("building a select", function()
  local u = d.alias(items, "u")
  local sub = d.from(parts):select({ item = parts.item_id, n = d.count() })
    :group_by("item_id"):as("sub")
  local q = db:with("c", d.from(items)):from(u)
    :join(sub, sub.item:eq(u.id))
    :left_join(parts, { item_id = u.id })
    :join("c", d.ref("c").id:eq(u.id))
    :where((u.id:gt(1) | u.name:contains("50%")) & ~u.token:eq("x"))
    :where(u.id:in_({ 1, 2, 3, 4, 5 }), d.exists(d.from(parts)), d.all(u.id:eq(1), u.id:ne(2)))
    :where({ name = "x", id = 3 })
    :select({ u.id, n = sub.n, k = d.case():when(u.id:lt(3), "few"):otherwise(u.name) })
    :select({ r = d.row_number():over({ partition_by = u.id, order_by = { u.name:desc() } }) })
    :order_by("n", u.id):limit(3):offset(1):distinct()
  assert(#q:union(q):to_sql() > 0 and #tostring(q) > 0)
end)

task("building writes", function()
  assert(d.update(items):set({ name = "x", price = 2.5, tags = { 1 } }):where({ id = 1 })
    :returning("id", { t = items.tags }):to_sql())
  assert(d.insert(parts):from(d.from(items):select({ item_id = items.id }))
    :on_conflict("id"):update({ name = d.excluded("name") }):where(parts.id:gt(1)):to_sql())
  assert(d.delete(parts):where(parts.item_id:in_(d.from(items):select(items.id))):to_sql())
end)

task("relations", function()
  local rows = db:from(items):with({
    parts = d.from(parts):where(parts.name:eq(d.param("name"))):limit(1):with("item"),
  }):with_count("parts"):order_by("id"):all({ name = "a" })
  assert(#rows == 30 and rows[1].parts[1].item.price == 0.25 and rows[1].parts_count == 1)
  assert(#rows[2].parts == 0 and rows[2].parts_count == 1)
end)

task("relations row by row", function()
  local count = 0
  for row in db:from(parts):with("item"):where(d.has("item")):rows() do
    count = count + #row.item.tags
  end
  assert(count == 4)
  assert(db:from(items):with("parts"):order_by("id"):one().parts[1].name == "a")
end)

d.policy(parts, { all = function(ctx) return parts.item_id:in_(ctx.items) end })

task("a handle under a policy", function()
  local handle <close> = db:as({ items = { 2, 3 } })
  assert(handle:from(parts):count() == 1 and handle:from(items):count() == 30)
  local sub = handle:from(parts):select(parts.item_id)
  assert(db:from(items):where(items.id:in_(sub)):one().id == 2)
  local tx <close> = handle:begin()
  tx:insert(parts):values({ item_id = 3, name = "c" }):run()
  local done, err = pcall(function()
    tx:insert(parts):values({ item_id = 1, name = "c" }):returning():one()
  end)
  if done or (type(err) ~= "table" or err.code ~= "denied") then
    error(err, 0)
  end
end)

task("migrating", function()
  local told = 0
  local tx <close> = db:begin()
  local m = d.migrator(tx, { done = function() told = told + 1 end, progress = function() end,
    migrations = {
      { version = 1, name = "a", sql = "CREATE TABLE fresh (x);\n-- down\nDROP TABLE fresh" },
      { version = 2, name = "b", up = function(step)
        step:create_table(d.table("more", { d.integer("id"):primary_key(), d.text("s") }))
        step:add_column("more", d.text("t"):default("x"))
        step:execute("INSERT INTO more (s) VALUES (?)", "y")
      end },
    } })
  assert(#m:up().applied == 2 and told == 2)
  assert(m:status().current == "2_b" and #m:up().applied == 0)
  assert(tx:query("SELECT t FROM more"):value() == "x")
end)

local function check()
  db:exec("DROP TABLE scratch")
  db:exec("CREATE TABLE scratch (x)")
  assert(not db:in_transaction(), "a transaction is open")
  assert(db:from(items):count() == 30, "the data have changed")
  assert(db:from(items):where(items.id:eq(1)):one().name == "item 1", "a row has changed")
end

return { db = db, tasks = tasks, names = names, check = check }
