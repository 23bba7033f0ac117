-- Section 2: one description that drives everything.
local d = require("dbcore")
local expect = require("spec.support.expect")

local function column_of(descriptor, name)
  for _, column in ipairs(d.describe(descriptor).columns) do
    if column.name == name then
      return column
    end
  end
end

-- A table around one column, to be described or refused.
local function around(column)
  return d.table("t", { d.integer "id" :primary_key(), column })
end

describe("A table", function()
  it("is described as in the book and can be created", function()
    local users = d.table("users", {
      d.integer   "id"         :primary_key(),
      d.text      "email"      :not_null() :unique() :collate "nocase",
      d.text      "name"       :not_null() :length(1, 80),
      d.text      "role"       :enum { "admin", "editor", "reader" } :not_null() :default "reader",
      d.integer   "age"        :range(0, 150),
      d.boolean   "active"     :not_null() :default(true),
      d.json      "settings",
      d.timestamp "created_at" :not_null() :default_now(),
      d.timestamp "updated_at" :not_null() :default_now() :on_update_now(),
      d.timestamp "deleted_at",
      d.text      "handle"     :generated("lower(name)", "stored"),
      d.index     "users_active_email" :on("active", "email") :where "deleted_at IS NULL",
      d.check     ("users_adult", "role <> 'admin' OR age >= 18"),
    }, { strict = true })
    local db <close> = d.open(":memory:", { schema = d.schema { users } })

    db:create(d.schema { users })
    local row = db:insert(users):values { email = "a@b.c", name = "Ada" }:returning():one()

    assert.equal("ada", row.handle)
    assert.equal("reader", row.role)
    assert.is_true(row.active)
    assert.is_true(math.abs(row.created_at - os.time()) < 5)
    assert.is_nil(row.deleted_at)
  end)

  it("has its columns as fields, and nothing else", function()
    local t = d.table("t", { d.integer "id", d.text "name", d.text "eq", d.text "columns" })

    assert.is_userdata(t.name)
    assert.is_userdata(t.eq)
    assert.is_userdata(t.columns)
    expect.misuse('did you mean "name"', function() return t.nmae end)
  end)

  it("cannot be assigned to", function()
    local t = d.table("t", { d.integer "id" })

    expect.error(function() t.id = 5 end)
    expect.error(function() t.other = 5 end)
  end)

  it("is read back whole", function()
    local t = d.table("things", {
      d.integer "id" :primary_key { autoincrement = true },
      d.text "code" :not_null() :unique() :collate "nocase" :pattern "^%u+$" :comment "short",
      d.text "state" :enum { "on", "off" } :default "on",
      d.real "weight" :range(0.5, 9),
      d.blob "data" :length(nil, 16),
      d.integer "owner_id" :references("owners.id", { on_delete = "set null",
        on_update = "cascade", deferrable = "deferred" }),
      d.integer "twice" :generated("owner_id * 2"),
      d.text "nick" :as "nickname" :renamed_from "alias" :backfill "'?'" :copy "upper(alias)",
      d.datetime "seen" :default_sql "CURRENT_TIMESTAMP",
      d.text "flag" :check("flag_short", "length(flag) < 3"),
      d.index "things_code" :on({ "code", desc = true, collate = "binary" }, "state") :unique()
        :where "state IS NOT NULL",
      d.unique("code", "state"),
      d.check("weight > 0 OR data IS NULL"),
      d.foreign_key("code", "state") :references("pairs", "a", "b") :on_delete "restrict",
      d.trigger("things_touch", "AFTER INSERT ON things BEGIN SELECT 1; END"),
    }, { strict = true, comment = "all of it", renamed_from = "stuff" })

    local def = d.describe(t)

    assert.equal("things", def.name)
    assert.equal("table", def.kind)
    assert.is_true(def.strict)
    assert.equal("all of it", def.comment)
    assert.equal("stuff", def.renamed_from)
    assert.equal(10, #def.columns)
    local id, code = column_of(t, "id"), column_of(t, "code")
    assert.is_true(id.primary_key)
    assert.is_true(id.autoincrement)
    assert.is_true(code.not_null)
    assert.is_true(code.unique)
    assert.equal("nocase", code.collate)
    assert.equal("^%u+$", code.pattern)
    assert.equal("short", code.comment)
    assert.same({ "on", "off" }, column_of(t, "state").enum)
    assert.equal("on", column_of(t, "state").default)
    assert.equal(0.5, column_of(t, "weight").min)
    assert.equal(9, column_of(t, "weight").max)
    assert.equal(16, column_of(t, "data").max_len)
    local key = column_of(t, "owner_id").references
    assert.equal("owners", key.table)
    assert.same({ "id" }, key.to)
    assert.equal("set_null", key.on_delete)
    assert.equal("cascade", key.on_update)
    assert.equal("deferred", key.deferrable)
    assert.equal("owner_id * 2", column_of(t, "twice").generated)
    assert.is_falsy(column_of(t, "twice").stored)
    local nick = column_of(t, "nick")
    assert.same({ "nickname", "alias", "'?'", "upper(alias)" },
      { nick.as, nick.renamed_from, nick.backfill, nick.copy })
    assert.equal("CURRENT_TIMESTAMP", column_of(t, "seen").default_sql)
    assert.equal("length(flag) < 3", column_of(t, "flag").check)
    assert.equal("flag_short", column_of(t, "flag").check_name)
    local index = def.indexes[1]
    assert.equal("things_code", index.name)
    assert.is_true(index.unique)
    assert.equal("state IS NOT NULL", index.where)
    assert.equal("code", index.parts[1].column)
    assert.is_true(index.parts[1].desc)
    assert.equal("binary", index.parts[1].collate)
    assert.equal("state", index.parts[2].column)
    assert.same({ "code", "state" }, def.uniques[1].columns)
    assert.equal("weight > 0 OR data IS NULL", def.checks[1].expression)
    assert.same({ "code", "state" }, def.foreign_keys[1].columns)
    assert.same({ "a", "b" }, def.foreign_keys[1].to)
    assert.equal("restrict", def.foreign_keys[1].on_delete)
    assert.equal("things_touch", def.triggers[1].name)
  end)

  it("can be made again from what was read back", function()
    local first = d.describe(d.table("t", {
      d.integer "a" :not_null(), d.text "b" :default "x", d.primary_key("a", "b"),
      d.index "t_b" :on(d.raw "lower(b)"),
    }, { without_rowid = true }))
    local native = require("dbcore.native")

    local second = d.describe(native.table(first))

    assert.same(first, second)
  end)

  it("has every type of the book", function()
    for _, kind in ipairs { "integer", "real", "text", "blob", "boolean", "json", "numeric",
      "timestamp", "timestamp_ms", "datetime", "date", "uuid" } do
      local t = around(d[kind] "x")

      assert.equal(kind, column_of(t, "x").type)
    end
    local t = around(d.enum("x", { "a", "b" }))
    assert.equal("enum", column_of(t, "x").type)
    assert.same({ "a", "b" }, column_of(t, "x").enum)
  end)

  it("keeps the functions of its columns", function()
    local function make() return 7 end
    local function check() return true end
    local t = around(d.integer "x" :default_fn(make) :on_update(make) :validate(check))

    local x = column_of(t, "x")

    assert.equal(make, x.default_fn)
    assert.equal(make, x.on_update)
    assert.equal(check, x.validate)
  end)

  it("keeps the description of a JSON column", function()
    local t = around(d.json("settings", { d.text "theme" :enum { "dark", "light" },
      d.json("tags", d.text "tag") }))

    local shape = column_of(t, "settings").shape

    assert.equal("theme", shape.fields[1].name)
    assert.same({ "dark", "light" }, shape.fields[1].enum)
    assert.equal("tag", shape.fields[2].shape.items.name)
  end)
end)

describe("A description of a column", function()
  it("is a value: a verb returns another one", function()
    local base = d.text "name"
    local needed = base:not_null()

    assert.is_falsy(column_of(around(base), "name").not_null)
    assert.is_true(column_of(around(needed), "name").not_null)
  end)

  it("refuses a misspelt verb and names the nearest", function()
    expect.misuse('did you mean "not_null"', function() d.text "a" :not_nul() end)
    expect.misuse('did you mean "references"', function() d.integer "a" :refrences("t.id") end)
    expect.misuse('did you mean "where"', function() d.index "i" :on("a") :wher "x" end)
    expect.misuse('did you mean "on_delete"', function()
      d.foreign_key("a") :references("t", "id") :on_delet "cascade"
    end)
  end)

  it("refuses misspelt options and words", function()
    expect.misuse('did you mean "autoincrement"', function()
      d.integer "id" :primary_key { autoincrment = true }
    end)
    expect.misuse('did you mean "on_delete"', function()
      d.integer "a" :references("t.id", { on_delet = "cascade" })
    end)
    expect.misuse('did you mean "cascade"', function()
      d.integer "a" :references("t.id", { on_delete = "cascad" })
    end)
    expect.misuse('did you mean "stored"', function() d.text "a" :generated("b", "storred") end)
    expect.misuse('did you mean "strict"', function()
      d.table("t", { d.integer "id" }, { strct = true })
    end)
    expect.misuse('did you mean "deferred"', function()
      d.integer "a" :references("t.id", { deferrable = "defered" })
    end)
  end)

  it("refuses arguments of the wrong kind", function()
    local wrong = {
      function() d.text(5) end,
      function() d.text(nil) end,
      function() d.text "" end,
      function() d.text "a\0b" end,
      function() d.text(("x"):rep(1 << 20)) end,
      function() d.text "\xff" end,
      function() d.text "a" :length("1") end,
      function() d.text "a" :length(-1) end,
      function() d.text "a" :length(5, 2) end,
      function() d.text "a" :length() end,
      function() d.integer "a" :length(1, 2) end,
      function() d.text "a" :range(1, 2) end,
      function() d.integer "a" :range("x") end,
      function() d.text "a" :enum "x" end,
      function() d.text "a" :enum {} end,
      function() d.text "a" :enum { 1 } end,
      function() d.text "a" :enum { "x", "x" } end,
      function() d.integer "a" :enum { "x" } end,
      function() d.text "a" :pattern "(" end,
      function() d.integer "a" :pattern "x" end,
      function() d.text "a" :validate "x" end,
      function() d.text "a" :default() end,
      function() d.text "a" :default(5) end,
      function() d.integer "a" :default "5" end,
      function() d.integer "a" :default(0.5) end,
      function() d.boolean "a" :default(1) end,
      function() d.text "a" :default(function() end) end,
      function() d.text "a" :default_fn "x" end,
      function() d.text "a" :default_now() end,
      function() d.text "a" :default "x" :default_sql "'y'" end,
      function() d.integer "a" :default(1) :generated "2" end,
      function() d.text "a" :not_null() :not_null() end,
      function() d.text "a" :primary_key { autoincrement = true } end,
      function() d.integer "a" :references() end,
      function() d.integer "a" :references { "t", "id" } end,
      function() d.integer "a" :check() end,
      function() d.integer "a" :check "  " end,
      function() d.integer "a" :collate "nocase" end,
      function() d.text "a" :comment(1) end,
      function() d.json("a", { "x" }) end,
      function() d.json("a", { d.text "x", d.text "x" }) end,
      function() around(d.text "a" :enum { "x" } :default "y") end,
      function() around(d.text "a" :default "y" :enum { "x" }) end,
      function() d.index(nil) end,
      function() d.index "i" :on() end,
      function() d.index "i" :on(5) end,
      function() d.index "i" :on { "a", dsc = true } end,
      function() d.unique() end,
      function() d.unique { "a" } end,
      function() d.primary_key(1) end,
      function() d.check() end,
      function() d.trigger "x" end,
      function() d.foreign_key() end,
      function() d.foreign_key("a") :references("t") :deferrable "later" end,
    }
    for _, call in ipairs(wrong) do
      local err = expect.error(call)

      assert.equal("invalid", err.code, err.message)
      assert.truthy(tostring(err):find("schema_spec.lua:", 1, true))
    end
  end)
end)

describe("A table is refused", function()
  it("without a good name or list", function()
    expect.misuse("", function() d.table(nil, { d.integer "id" }) end)
    expect.misuse("NUL", function() d.table("a\0b", { d.integer "id" }) end)
    expect.misuse("empty", function() d.table("", { d.integer "id" }) end)
    expect.misuse("no columns", function() d.table("t", {}) end)
    expect.misuse("list", function() d.table("t", "x") end)
    expect.misuse("list", function() d.table("t", { id = d.integer "id" }) end)
    expect.misuse("item 2", function() d.table("t", { d.integer "id", "name" }) end)
    expect.misuse("item 2", function() d.table("t", { d.integer "id", nil, d.text "x" }) end)
  end)

  it("when an item is not finished", function()
    expect.misuse(":on(", function() d.table("t", { d.integer "a", d.index "i" }) end)
    expect.misuse(":references(", function()
      d.table("t", { d.integer "a", d.foreign_key("a") })
    end)
    expect.misuse("list", function()
      d.table("t", { d.json("x", d.enum("y", { "a" })), d.enum("z") })
    end)
  end)

  it("when its parts contradict each other", function()
    local wrong = {
      function() d.table("t", { d.integer "a", d.text "a" }) end,
      function() d.table("t", { d.integer "a", d.text "A" }) end,
      function() d.table("t", { d.integer "a", d.index "i" :on("b") }) end,
      function() d.table("t", { d.integer "a", d.unique("a", "b") }) end,
      function() d.table("t", { d.integer "a", d.primary_key("b") }) end,
      function() d.table("t", { d.integer "a" :primary_key(), d.primary_key("a") }) end,
      function() d.table("t", { d.integer "a" }, { without_rowid = true }) end,
      function()
        d.table("t", { d.integer "id" :primary_key(), d.integer "org" }, { shard_by = "org" })
      end,
    }
    for _, call in ipairs(wrong) do
      local err = expect.error(call)

      assert.truthy(err.code == "schema" or err.code == "invalid", err.code)
    end
  end)

  it("with the nearest name when an index names an unknown column", function()
    local err = expect.error(function()
      d.table("t", { d.text "email", d.index "i" :on("emial") })
    end)

    assert.truthy(err.message:find('"email"', 1, true))
  end)
end)

describe("A schema", function()
  local users = d.table("users", { d.integer "id" :primary_key(), d.text "name" })
  local posts = d.table("posts", {
    d.integer "id" :primary_key(),
    d.integer "author_id" :not_null() :references "users.id",
    d.integer "editor_id" :references "users",
  })
  local tags = d.table("tags", { d.integer "id" :primary_key(), d.text "word" })
  local post_tags = d.table("post_tags", {
    d.integer "post_id" :references "posts.id", d.integer "tag_id" :references "tags.id",
    d.primary_key("post_id", "tag_id"),
  })

  it("gives its tables by name", function()
    local schema = d.schema { users, posts }

    assert.equal("posts", d.describe(schema.posts).name)
    expect.misuse('did you mean "users"', function() return schema.usres end)
  end)

  it("works relations out from foreign keys", function()
    local schema = d.schema {
      users, posts, tags, post_tags,
      d.relations(users, { posts = d.many("posts", { from = "id", to = "author_id" }) }),
      d.relations(posts, {
        author = d.one("users", { from = "author_id", to = "id" }),
        tags = d.many "tags" :through "post_tags",
      }),
    }

    local found = {}
    for _, relation in ipairs(d.describe(schema).relations) do
      found[relation.table .. "." .. relation.name] = relation
    end

    assert.same({ "id" }, found["users.posts"].from)
    assert.same({ "author_id" }, found["users.posts"].to)
    assert.equal("many", found["users.posts"].kind)
    assert.equal("one", found["posts.author"].kind)
    assert.equal("post_tags", found["posts.tags"].through)
    assert.same({ "post_id" }, found["posts.tags"].through_from)
    assert.same({ "tag_id" }, found["posts.tags"].through_to)
  end)

  it("asks for the keys when there are several candidates", function()
    local err = expect.failure("schema", "author_id", function()
      return d.schema { users, posts, d.relations(users, { posts = d.many "posts" }) }
    end)

    assert.truthy(err.message:find("editor_id", 1, true))
  end)

  it("refuses what does not fit together, with the nearest name", function()
    local function fails(piece, list)
      local err = expect.error(d.schema, list)
      assert.truthy(err.code == "schema" or err.code == "invalid", err.code)
      assert.truthy(err.message:find(piece, 1, true), err.message)
    end

    fails("users", { posts })
    fails('"users"', { users, d.table("x", { d.integer "a" :references "usres.id" }) })
    fails('"id"', { users, d.table("x", { d.integer "a" :references "users.ids" }) })
    fails('"posts"', { users, posts,
      d.relations(users, { p = d.many("post", { from = "id", to = "author_id" }) }) })
    fails('"author_id"', { users, posts,
      d.relations(users, { p = d.many("posts", { from = "id", to = "autor_id" }) }) })
    fails("twice", { users, users })
    fails("tags", { tags, posts, users, d.relations(tags, { posts = d.many "posts" }) })
  end)

  it("takes what no description can say as the statement that makes it", function()
    local places = d.table("places", { d.integer "id", d.real "west", d.real "east" })
    local schema = d.schema {
      users,
      d.define "CREATE VIRTUAL TABLE places USING rtree(id, west, east);",
      d.table("visits", { d.integer "id" :primary_key(), d.integer "kind" :references "kinds.id" }),
      d.define "CREATE TABLE kinds(id INTEGER PRIMARY KEY)",
    }
    local db <close> = d.open(":memory:", { schema = schema })

    db:create()
    db:create()
    db:insert(places):values { id = 1, west = 2.5, east = 3 }:run()

    assert.equal(2.5, db:from(places):one().west)
    assert.same({
      { kind = "virtual table", name = "places",
        sql = "CREATE VIRTUAL TABLE places USING rtree(id, west, east)" },
      { kind = "table", name = "kinds", sql = "CREATE TABLE kinds(id INTEGER PRIMARY KEY)" },
    }, d.describe(schema).definitions)
  end)

  it("refuses a definition that is none", function()
    expect.misuse("CREATE", function() d.schema { d.define "DROP TABLE x" } end)
    expect.misuse("one statement", function()
      d.schema { d.define "CREATE TABLE a(b); CREATE TABLE c(d)" }
    end)
    expect.misuse("already", function() d.schema { users, d.define "CREATE TABLE USERS(a)" } end)
    expect.misuse("text", function() d.define(7) end)
    expect.misuse("empty", function() d.define "" end)
  end)

  it("refuses a list with something else in it", function()
    expect.misuse("item 2", function() d.schema { users, nil, posts } end)
    expect.misuse("item 1", function() d.schema { "users" } end)
    expect.misuse("list", function() d.schema(5) end)
    expect.misuse("", function() d.relations(users, { posts = "posts" }) end)
    expect.misuse("", function() d.relations(users, { d.many "posts" }) end)
    expect.misuse('did you mean "from"', function() d.many("posts", { form = "id" }) end)
    expect.misuse("both", function() d.many("posts", { from = "id" }) end)
    expect.misuse('did you mean "through"', function() d.many "tags" :trough "post_tags" end)
  end)

  it("says how a relation is written that was guessed otherwise", function()
    expect.misuse('say d.many "tags" :through "post_tags"', d.many, "tags",
      { through = "post_tags" })
    expect.misuse('say d.many "tags" :through "posts"', d.many, tags, { through = posts })
    expect.misuse('say d.one "tags" :through (…)', d.one, "tags", { through = { "post_tags" } })
    expect.misuse('dbcore has no "many_through"; a relation is said with d.many "tags" :through '
      .. '"post_tags"', function() return d.many_through end)
    expect.misuse("a relation is said with d.one(…)", function() return d.belongs_to end)
    expect.misuse("a relation is said with d.many(…)", function() return d.has_many end)
  end)

  it("says the keys that a table between has to choose from", function()
    local people = d.table("people", { d.integer "id" :primary_key() })
    local friends = d.table("friends", {
      d.integer "a" :references "people.id", d.integer "b" :references "people.id",
    })

    expect.misuse('(a, b): say :through("friends", { from = …, to = … })', d.schema, { people,
      friends, d.relations(people, { friends = d.many "people" :through "friends" }) })
    local said = d.many "people" :through("friends", { from = "a", to = "b" })
    assert.has_no.errors(function()
      return d.schema { people, friends, d.relations(people, { friends = said }) }
    end)
  end)

  it("is described table by table, in order", function()
    local def = d.describe(d.schema { users, posts })

    assert.equal("users", def.tables[1].name)
    assert.equal("posts", def.tables[2].name)
    assert.equal("author_id", def.tables[2].columns[2].name)
  end)

  it("is created in an order that works, whatever the list says", function()
    local schema = d.schema { post_tags, posts, tags, users }
    local db <close> = d.open(":memory:", { schema = schema })

    db:create(schema)
    db:insert(users):values { id = 1, name = "A" }:run()
    db:insert(posts):values { id = 1, author_id = 1 }:run()

    assert.equal(1, db:from(posts):count())
  end)

  it("is created whole or not at all", function()
    local bad = d.table("bad", { d.integer "a" :check "no_such_column > 1" })
    local db <close> = d.open(":memory:")

    expect.error(db.create, db, d.schema { users, bad })

    assert.equal(0, db:query("SELECT count(*) AS n FROM sqlite_schema"):one().n)
  end)
end)

describe("Constraints hold in the database", function()
  local function opened(...)
    local schema = d.schema { ... }
    local db = d.open(":memory:", { schema = schema })
    db:create(schema)
    return db
  end

  it("for unique and partial indexes over expressions", function()
    local t = d.table("t", {
      d.integer "id" :primary_key(), d.text "email", d.boolean "gone" :default(false),
      d.index "t_email" :on(d.raw "lower(email)") :unique() :where "gone = 0",
    })
    local db <close> = opened(t)

    db:insert(t):values { email = "A@x" }:run()
    db:insert(t):values { email = "a@x", gone = true }:run()
    local err = expect.error(function() db:insert(t):values { email = "a@X" }:run() end)

    assert.equal("constraint.unique", err.code)
    assert.equal(2, db:from(t):count())
  end)

  it("for checks, with the name of the constraint", function()
    local t = d.table("t", { d.integer "a", d.integer "b", d.check("a_below_b", "a < b") })
    local db <close> = opened(t)

    local err = expect.error(function() db:insert(t):values { a = 2, b = 1 }:run() end)

    assert.equal("constraint.check", err.code)
    assert.equal("a_below_b", err.constraint)
    assert.equal("t", err.table)
  end)

  it("for unique columns, with the names", function()
    local t = d.table("t", { d.integer "a", d.integer "b", d.unique("a", "b") })
    local db <close> = opened(t)

    db:insert(t):values { a = 1, b = 1 }:run()
    local err = expect.error(function() db:insert(t):values { a = 1, b = 1 }:run() end)

    assert.equal("constraint.unique", err.code)
    assert.equal("t", err.table)
    assert.same({ "a", "b" }, err.columns)
    assert.equal("number", type(err.native))
    assert.truthy(err.sql:find("INSERT", 1, true))
  end)

  it("for NOT NULL and foreign keys", function()
    local p = d.table("p", { d.integer "id" :primary_key() })
    local c = d.table("c", {
      d.integer "id" :primary_key(),
      d.integer "p_id" :not_null() :references("p.id", { on_delete = "cascade" }),
    })
    local db <close> = opened(p, c)
    db:insert(p):values { id = 1 }:run()

    local absent = expect.error(function() db:insert(c):values { id = 1 }:run() end)
    local orphan = expect.error(function() db:insert(c):values { p_id = 9 }:run() end)
    db:insert(c):values { p_id = 1 }:run()
    db:delete(p):where(p.id:eq(1)):run()

    assert.equal("validation", absent.code)
    assert.same({ "p_id" }, absent.columns)
    assert.equal("constraint.foreign_key", orphan.code)
    assert.equal(0, db:from(c):count())
  end)

  it("for deferred foreign keys, at commit", function()
    local p = d.table("p", { d.integer "id" :primary_key() })
    local c = d.table("c", {
      d.integer "p_id" :references("p.id", { deferrable = "deferred" }),
    })
    local db <close> = opened(p, c)

    db:transaction(function(tx)
      tx:insert(c):values { p_id = 1 }:run()
      tx:insert(p):values { id = 1 }:run()
    end)
    local err = expect.error(function()
      db:transaction(function(tx) tx:insert(c):values { p_id = 2 }:run() end)
    end)

    assert.equal("constraint.foreign_key", err.code)
    assert.equal(1, db:from(c):count())
    assert.is_false(db:in_transaction())
  end)

  it("for triggers and composite foreign keys", function()
    local a = d.table("a", { d.integer "x", d.integer "y", d.primary_key("x", "y") })
    local b = d.table("b", {
      d.integer "x", d.integer "y",
      d.foreign_key("x", "y") :references("a", "x", "y") :on_delete "cascade",
      d.trigger("b_watch", "AFTER INSERT ON b BEGIN UPDATE log SET n = n + 1; END"),
    })
    local log = d.table("log", { d.integer "n" })
    local db <close> = opened(a, b, log)
    db:insert(log):values { n = 0 }:run()
    db:insert(a):values { x = 1, y = 2 }:run()

    db:insert(b):values { x = 1, y = 2 }:run()
    expect.failure("constraint.foreign_key", "", function()
      db:insert(b):values { x = 2, y = 1 }:run()
    end)

    assert.equal(1, db:from(log):value())
  end)

  it("for the types of a strict table", function()
    local t = d.table("t", { d.integer "n" }, { strict = true })
    local db <close> = opened(t)

    expect.failure("constraint.type", "", function()
      db:exec("INSERT INTO t VALUES ('many')")
    end)
  end)

  it("with a prefix in the database, and without one in queries", function()
    local t = d.table("users", { d.integer "id" :primary_key() }, { prefix = "app_" })
    local db <close> = opened(t)

    db:insert(t):values {}:run()

    assert.equal(1, db:query("SELECT id FROM app_users"):value())
    assert.equal(1, db:from("users"):value())
  end)
end)

describe("Views and full-text indexes", function()
  local notes = d.table("notes", {
    d.integer "id" :primary_key(), d.text "title" :not_null(), d.text "body",
    d.boolean "done" :not_null() :default(false),
  })

  it("read a view with the types of its columns", function()
    local open_notes = d.view("open_notes", { d.integer "id", d.boolean "done" },
      "SELECT id, done FROM notes WHERE NOT done")
    local schema = d.schema { notes, open_notes }
    local db <close> = d.open(":memory:", { schema = schema })
    db:create(schema)
    db:insert(notes):values { { title = "a" }, { title = "b", done = true } }:run()

    assert.same({ { id = 1, done = false } }, db:from(open_notes):all())
  end)

  it("make a view of a query, with its values written in", function()
    local view = d.view("titled", { d.integer "id", d.text "title" },
      d.from(notes):where(notes.title:like "it's%" & notes.done:eq(false) & notes.id:gt(0))
        :select(notes.id, notes.title))
    local schema = d.schema { notes, view }
    local db <close> = d.open(":memory:", { schema = schema })
    db:create(schema)
    db:insert(notes):values { { title = "it's one" }, { title = "its two" },
      { title = "it's three", done = true } }:run()

    assert.same({ { id = 1, title = "it's one" } }, db:from(view):all())
  end)

  it("refuse a view over a parameter", function()
    expect.misuse("parameters", function()
      d.view("v", { d.integer "id" },
        d.from(notes):where(notes.id:eq(d.param "id")):select(notes.id))
    end)
  end)

  it("keep a full-text index in step with its table", function()
    local index = d.fts("notes_text", { "title", "body" }, { content = notes })
    local schema = d.schema { notes, index }
    local db <close> = d.open(":memory:", { schema = schema })
    db:create(schema)
    db:insert(notes):values { { title = "Red fox", body = "runs" }, { title = "Owl" } }:run()
    db:update(notes):set { body = "a fox sleeps" }:where(notes.id:eq(2)):run()
    db:delete(notes):where(notes.id:eq(1)):run()

    local found = db:from(index):where(index.body:match "fox"):all()

    assert.equal(1, #found)
    assert.equal("Owl", found[1].title)
  end)

  it("refuse what is missing", function()
    expect.misuse("content", function() d.fts("f", { "title" }) end)
    expect.misuse('did you mean "content"', function()
      d.fts("f", { "title" }, { conten = "notes" })
    end)
    expect.misuse("", function() d.view("v", { d.integer "id" }) end)
  end)
end)

describe("A type of the user's own", function()
  local money = d.type { name = "money", sql = "INTEGER",
    encode = function(euro) return math.floor(euro * 100 + 0.5) end,
    decode = function(cents) return cents / 100 end }
  local items = d.table("items", { d.integer "id" :primary_key(), money "price" :not_null(),
    money "was" })

  it("is encoded on the way in and decoded on the way out, everywhere", function()
    local db <close> = d.open(":memory:", { schema = d.schema { items } })
    db:create(d.schema { items })

    local row = db:insert(items):values { price = 1.25 }:returning():one()
    db:update(items):set { was = 2.5 }:where(items.price:eq(1.25)):run()

    assert.equal(1.25, row.price)
    assert.is_nil(row.was)
    assert.equal(125, db:query("SELECT price FROM items"):value())
    assert.equal(250, db:query("SELECT was FROM items"):value())
    assert.equal(2.5, db:from(items):one().was)
    assert.same({ 1.25 }, db:from(items):where(items.price:in_ { 1.25, 9 })
      :select(items.price):list())
  end)

  it("stays itself in what gives back one of its values", function()
    local db <close> = d.open(":memory:", { schema = d.schema { items } })
    db:create()
    db:insert(items):values({ { price = 1.25 }, { price = 2.5, was = 3 } }):run()
    local of = db:from(items)
    local first = d.first_value(items.price):over { order_by = items.id }

    assert.equal(2.5, of:select(d.max(items.price)):value())
    assert.equal(1.25, of:select(d.min(items.price):filter(items.id:eq(1))):value())
    assert.same({ 1.25, 3 },
      of:select(d.coalesce(items.was, items.price)):order_by(items.id):list())
    assert.same({ 1.25, 1.25 }, of:select(first):list())
    assert.equal(1, of:where(d.coalesce(items.was, items.price):gt(2)):count())
    assert.equal(2.5, of:group_by(items.id):having(d.max(items.price):eq(2.5))
      :select(items.price):value())
    assert.equal(375, of:select(d.sum(items.price)):value())
    assert.equal(125, of:select(d.abs(items.price)):limit(1):value())
  end)

  it("needs both functions and a storage", function()
    expect.misuse("decode", function() d.type { sql = "TEXT", encode = print } end)
    expect.misuse('did you mean "encode"', function()
      d.type { sql = "TEXT", encod = print, decode = print }
    end)
    expect.misuse("INTEGER", function()
      d.type { sql = "INTEGR", encode = print, decode = print }
    end)
  end)

  it("passes on what its functions raise", function()
    local t = d.table("t", { d.type { sql = "TEXT",
      encode = function() error("no such thing") end, decode = tostring } "x" })
    local db <close> = d.open(":memory:", { schema = d.schema { t } })
    db:create(d.schema { t })

    local good, err = pcall(function() db:insert(t):values { x = "a" }:run() end)

    assert.is_false(good)
    assert.truthy(tostring(err):find("no such thing", 1, true))
    assert.equal(0, db:from(t):count())
  end)
end)
