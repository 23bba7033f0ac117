-- Uses the module in any order: queries of anything, handles that are over, cursors while their
-- connection closes, transactions ended from inside, values of every type in every place, the
-- collector at any moment. What must hold: whatever is raised is an error object of dbcore with a
-- known code and one clear line, and the process lives.
--
--   dbscript spec/fuzz/api.lua [--count N] [--seed N] [--trace] [--at FILE]
--
-- Sequence i has the seed N + i; the one that is played stands in FILE, for when it is the last.
local d = require("dbcore")

local options = { count = 1000, seed = os.time() * 1000 }
do
  local i = 1
  while arg[i] do
    local name = arg[i]:match("^%-%-(%l+)$")
    if name == "trace" then
      options.trace = true
    elseif name and arg[i + 1] then
      i = i + 1
      options[name] = tonumber(arg[i]) or arg[i]
    else
      error("usage: api.lua [--count N] [--seed N] [--trace] [--at FILE]", 0)
    end
    i = i + 1
  end
end

local users = d.table("users", {
  d.integer("id"):primary_key(),
  d.text("email"):not_null():unique(),
  d.text("name"):length(1, 20),
  d.integer("age"):range(0, 150),
  d.boolean("active"):default(true),
  d.json("settings"),
  d.timestamp("created_at"):default_now(),
})
local posts = d.table("posts", {
  d.integer("id"):primary_key(),
  d.integer("author_id"):references("users.id", { on_delete = "cascade" }),
  d.text("title"):not_null(),
  d.real("score"),
})
local schema = d.schema({
  users, posts,
  d.relations(users, { posts = d.many("posts") }),
  d.relations(posts, { author = d.one("users") }),
})

local random = math.random

local function pick(list)
  return list[random(#list)]
end

local function once_in(n)
  return random(n) == 1
end

-- ------------------------------------------------------------------- values

-- Fixed ones, and such as are made anew; made only when it is their turn, for most of the time goes
-- into what is made.
local FIXED = {
  math.maxinteger, math.mininteger, 1.5, -0.0, 0 / 0, math.huge, "a", "b@c.d", "", "x\0y", "\xff",
  ("long"):rep(50), true, false, d.null, users, users.id, print, d.from(users),
}
local MADE = {
  function() return random(-5, 100) end,
  function() return random(100) end,
  function() return {} end,
  function() return { 1, 2 } end,
  function() return { a = { b = 1 } } end,
  function() return d.from(users) end,
  function() return d.param("p") end,
  function() return d.now() end,
  function() return d.raw("1") end,
  function() return d.sql("? + 1", 3) end,
  function() return d.excluded("name") end,
  function() return d.count() end,
}

local function value()
  local i = random(#FIXED + #MADE)
  if i <= #FIXED then
    return FIXED[i]
  end
  return MADE[i - #FIXED]()
end

local METHODS = {
  "eq", "ne", "lt", "le", "gt", "ge", "is", "is_not", "in_", "not_in", "between", "not_between",
  "like", "not_like", "glob", "is_null", "is_not_null", "asc", "desc", "as", "collate", "cast",
  "json", "over", "filter", "contains", "starts_with", "ends_with",
}
local FUNCTIONS = {
  "count", "sum", "avg", "min", "max", "coalesce", "lower", "length", "abs", "round", "not_",
  "exists", "all", "any", "row_number", "iif", "func", "nullif", "group_concat", "json_extract",
}

local COLUMNS = { users.id, users.email, users.name, users.age, users.active, users.settings,
  posts.id, posts.author_id, posts.title, posts.score }

local function column()
  return pick(COLUMNS)
end

local expression

local function operand()
  if once_in(3) then
    return expression(1)
  end
  return value()
end

local OPERATORS = {
  function(a, b) return a + b end,
  function(a, b) return a .. b end,
  function(a, b) return a & b end,
  function(a, b) return a | b end,
  function(a, b) return a % b end,
  function(a) return ~a end,
  function(a) return -a end,
}

function expression(depth)
  if depth <= 0 or once_in(3) then
    return column()
  end
  local a = expression(depth - 1)
  local kind = random(6)
  if kind == 1 then
    return pick(OPERATORS)(a, operand())
  elseif kind == 2 then
    return d[pick(FUNCTIONS)](a, operand())
  elseif kind == 3 then
    return a:eq(random(10))
  end
  return a[pick(METHODS)](a, operand(), once_in(3) and operand() or nil)
end

-- ------------------------------------------------------------------ queries

local STEPS = {
  function(q) return q:where(expression(2)) end,
  function(q) return q:where(users.id:gt(random(5))) end,
  function(q) return q:where({ [pick({ "id", "email", "nmae", "title" })] = value() }) end,
  function(q) return q:select(expression(1), column()) end,
  function(q) return q:select({ a = expression(1), b = users.id }) end,
  function(q) return q:order_by(expression(1)) end,
  function(q) return q:group_by(column()):having(expression(1)) end,
  function(q) return q:limit(value()) end,
  function(q) return q:limit(3):offset(1) end,
  function(q) return q:distinct() end,
  function(q) return q:nulls() end,
  function(q)
    return q:join(pick({ users, posts, "posts", "author", 7 }), once_in(2) and expression(1) or nil)
  end,
  function(q) return q:left_join(posts, posts.author_id:eq(users.id)) end,
  function(q) return q:union(d.from(pick({ users, posts }))) end,
  function(q) return q:set({ name = value() }) end,
  function(q) return q:set({ age = random(100) }) end,
  function(q) return q:values({ email = "e" .. random(9), name = value() }) end,
  function(q) return q:values({ { email = "e" .. random(9) }, { email = "f" .. random(9) } }) end,
  function(q)
    local left = random(4)
    return q:values(function()
      left = left - 1
      return left > 0 and { email = "g" .. random(50) } or nil
    end)
  end,
  function(q) return q:on_conflict("email"):update({ name = d.excluded("name") }) end,
  function(q) return q:on_conflict():ignore() end,
  function(q) return q:returning() end,
  function(q) return q:returning(column()) end,
  function(q) return q:everywhere() end,
  function(q) return q:with("posts") end,
  function(q) return q:as("t") end,
}

local ENDS = {
  function(q) return q:all() end,
  function(q) return q:one() end,
  function(q) return q:single() end,
  function(q) return q:value() end,
  function(q) return q:list() end,
  function(q) return q:count() end,
  function(q) return q:exists() end,
  function(q) return q:run() end,
  function(q) return q:to_sql() end,
  function(q) return q:explain() end,
  function(q) return q:page({ size = 2 }) end,
  function(q) return q:all({ p = value() }) end,
  function(q)
    for _ in q:rows() do
      if once_in(3) then break end
    end
  end,
}

-- ----------------------------------------------------------------- sequence

-- What lives: lists of handles, queries, cursors, prepared queries.
local function new_world()
  return { handles = {}, queries = {}, cursors = {}, prepared = {} }
end

local function keep(list, item)
  if #list < 6 then
    list[#list + 1] = item
  else
    list[random(6)] = item
  end
  return item
end

local function handle(w)
  return #w.handles > 0 and pick(w.handles) or nil
end

-- What the callbacks here raised comes back as it is.
local thrown = {}

local function throw()
  local what = value()
  if what ~= what then
    what = "thrown"
  end
  thrown[what] = true
  error(what, 0)
end

-- What create() says, for most of the databases: asking what is there costs more than making it.
local definitions
do
  local db <close> = d.open(":memory:", { schema = schema })
  definitions = db:create():query("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL"):list()
end

local function open(w)
  local db = keep(w.handles, d.open(":memory:", { schema = schema }))
  if once_in(16) then
    db:create()
    return
  end
  for _, sql in ipairs(definitions) do
    db:exec(sql)
  end
end

local CALLS = {
  open,
  function(w)
    local db = handle(w)
    keep(w.queries, pick({ db.from, db.from, db.from, db.insert, db.update, db.delete })(db,
      pick({ users, users, posts, "users", "nope" })))
  end,
  function(w)
    keep(w.queries, pick(STEPS)(pick(w.queries)))
  end,
  function(w)
    keep(w.queries, pick(STEPS)(pick(w.queries)))
  end,
  function(w)
    return pick(ENDS)(pick(w.queries))
  end,
  function(w)
    local db = handle(w)
    db:insert(users):values({ { email = "a" .. random(99), age = random(90) },
      { email = "b" .. random(99), settings = { x = random(9) } } }):run()
  end,
  function(w)
    local next_row, _, _, cursor = pick(w.queries):rows()
    keep(w.cursors, { next_row, cursor })
  end,
  function(w)
    local cursor = pick(w.cursors)
    return cursor[1](cursor[2])
  end,
  function(w)
    local cursor = pick(w.cursors)
    if cursor[2] then cursor[2]:close() end
  end,
  function(w)
    local db = handle(w)
    keep(w.cursors, { function(c) return c:one() end,
      db:query(pick({ "SELECT 1 AS a", "SELECT * FROM users", "SELECT ?", "nonsense" }), 1) })
  end,
  function(w)
    keep(w.prepared, pick(w.queries):prepare())
  end,
  function(w)
    local prepared = pick(w.prepared)
    if once_in(4) then
      return prepared:close()
    end
    return prepared:all({ p = value() })
  end,
  function(w)
    keep(w.handles, handle(w):begin({ mode = pick({ "read", "immediate", "deferred" }) }))
  end,
  function(w)
    local tx = handle(w)
    return pick({ tx.commit, tx.rollback, tx.close })(tx)
  end,
  function(w)
    handle(w):transaction(function(tx)
      keep(w.handles, tx)
      if once_in(3) then keep(w.queries, tx:from(users)) end
      if once_in(5) then tx:rollback(value()) end
      if once_in(6) then handle(w):close() end
      if once_in(6) then throw() end
      if once_in(8) then coroutine.yield() end
      pick(ENDS)(pick(w.queries))
    end, { retries = 0 })
  end,
  function(w)
    return handle(w):exec(pick({ "BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT a", "DELETE FROM posts",
      "INSERT INTO users (email) VALUES (?)" }), pick({ "z", d.null, value() }))
  end,
  function(w)
    if once_in(4) then handle(w):close() end
  end,
  function(w)
    local db = handle(w)
    db:create_function("f" .. random(2), function(...)
      if once_in(4) then throw() end
      if once_in(8) then db:close() end
      if once_in(8) then db:exec("SELECT 1") end
      return ...
    end)
    return db:query("SELECT f1(?)", random(9)):value()
  end,
  function(w)
    handle(w):on_query(once_in(2) and function() if once_in(5) then throw() end end or nil)
  end,
  function(w)
    local db = handle(w)
    return pick({ db.stats, db.is_open, db.in_transaction, db.changes, db.last_id, db.path,
      db.interrupt, db.optimize, db.integrity_check })(db)
  end,
  function(w)
    local list = pick({ w.handles, w.queries, w.cursors, w.prepared })
    if #list > 0 then table.remove(list, random(#list)) end
    collectgarbage(once_in(24) and "collect" or "step")
  end,
  function()
    d.validate(users, { email = value(), age = value() }, pick({ "insert", "update" }))
  end,
}

-- Errors of a broken sequence itself: nothing to pick from, a method that a thing does not have.
local OWN = {
  "^[^\n]*spec/fuzz/api%.lua:%d+: ",
  "bad argument #1 to 'random'",
  "attempt to yield from outside a coroutine",
}

local function is_own(err)
  if type(err) ~= "string" then
    return false
  end
  for _, pattern in ipairs(OWN) do
    if err:find(pattern) then return true end
  end
  return false
end

local function check(err)
  if thrown[err] or is_own(err) then
    return nil
  end
  local mt = debug.getmetatable(err) -- it is locked
  local is_ours = type(err) == "table" and type(mt) == "table" and mt.__name == "dbcore.error"
  if not is_ours then
    return ("raised %s, which is no error of dbcore: %s"):format(type(err), tostring(err))
  end
  if type(err.code) ~= "string" or err.code == "unknown" then
    return "an error without a code: " .. tostring(err)
  end
  if type(err.message) ~= "string" or err.message == "" then
    return "an error without a message"
  end
  if err.message:find("%c") then
    return ("a control character in %q"):format(err.message)
  end
end

local trace = options.trace and print or function() end

local function play(seed)
  math.randomseed(seed)
  thrown = {}
  local w = new_world()
  open(w)
  for _ = 1, random(60) do
    local call = random(#CALLS)
    -- In a coroutine now and then, so that a yield has somewhere to go.
    local run = once_in(6) and coroutine.wrap(CALLS[call]) or CALLS[call]
    local ok, err = pcall(run, w)
    trace(call, ok, ok and "" or tostring(err))
    if not ok then
      local wrong = check(err)
      if wrong then
        return wrong
      end
    end
  end
end

local at = options.at and assert(io.open(options.at, "w"))
for i = 0, options.count - 1 do
  local seed = options.seed + i
  if at then
    at:seek("set")
    at:write(("%d\n"):format(seed))
    at:flush()
  end
  local wrong = play(seed)
  if wrong then
    print(("seed %d: %s"):format(seed, wrong))
    print(("failed; again: dbscript %s --count 1 --seed %d --trace"):format(arg[0], seed))
    os.exit(1)
  end
end
print(("%d sequences from seed %d"):format(options.count, options.seed))
