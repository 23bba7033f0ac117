-- What the steps of a select become, as text and values, and what they refuse.
local d = require("dbcore")
local expect = require("spec.support.expect")

local users = d.table("users", {
  d.integer "id" :primary_key(), d.text "name", d.integer "boss_id" :references "users.id",
})
local posts = d.table("posts", {
  d.integer "id" :primary_key(), d.integer "author_id" :references "users.id", d.text "title",
})
local tags = d.table("tags", { d.integer "id" :primary_key(), d.text "label" })
local post_tags = d.table("post_tags", {
  d.integer "post_id" :references "posts.id", d.integer "tag_id" :references "tags.id",
})
local schema = d.schema {
  users, posts, tags, post_tags,
  d.relations(users, { boss = d.one("users", { from = "boss_id", to = "id" }) }),
  d.relations(posts, { author = d.one "users", tags = d.many "tags" :through "post_tags" }),
}

-- What stands behind the outputs, without the quotes of plain names.
local function behind(q)
  local sql, values = q:to_sql()
  return (sql:match(' (FROM .*)'):gsub('"(%w+)"', "%1"):gsub('"([%w_]+)"', "%1")), values
end

local function check(q, text, values)
  local sql, found = behind(q)
  assert.equal(text, sql)
  assert.same(values or {}, found)
end

describe("A select as words", function()
  local db

  setup(function() db = d.open(":memory:", { schema = schema }) end)
  teardown(function() db:close() end)

  it("is a value: a step leaves what it was made from as it was", function()
    local base = d.from(users)
    local before = base:to_sql()

    base:where(users.id:eq(1)):order_by(users.name):limit(1)

    assert.equal(before, (base:to_sql()))
  end)

  it("compares the columns of a table in the order of the schema", function()
    check(d.from(users):where { name = "x", id = 3 },
      "FROM users WHERE (users.id = ?) AND (users.name = ?)", { 3, "x" })
    check(d.from(users):where { boss_id = d.null },
      "FROM users WHERE (users.boss_id IS NULL)")
    check(d.from(users):where { id = users.boss_id },
      "FROM users WHERE (users.id = users.boss_id)")
    local u = d.alias(users, "u")
    check(d.from(u):where { id = 1 }, "FROM users AS u WHERE (u.id = ?)", { 1 })
  end)

  it("selects the list first, then names in their order", function()
    local sql = d.from(users):select { zeta = users.id, users.name, alpha = d.count() }:to_sql()

    assert.equal('SELECT "users"."name", count(*) AS "alpha", "users"."id" AS "zeta" FROM "users"',
      sql)
  end)

  it("takes more outputs than fit a small list", function()
    local outputs = {}
    for i = 1, 100 do
      outputs[("c%03d"):format(i)] = i
    end

    local _, values = d.from(users):select(outputs):to_sql()

    assert.equal(100, #values)
    assert.equal(1, values[1])
    assert.equal(100, values[100])
  end)

  it("takes names for columns of its table, and for its outputs", function()
    check(d.from(users):select("name"):order_by("id"), "FROM users ORDER BY users.id")
    check(d.from(users):select { n = d.count() }:group_by("name"):order_by("n"),
      "FROM users GROUP BY users.name ORDER BY n")
    check(d.from(users):order_by { users.name, "id" }, "FROM users ORDER BY users.name, users.id")
  end)

  it("joins on a condition or on equal columns", function()
    check(d.from(posts):join(users, users.id:eq(posts.author_id)),
      "FROM posts JOIN users ON users.id = posts.author_id")
    check(d.from(posts):left_join(users, { id = posts.author_id, name = "x" }),
      "FROM posts LEFT JOIN users ON (users.id = posts.author_id) AND (users.name = ?)", { "x" })
    check(d.from(posts):cross_join(users), "FROM posts CROSS JOIN users")
    local s = d.from(users):select(users.id):as("s")
    check(d.from(posts):join(s, s.id:eq(posts.author_id)):select(posts.id),
      "FROM posts JOIN (SELECT users.id FROM users) AS s ON s.id = posts.author_id")
  end)

  it("joins by relations, through the table between, and under a name that is free", function()
    check(db:from(posts):join "author", "FROM posts JOIN users ON posts.author_id = users.id")
    check(db:from(posts):left_join("tags", tags.label:eq("x")),
      "FROM posts LEFT JOIN post_tags ON posts.id = post_tags.post_id "
        .. "LEFT JOIN tags ON (post_tags.tag_id = tags.id) AND (tags.label = ?)", { "x" })
    check(db:from(users):join "boss", "FROM users JOIN users AS boss ON users.boss_id = boss.id")
    check(db:from(d.alias(users, "u")):join "boss",
      "FROM users AS u JOIN users ON u.boss_id = users.id")
    check(db:from(posts):join(users, users.id:eq(posts.id)):join "author",
      "FROM posts JOIN users ON users.id = posts.id "
        .. "JOIN users AS author ON posts.author_id = author.id")
  end)

  it("finds names in a with before tables of the schema", function()
    local with = db:with("users", d.from(posts))

    local sql = with:from("users"):to_sql()

    assert.truthy(sql:find('SELECT "users"."id", "users"."author_id", "users"."title" FROM "users"',
      1, true), sql)
    check(db:from("posts"), "FROM posts")
    check(db:with("c", d.from(users)):from(posts):join("c", d.ref("c").id:eq(posts.id))
      :select(posts.id), 'FROM users) SELECT posts.id FROM posts JOIN c ON c.id = posts.id')
  end)

  it("gives the function of a recursive with itself", function()
    local q = d.with("tree", function(tree)
      return d.from(users):select(users.id)
        :union_all(d.from(users):join(tree, tree.id:eq(users.boss_id)):select(users.id))
    end):from("tree")

    local sql = q:to_sql()

    assert.truthy(sql:find('^WITH RECURSIVE "tree" AS %(SELECT .* UNION ALL SELECT .* JOIN "tree"'),
      sql)
  end)

  it("says what it is", function()
    assert.equal('dbcore.query: SELECT "tags"."id", "tags"."label" FROM "tags"',
      tostring(d.from(tags)))
    assert.equal("dbcore.query", tostring(d.update(tags)))
    assert.is_false(getmetatable(d.from(tags)))
  end)

  it("keeps alive what it is made of", function()
    local function make(name)
      return d.table(name, { d.integer "id" :primary_key() })
    end
    local function build()
      local a, b, c = make "a", make "b", make "c"
      local s = d.from(c):as("s")
      return d.from(a):join(b, b.id:eq(a.id)):join(s, s.id:eq(a.id))
        :where(d.exists(d.from(make "e"))):select(a.id)
    end
    local q = build()
    for _ = 1, 3 do
      collectgarbage()
    end

    assert.truthy(q:to_sql():find('EXISTS (SELECT 1 FROM "e")', 1, true))
  end)
end)

describe("A select refuses", function()
  local db

  setup(function() db = d.open(":memory:", { schema = schema }) end)
  teardown(function() db:close() end)

  it("nil, and says where", function()
    expect.misuse("where got nil as its condition 1: a misspelt field, perhaps", function()
      return d.from(users):where(nil)
    end)
    expect.misuse("where got nil as its condition 2", function()
      return d.from(users):where(users.id:eq(1), nil)
    end)
    expect.misuse("where needs a condition", function() return d.from(users):where() end)
    expect.misuse("select got nil as its output 2", function()
      return d.from(users):select(users.id, nil)
    end)
    expect.misuse("order_by got nil as its term 1", function()
      return d.from(users):order_by(nil)
    end)
    expect.misuse("from takes a table, got nil", function() return db:from(nil) end)
    expect.misuse("join takes a table or the name of a relation, got nil", function()
      return d.from(users):join(nil, users.id:eq(1))
    end)
    expect.misuse("limit takes a whole number or a parameter, got nil", function()
      return d.from(users):limit(nil)
    end)
  end)

  it("misspelt names, with the nearest", function()
    expect.misuse('a query has no method "limitt"; did you mean "limit"?', function()
      return d.from(users):limitt(1)
    end)
    expect.misuse('did you mean "name"', function() return d.from(users):where { nmae = "x" } end)
    expect.misuse('did you mean "name"', function() return d.from(users):order_by("nmae") end)
    expect.misuse('did you mean "users"', function() return db:from("usres") end)
    expect.misuse('did you mean "author"', function() return db:from(posts):join("authr") end)
  end)

  it("what is no condition", function()
    expect.misuse("where got an empty table", function() return d.from(users):where {} end)
    expect.misuse("use :in_{", function() return d.from(users):where { id = { 1, 2 } } end)
    expect.misuse("== compares in Lua", function()
      return d.from(users):where(users.id == posts.id)
    end)
    expect.misuse('where got text "id = 1"', function() return d.from(users):where("id = 1") end)
    expect.misuse("the number 1 as a key", function() return d.from(users):where { "x" } end)
  end)

  it("outputs that say nothing", function()
    expect.misuse("name its columns one by one", function() return d.from(users):select(users) end)
    expect.misuse("give an expression", function()
      return d.from(users):select { x = "name" }
    end)
    expect.misuse("select needs an output", function() return d.from(users):select() end)
    expect.misuse("true as a key", function() return d.from(users):select { [true] = users.id } end)
  end)

  it("joins without what they need", function()
    expect.misuse("join needs a condition", function() return d.from(users):join(posts) end)
    expect.misuse("cross_join takes no condition", function()
      return d.from(users):cross_join(posts, users.id:eq(1))
    end)
    expect.misuse("in a schema, and there is none", function()
      return d.from(posts):join("author")
    end)
    expect.misuse("relations start at a table", function()
      return db:from(db:from(posts):as("p")):join("author")
    end)
    expect.misuse('name it first, q:as "t"', function()
      return d.from(posts):join(d.from(users), users.id:eq(1))
    end)
    expect.misuse("takes a table", function() return db:from(posts):cross_join("author") end)
  end)

  it("steps of other queries, and parts that are no select", function()
    expect.misuse("set is no step of a select", function() return d.from(users):set { id = 1 } end)
    expect.misuse("limit is no step of an update", function() return d.update(users):limit(1) end)
    expect.misuse("union takes a select, got a delete", function()
      return d.from(users):union(d.delete(users))
    end)
    expect.misuse("union takes a query, got nil", function() return d.from(users):union(nil) end)
    expect.misuse("a with(…) has no method", function() return d.with("c", d.from(users)):all() end)
    expect.misuse("with takes a query or a function", function() return d.with("c", 5) end)
    expect.misuse("with takes a query or a function that returns one, got nil", function()
      return d.with("c", function() end)
    end)
  end)

  it("being called with a dot, or being changed", function()
    expect.misuse("from is called with a colon", function() return db.from(users) end)
    expect.misuse("where is a step of a query, called with a colon", function()
      return d.from(users).where(users.id:eq(1))
    end)
    expect.misuse("is fixed", function() d.from(users).x = 1 end)
  end)

  it("a limit that is none", function()
    for _, value in ipairs({ -1, 1.5, "3", true }) do
      expect.misuse("whole number", function() return d.from(users):limit(value) end)
    end
  end)
end)
