-- Section 7: repositories.
local d = require("dbcore")
local expect = require("spec.support.expect")

local users = d.table("users", {
  d.integer "id" :primary_key(),
  d.text "email" :not_null() :unique() :pattern "@",
  d.text "name" :not_null() :as "full_name",
  d.integer "age" :range(0, 150),
  d.boolean "active" :not_null() :default(true),
  d.integer "visits" :not_null() :default(0),
  d.integer "lock" :not_null() :default(1),
  d.timestamp "created_at",
  d.timestamp_ms "updated_at",
  d.timestamp "deleted_at",
})
local posts = d.table("posts", {
  d.integer "id" :primary_key(),
  d.integer "author_id" :not_null() :references("users.id"),
  d.text "title" :not_null(),
  d.boolean "gone" :not_null() :default(false),
})
local members = d.table("members", {
  d.integer "org" :not_null(),
  d.text "login" :not_null(),
  d.integer "rank" :as "position",
  d.primary_key("org", "login"),
})
local schema = d.schema { users, posts, members,
  d.relations(users, { posts = d.many "posts" }),
  d.relations(posts, { author = d.one "users" }) }

local Users = d.repository(users, {
  scopes = {
    active = function(q) return q:where(users.active:eq(true)) end,
    older_than = function(q, age) return q:where(users.age:gt(age)) end,
    newest = function(q) return q:order_by(users.id:desc()) end,
  },
  soft_delete = "deleted_at",
  by_email = function(self, email) return self:query():where(users.email:eq(email)):one() end,
})
local Members = d.repository(members)
local Posts = d.repository(posts, { soft_delete = "gone" })

describe("A repository", function()
  local db, repo

  local function add(name, age, more)
    local row = { email = name:lower() .. "@x", full_name = name, age = age }
    for key, value in pairs(more or {}) do
      row[key] = value
    end
    return repo:create(row)
  end

  local function names(rows)
    local list = {}
    for i, row in ipairs(rows) do
      list[i] = row.full_name
    end
    return table.concat(list, " ")
  end

  before_each(function()
    db = d.open(":memory:", { schema = schema })
    db:create()
    repo = Users(db)
  end)
  after_each(function()
    assert.equal(0, db:stats().live_statements)
    assert.is_false(db:in_transaction())
    db:close()
  end)

  describe("that reads", function()
    before_each(function()
      add("Ann", 20)
      add("Bob", 30, { active = false })
      add("Cy", 40)
    end)

    it("finds by key, or not", function()
      assert.equal("Bob", repo:find(2).full_name)
      assert.is_nil(repo:find(9))
      assert.equal("Bob", repo:get(2).full_name)
      local err = expect.failure("not_found", "users has no row with id = 9", repo.get, repo, 9)
      assert.equal("users", err.table)
      assert.same({ "id" }, err.columns)
    end)

    it("refuses keys that are none", function()
      expect.misuse('"users.id" is integer', repo.find, repo, "2")
      expect.misuse("got nil", repo.find, repo, nil)
      expect.misuse("got dbcore.null", repo.find, repo, d.null)
      expect.misuse('no "id"', repo.find, repo, { name = "x" })
      expect.misuse("takes a key of 1 values", repo.find, repo, { 1, 2 })
      expect.misuse("users:find() takes a key", repo.find, repo, users.id)
      expect.misuse('"users.id" is integer', repo.find_many, repo, { 1, "x" })
      expect.misuse("nil as its item 2", repo.find_many, repo, { 1, nil, 3 })
    end)

    it("finds many in the order of the keys", function()
      assert.equal("Cy Ann Cy", names(repo:find_many { 3, 9, 1, 3 }))
      assert.same({}, repo:find_many {})
    end)

    it("finds by conditions", function()
      assert.equal("Bob", repo:find_by { active = false }.full_name)
      assert.equal("Cy", repo:find_by(users.age:gt(30)).full_name)
      assert.is_nil(repo:find_by { age = 99 })
      assert.equal("Bob", repo:get_by { full_name = "Bob" }.full_name)
      expect.failure("not_found", "meets the conditions", repo.get_by, repo, { age = 99 })
      expect.misuse("got nil", repo.find_by, repo, nil)
      expect.misuse('did you mean "email"', repo.find_by, repo, { emial = "x" })
    end)

    it("lists, counts and looks", function()
      assert.equal("Ann Bob Cy", names(repo:all()))
      assert.equal("Ann Cy", names(repo:all { active = true }))
      assert.equal("Ann", repo:first().full_name)
      assert.equal("Cy", repo:first(users.age:gt(30)).full_name)
      assert.same({ 3, 2 }, { repo:count(), repo:count { active = true } })
      assert.is_true(repo:exists { full_name = "Bob" })
      assert.is_false(repo:exists { full_name = "Eve" })
    end)

    it("narrows by scopes, which chain and take arguments", function()
      assert.equal("Ann Cy", names(repo:active():all()))
      assert.equal("Cy", names(repo:active():older_than(25):all()))
      assert.equal("Cy Ann", names(repo:active():newest():all()))
      assert.equal(1, repo:active():older_than(25):count())
      assert.is_nil(repo:active():find(2))
      assert.equal("Ann Bob Cy", names(repo:active():unscoped():all()))
      assert.equal("Cy Bob", names(repo:newest():limit(2):all()))
    end)

    it("goes on as a query", function()
      assert.equal("Cy", repo:where(users.age:gt(30)):one().full_name)
      assert.equal("Cy", repo:active():order_by(users.age:desc()):one().full_name)
      assert.equal("query", require("dbcore.native").kind(repo:query()))
      assert.same({ 20, 30, 40 }, repo:order_by(users.id):select(users.age):list())
    end)

    it("has methods of its own", function()
      assert.equal(2, repo:by_email("bob@x").id)
      expect.misuse('did you mean "by_email"', function() return repo:by_emial("x") end)
      expect.misuse('did you mean "find"', function() return repo:fnd(1) end)
    end)

    it("pages, and reads each row by batches while rows come", function()
      local page = repo:page { size = 2 }
      assert.equal("Ann Bob", names(page.rows))
      assert.equal("Cy", names(repo:page { size = 2, after = page.next }.rows))

      local seen = {}
      for row in repo:each { batch = 2 } do
        seen[#seen + 1] = row.full_name
        if row.id == 1 then
          repo:create { id = 100, email = "late@x", full_name = "Late" }
        end
      end
      assert.equal("Ann Bob Cy Late", table.concat(seen, " "))
      seen = {}
      for row in repo:each { batch = 1, where = { active = true } } do
        seen[#seen + 1] = row.id
      end
      assert.same({ 1, 3, 100 }, seen)
      expect.misuse("from 1", repo.each, repo, { batch = 0 })
      expect.misuse('did you mean "batch"', repo.each, repo, { bacth = 1 })
    end)
  end)

  describe("that writes", function()
    it("creates a row and gives it as it is in the database", function()
      local row = repo:create { email = "a@x", full_name = "Ann" }

      assert.same({ id = 1, email = "a@x", full_name = "Ann", active = true, visits = 0, lock = 1 },
        row)
    end)

    it("leaves what it is given alone", function()
      local given = { email = "a@x", full_name = "Ann" }
      repo:create(given)
      assert.same({ email = "a@x", full_name = "Ann" }, given)
    end)

    it("creates many, all or none", function()
      local rows = repo:create_many { { email = "a@x", full_name = "A" },
        { email = "b@x", full_name = "B" } }
      assert.equal("A B", names(rows))
      assert.same({}, repo:create_many {})
      local err = expect.failure("constraint.unique", "", repo.create_many, repo,
        { { email = "c@x", full_name = "C" }, { email = "a@x", full_name = "A" } })
      assert.equal(2, err.row)
      assert.equal(2, repo:count())
    end)

    it("validates", function()
      local err = expect.failure("validation", "", repo.create, repo, { email = "x", age = -1 })
      assert.equal(3, #err.fields)
      local row = add("Ann", 1)
      expect.failure("validation", "", repo.update, repo, row.id, { age = 151 })
    end)

    it("refuses keys that are no columns", function()
      expect.misuse('did you mean "email"', repo.create, repo, { emial = "a@x", full_name = "A" })
      add("Ann", 1)
      expect.misuse('did you mean "age"', repo.update, repo, 1, { agee = 3 })
      expect.misuse("takes a row", repo.create, repo, 5)
      expect.misuse("empty table", repo.update, repo, 1, {})
    end)

    it("updates one row, by key or by row", function()
      local ann = add("Ann", 20)
      assert.equal(21, repo:update(1, { age = 21 }).age)
      assert.equal(22, repo:update(ann, { age = users.age + 1 }).age)
      expect.failure("not_found", "id = 9", repo.update, repo, 9, { age = 1 })
    end)

    it("writes within its scopes only", function()
      add("Ann", 20, { active = false })
      expect.failure("not_found", "", function() repo:active():update(1, { age = 1 }) end)
      assert.is_false(repo:active():delete(1))
      assert.equal(20, repo:get(1).age)
      assert.equal(0, repo:active():update_many(true, { age = 1 }))
      assert.equal(1, repo:older_than(10):update_many(true, { age = 1 }))
    end)

    it("adds in the database", function()
      add("Ann", nil)
      assert.equal(1, repo:increment(1, "visits").visits)
      assert.equal(6, repo:increment(1, "visits", 5).visits)
      assert.equal(4, repo:decrement(1, "visits", 2).visits)
      local row = repo:increment(1, { age = 3, visits = -1 })
      assert.same({ 3, 3 }, { row.age, row.visits })
      expect.failure("not_found", "", repo.increment, repo, 9, "visits")
      expect.misuse('did you mean "visits"', repo.increment, repo, 1, "vists")
      expect.misuse("adds numbers", repo.increment, repo, 1, "visits", "x")
      expect.misuse("takes a column and a number", repo.increment, repo, 1)
    end)

    it("finds or creates", function()
      local first, created = repo:find_or_create({ email = "a@x" }, { full_name = "Ann" })
      local second, again = repo:find_or_create({ email = "a@x" }, { full_name = "Other" })
      assert.same({ true, false, "Ann" }, { created, again, second.full_name })
      assert.equal(first.id, second.id)
    end)

    it("brings back by an upsert what a boolean column says is deleted", function()
      repo:create { id = 1, email = "a@x", full_name = "Ann" }
      local notes = Posts(db)
      notes:create { id = 7, author_id = 1, title = "first" }
      notes:delete(7)

      local row, created = notes:upsert { id = 7, author_id = 1, title = "second" }

      assert.same({ false, "second", false }, { created, row.title, row.gone })
    end)

    it("upserts by columns that are unique", function()
      local row, created = repo:upsert({ email = "a@x", full_name = "Ann" }, "email")
      local other, again = repo:upsert({ email = "a@x", full_name = "Anna" }, "email")
      assert.same({ true, false }, { created, again })
      assert.same({ row.id, "Anna" }, { other.id, other.full_name })
      assert.equal("Anne", repo:upsert({ id = 1, email = "a@x", full_name = "Anne" }).full_name)
      assert.equal(1, (repo:upsert({ id = 1 })).id)
      expect.misuse("needs a value", repo.upsert, repo, { full_name = "x" }, "email")
      expect.misuse('did you mean "email"', repo.upsert, repo, { full_name = "x" }, "emial")
    end)

    it("changes and deletes many", function()
      add("Ann", 20)
      add("Bob", 30)
      add("Cy", 40)
      assert.equal(2, repo:update_many(users.age:gt(25), { active = false }))
      assert.equal(1, repo:active():count())
      assert.equal(2, repo:delete_many { active = false })
      assert.equal(1, repo:count())
      assert.equal(0, repo:delete_many { age = 99 })
      expect.misuse("got nil", repo.delete_many, repo, nil)
      expect.misuse("got nil", repo.update_many, repo, nil, { age = 1 })
      expect.misuse("empty table", repo.update_many, repo, true, {})
      assert.equal(1, repo:delete_many(true))
      assert.equal(0, repo:count())
    end)

    it("is bound to a transaction as to a connection", function()
      d.try(db.transaction, db, function(tx)
        Users(tx):create { email = "a@x", full_name = "Ann" }
        error("stop")
      end)
      assert.equal(0, repo:count())
      repo:transaction(function(inner, tx)
        inner:create { email = "a@x", full_name = "Ann" }
        assert.equal("txn", require("dbcore.native").kind(tx))
      end)
      assert.equal(1, repo:count())
    end)
  end)

  describe("over a key of several columns", function()
    it("takes the key as a list, by name, or as a row", function()
      local m = Members(db)
      local row = m:create { org = 1, login = "ann", position = 5 }
      m:create_many { { org = 1, login = "bob" }, { org = 2, login = "ann" } }

      assert.equal(5, m:find({ 1, "ann" }).position)
      assert.equal(5, m:find({ login = "ann", org = 1 }).position)
      assert.equal(6, m:update(row, { position = 6 }).position)
      assert.is_true(m:delete { 1, "bob" })
      local found = m:find_many { { 2, "ann" }, { 9, "x" }, { org = 1, login = "ann" } }
      assert.same({ 2, 1 }, { found[1].org, found[2].org })
      assert.equal(1, m:update_many(members.org:eq(2), { rank = 1 }))
      assert.equal(1, m:delete_many { org = 2 })
      local err = expect.failure("not_found", 'org = 7, login = "x"', m.get, m, { 7, "x" })
      assert.same({ "org", "login" }, err.columns)
      expect.misuse("takes a key of 2 values", m.find, m, 1)
      expect.misuse("takes a key of 2 values", m.find, m, { 1, "x", 3 })
      expect.misuse('no "login"', m.find, m, { org = 1 })
      expect.misuse("is integer", m.find, m, { "1", "ann" })
    end)

    it("finds any number of keys", function()
      local m, keys = Members(db), {}
      local rows = {}
      for i = 1, 100 do
        rows[i] = { org = i, login = "u" .. i }
        keys[i] = { 101 - i, "u" .. 101 - i }
      end
      m:create_many(rows)
      local found = m:find_many(keys)
      assert.same({ 100, 100, 1 }, { #found, found[1].org, found[100].org })
    end)
  end)

  describe("with hooks", function()
    local log, Hooked, hooked

    before_each(function()
      log = {}
      local function note(name)
        return function(row, tx, old)
          log[#log + 1] = name .. " " .. tostring(row.full_name) .. (old and " " .. old.full_name
            or "")
          assert.is_true(tx:in_transaction())
        end
      end
      Hooked = d.repository(users, {
        soft_delete = "deleted_at",
        before_create = { function(row) row.email = row.email:lower() end, note "before_create" },
        after_create = note "after_create",
        before_update = note "before_update",
        after_update = note "after_update",
        before_delete = note "before_delete",
        after_delete = function(row, tx)
          if row.full_name == "Keep" then
            error("not this one", 0)
          end
          note("after_delete")(row, tx)
        end,
        before_restore = note "before_restore",
        after_restore = note "after_restore",
      })
      hooked = Hooked(db)
    end)

    it("calls them around each write, in its transaction", function()
      local row = hooked:create { email = "ANN@X", full_name = "Ann" }
      hooked:update(row.id, { full_name = "Anna" })
      hooked:delete(row.id)
      hooked:restore(row.id)

      assert.equal("ann@x", row.email)
      assert.same({ "before_create Ann", "after_create Ann", "before_update Anna Ann",
        "after_update Anna Ann", "before_delete Anna", "after_delete Anna", "before_restore Anna",
        "after_restore Anna" }, log)
    end)

    it("undoes all when one raises", function()
      hooked:create { email = "k@x", full_name = "Keep" }
      local good, err = pcall(hooked.delete, hooked, 1)
      assert.is_false(good)
      assert.equal("not this one", err)
      assert.is_not_nil(hooked:find(1))
    end)

    it("calls them for each row of a bulk write", function()
      hooked:create_many { { email = "A@X", full_name = "A" }, { email = "B@X", full_name = "B" } }
      assert.equal(2, hooked:update_many(true, { age = 3 }))
      assert.equal(2, hooked:delete_many { age = 3 })
      assert.equal(12, #log)
      assert.equal(0, hooked:count())
    end)

    it("keeps none of a bulk write when one raises", function()
      hooked:create_many { { email = "a@x", full_name = "A" },
        { email = "k@x", full_name = "Keep" } }
      assert.is_false((pcall(hooked.delete_many, hooked, true)))
      assert.equal(2, hooked:count())
    end)

    it("calls those of the write that an upsert turns out to be", function()
      hooked:upsert({ email = "a@x", full_name = "A" }, "email")
      hooked:upsert({ email = "a@x", full_name = "B" }, "email")
      assert.same({ "before_create A", "after_create A", "before_update B A", "after_update B A" },
        log)
    end)

    it("takes another row from a hook, and nothing else", function()
      local Other = d.repository(users, {
        before_create = function(row)
          return { email = row.email, full_name = "other" }
        end,
      })
      assert.equal("other", Other(db):create { email = "o@x", full_name = "x" }.full_name)
      local Wrong = d.repository(users, { before_create = function() return false end })
      expect.misuse("raises to refuse", function()
        Wrong(db):create { email = "w@x", full_name = "x" }
      end)
    end)
  end)

  describe("with a version", function()
    local versioned

    before_each(function()
      versioned = d.repository(users, { version = "lock", soft_delete = "deleted_at" })(db)
    end)

    it("counts changes, and notices those of somebody else", function()
      local mine = versioned:create { email = "a@x", full_name = "Ann" }
      local theirs = versioned:update(mine, { age = 1 })
      assert.equal(2, theirs.lock)

      local err = expect.failure("conflict", "version 1 was expected, it is 2", versioned.update,
        versioned, mine, { age = 2 })
      assert.equal("users", err.table)
      assert.same({ "lock" }, err.columns)
      expect.failure("conflict", "", versioned.update, versioned, 1, { age = 2, lock = 1 })
      expect.failure("conflict", "", versioned.delete, versioned, mine)
      assert.equal(3, versioned:update(1, { age = 2, lock = 2 }).lock)
      assert.equal(4, versioned:update(1, { age = 2 }).lock)
      assert.equal(5, versioned:increment(1, "visits").lock)
      assert.equal(1, versioned:update_many(true, { age = 9 }))
      assert.equal(6, versioned:get(1).lock)
      expect.failure("not_found", "", versioned.update, versioned, { id = 9, lock = 1 },
        { age = 1 })
      assert.is_true(versioned:delete(versioned:get(1)))
    end)
  end)

  describe("with timestamps", function()
    it("notes when a row was made and changed", function()
      local stamped = d.repository(users, { timestamps = true })(db)
      local row = stamped:create { email = "a@x", full_name = "Ann" }
      assert.is_true(math.abs(row.created_at - os.time()) < 5)
      assert.is_true(math.abs(row.updated_at // 1000 - os.time()) < 5)
      db:exec("UPDATE users SET created_at = 5, updated_at = 5")
      row = stamped:update(1, { age = 3 })
      assert.equal(5, row.created_at)
      assert.is_true(row.updated_at > 5)
      assert.equal(7, stamped:update(1, { updated_at = 7 }).updated_at)
      local only = d.repository(users, { timestamps = { created = "created_at" } })(db)
      assert.is_nil(only:create({ email = "b@x", full_name = "B" }).updated_at)
    end)
  end)

  describe("with a default scope", function()
    it("applies it to everything but unscoped()", function()
      local Active = d.repository(users, {
        default_scope = function(q) return q:where(users.active:eq(true)) end,
      })
      add("Ann", 1)
      add("Bob", 2, { active = false })
      local active = Active(db)
      assert.same({ 1, 2 }, { active:count(), active:unscoped():count() })
      assert.is_nil(active:find(2))
      expect.failure("not_found", "", active.update, active, 2, { age = 3 })
      assert.equal(3, active:unscoped():update(2, { age = 3 }).age)
      assert.equal(1, active:update_many(true, { age = 4 }))
    end)
  end)

  describe("with soft deletes", function()
    local ann, bob

    before_each(function()
      ann, bob = add("Ann", 20), add("Bob", 30)
      assert.is_true(repo:delete(bob.id))
    end)

    it("hides what is deleted from every read", function()
      assert.is_nil(repo:find(bob.id))
      assert.equal("Ann", names(repo:all()))
      assert.same({ 1, false }, { repo:count(), repo:exists { full_name = "Bob" } })
      assert.equal(1, #repo:page().rows)
      assert.is_nil(repo:by_email("bob@x"))
      assert.is_false(repo:delete(bob.id))
      expect.failure("not_found", "", repo.update, repo, bob.id, { age = 1 })
      assert.equal(1, repo:unscoped():count())
      assert.equal(1, repo:update_many(true, { age = 1 }))
    end)

    it("shows it when asked to", function()
      assert.equal("Ann Bob", names(repo:with_deleted():all()))
      assert.equal("Bob", names(repo:only_deleted():all()))
      assert.is_true(math.abs(repo:with_deleted():find(bob.id).deleted_at - os.time()) < 5)
      assert.equal(1, repo:only_deleted():count())
      assert.is_nil(repo:only_deleted():find(ann.id))
      assert.equal(31, repo:with_deleted():update(bob.id, { age = 31 }).age)
    end)

    it("takes it back, or makes it real", function()
      assert.is_nil(repo:restore(bob.id).deleted_at)
      assert.equal(2, repo:count())
      expect.failure("not_found", "", repo.restore, repo, bob.id)
      assert.is_true(repo:delete(bob.id))
      assert.is_true(repo:purge(bob.id))
      assert.is_false(repo:purge(bob.id))
      assert.is_true(repo:purge(ann.id))
      assert.equal(0, db:from(users):count())
    end)

    it("purges many, those that are deleted too", function()
      assert.equal(1, repo:only_deleted():purge_many(true))
      assert.equal(1, repo:purge_many(users.age:gt(0)))
      assert.equal(0, db:from(users):count())
    end)

    it("brings a deleted row back by an upsert", function()
      local row, created = repo:upsert({ email = "bob@x", full_name = "Bobby" }, "email")
      assert.is_false(created)
      assert.same({ bob.id, "Bobby" }, { row.id, row.full_name })
      assert.equal(2, repo:count())
    end)

    it("hides deleted rows of every table from joins, subqueries and counts", function()
      local p = Posts(db)
      local one = p:create { author_id = ann.id, title = "one" }
      p:create { author_id = ann.id, title = "two" }
      p:create { author_id = bob.id, title = "three" }
      assert.is_true(p:delete(one.id))

      assert.equal(2, p:count())
      assert.equal(1, p:query():join "author":count())
      assert.equal(1, repo:query():join "posts":count())
      assert.equal("two", repo:query():join("posts"):select(posts.title):value())
      assert.equal(1, repo:where(users.id:in_(d.from(posts):select(posts.author_id))):count())
      assert.equal(2, repo:with_deleted():query():join "posts":count())
      assert.equal("Ann", repo:query():left_join("posts"):one().users.full_name)
      assert.equal(3, db:from(posts):count())
    end)

    it("hides them from relations that are loaded, counted and asked for", function()
      local p = Posts(db)
      local one = p:create { author_id = ann.id, title = "one" }
      p:create { author_id = ann.id, title = "two" }
      local three = p:create { author_id = bob.id, title = "three" }
      p:delete(one.id)

      local row = repo:query():with("posts"):with_count("posts"):one()
      assert.same({ 1, "two", 1 }, { #row.posts, row.posts[1].title, row.posts_count })
      assert.is_nil(p:where(posts.id:eq(three.id)):with("author"):one().author)
      assert.equal(1, repo:where(d.has("posts")):count())
      p:delete_many(posts.author_id:eq(ann.id))
      assert.equal(0, repo:where(d.has("posts")):count())
      assert.same({}, repo:query():with("posts"):one().posts)
    end)

    it("keeps hiding in a transaction and in hooks", function()
      repo:transaction(function(inner)
        assert.equal(1, inner:count())
        inner:delete(ann.id)
        assert.equal(0, inner:count())
      end)
      assert.equal(0, repo:count())
    end)

    it("is for repositories that have it", function()
      local m = Members(db)
      expect.misuse("repositories with soft_delete", m.with_deleted, m)
      expect.misuse("repositories with soft_delete", m.restore, m, { 1, "x" })
      m:create { org = 1, login = "a" }
      assert.is_true(m:delete { 1, "a" })
      assert.equal(0, db:from(members):count())
    end)
  end)
end)

describe("The description of a repository", function()
  local function described(options)
    return function() return d.repository(users, options) end
  end

  it("refuses what is misspelt, with the nearest name", function()
    expect.misuse('did you mean "scopes"', described { scope = {} })
    expect.misuse('did you mean "before_create"', described { befor_create = print })
    expect.misuse("before_save", described { before_save = print })
    expect.misuse('did you mean "deleted_at"', described { soft_delete = "delete_at" })
    expect.misuse('did you mean "lock"', described { version = "lok" })
    expect.misuse('did you mean "created"', described { timestamps = { craeted = "created_at" } })
    expect.misuse("no option", described { limit = 5 })
    expect.misuse("options by name", described { 5 })
    expect.misuse("takes a table of options", described(5))
  end)

  it("refuses what cannot be", function()
    expect.misuse("may be null", described { soft_delete = "name" })
    expect.misuse("integer column", described { version = "name" })
    expect.misuse("integer column", described { version = "id" })
    expect.misuse("a timestamp", described { timestamps = { created = "name" } })
    expect.misuse("every repository has a method", described { find = print })
    expect.misuse("every repository has a method", described { scopes = { all = print } })
    expect.misuse("takes a function", described { scopes = { active = 5 } })
    expect.misuse("takes a function", described { before_create = 5 })
    expect.misuse("takes a table first", d.repository, "users")
    local keyless = d.table("keyless", { d.text "a" })
    expect.misuse("primary key", d.repository, keyless)
  end)

  it("is bound before it is used", function()
    expect.misuse("not bound yet", function() return Users:find(1) end)
    expect.misuse("bound to a connection", Users, nil)
    expect.misuse("bound to a connection", Users, "db")
  end)

  it("says what a scope has to return", function()
    local db <close> = d.open(":memory:", { schema = schema })
    local Odd = d.repository(users, { scopes = { odd = function() end } })
    expect.misuse("returns the query it got", function() return Odd(db):odd():all() end)
  end)
end)
