-- Section 4: insert, upsert, update, delete.
local d = require("dbcore")
local expect = require("spec.support.expect")

local users = d.table("users", {
  d.integer "id" :primary_key(),
  d.text "email" :not_null() :unique(),
  d.text "name" :not_null() :length(1, 20) :pattern "^%S",
  d.integer "age" :range(0, 150) :validate(function(age)
    if age == 13 then
      return false, "thirteen is not allowed here"
    end
    return true
  end),
  d.enum("role", { "admin", "reader" }):not_null():default "reader",
  d.text "token" :default_fn(function() return "made" end),
  d.integer "touched" :on_update(function() return 77 end),
  d.timestamp "updated_at" :not_null() :default_now() :on_update_now(),
})
local archive = d.table("archive", {
  d.integer "id" :primary_key(), d.text "email", d.text "name",
})
local schema = d.schema { users, archive }

describe("Writing", function()
  local db

  before_each(function()
    db = d.open(":memory:", { schema = schema })
    db:create(schema)
  end)
  after_each(function() db:close() end)

  local function count()
    return db:from(users):count()
  end

  local function add(list)
    return db:insert(users):values(list):run()
  end

  local function three()
    add { { id = 1, email = "a", name = "Ann" }, { id = 2, email = "b", name = "Bob" },
      { id = 3, email = "c", name = "Cy" } }
  end

  describe("an insert", function()
    it("tells changes and the last id", function()
      assert.same({ changes = 1, last_id = 1 }, add { email = "a", name = "Ann" })
      assert.same({ changes = 0 }, db:insert(users)
        :values({ email = "a", name = "Ann" }):on_conflict():ignore():run())
      assert.same({ changes = 2, last_id = 3 },
        add { { email = "b", name = "Bob" }, { email = "c", name = "Cy" } })
    end)

    it("tells no id of a table without rowids", function()
      local marks = d.table("marks", { d.text "name" :primary_key() }, { without_rowid = true })
      db:create(d.schema { marks })
      add { email = "a", name = "Ann" }

      assert.same({ changes = 1 }, db:insert(marks):values({ name = "x" }):run())
      assert.same({ changes = 2 },
        db:insert(marks):values({ { name = "y" }, { name = "z" } }):run())
    end)

    it("returns rows as they are in the database", function()
      local row = db:insert(users):values { email = "a", name = "Ann" }:returning():one()

      assert.equal(1, row.id)
      assert.equal("reader", row.role)
      assert.equal("made", row.token)
      assert.is_true(math.abs(row.updated_at - os.time()) < 5)
    end)

    it("returns chosen columns, a value, a list", function()
      assert.same({ { id = 1 }, { id = 2 } }, db:insert(users):values {
        { email = "a", name = "Ann" }, { email = "b", name = "Bob" } }:returning(users.id):all())
      assert.equal(3, db:insert(users):values { email = "c", name = "Cy" }
        :returning(users.id):value())
      assert.same({ 4, 5 }, db:insert(users):values { { email = "d", name = "D" },
        { email = "e", name = "E" } }:returning(users.id):list())
    end)

    it("takes rows with different keys in one call", function()
      add { { email = "a", name = "Ann", age = 5 }, { email = "b", name = "Bob", role = "admin" },
        { email = "c", name = "Cy", age = d.null } }

      assert.same({ 5, d.null, d.null },
        db:from(users):order_by(users.id):select(users.age):nulls():list())
      assert.equal("admin", db:from(users):where { id = 2 }:one().role)
    end)

    it("takes any number of rows, and a function that makes them", function()
      local list, n = {}, 0
      for i = 1, 3000 do
        list[i] = { email = "e" .. i, name = "N" }
      end

      assert.equal(3000, add(list).changes)
      local result = db:insert(users):values(function()
        n = n + 1
        return n <= 500 and { email = "f" .. n, name = "N" } or nil
      end):run()

      assert.equal(500, result.changes)
      assert.equal(3500, count())
    end)

    it("takes expressions as values", function()
      three()
      db:insert(archive):values { id = 9, email = d.upper("x"),
        name = d.from(users):where(users.id:eq(2)):select(users.name) }:run()

      assert.same({ id = 9, email = "X", name = "Bob" }, db:from(archive):one())
    end)

    it("copies from a query, by the names of its outputs", function()
      three()
      local result = db:insert(archive):from(db:from(users):where(users.id:gt(1))
        :select(users.email, users.id)):run()

      assert.equal(2, result.changes)
      assert.same({ { id = 2, email = "b" }, { id = 3, email = "c" } },
        db:from(archive):order_by(archive.id):all())
      expect.error(function()
        return db:insert(archive):from(db:from(users):select { nmae = users.name }):run()
      end)
    end)

    it("leaves the caller's rows alone", function()
      local row = { email = "a", name = "Ann" }
      add(row)

      assert.same({ email = "a", name = "Ann" }, row)
    end)

    it("is all or nothing, and says which row was to blame", function()
      local err = expect.error(add, { { email = "a", name = "Ann" }, { email = "b", name = "Bob" },
        { email = "a", name = "Again" } })

      assert.equal("constraint.unique", err.code)
      assert.equal(3, err.row)
      assert.same({ "email" }, err.columns)
      assert.equal(0, count())
      assert.is_false(db:in_transaction())
    end)

    it("undoes only itself inside a transaction", function()
      db:transaction(function(tx)
        tx:insert(users):values { email = "a", name = "Ann" }:run()
        expect.error(function()
          tx:insert(users):values { { email = "b", name = "B" }, { email = "a", name = "C" } }:run()
        end)
        tx:insert(users):values { email = "z", name = "Z" }:run()
      end)

      assert.same({ "a", "z" }, db:from(users):order_by(users.id):select(users.email):list())
    end)

    it("undoes everything when its function of rows raises", function()
      local n = 0
      assert.has_error(function()
        db:insert(users):values(function()
          n = n + 1
          if n == 3 then
            error("no more")
          end
          return { email = "e" .. n, name = "N" }
        end):run()
      end)

      assert.equal(0, count())
      assert.is_false(db:in_transaction())
    end)

    it("refuses unknown keys, with the nearest name", function()
      expect.misuse('did you mean "email"', add, { emial = "a", name = "Ann" })
      expect.misuse('did you mean "name"', add,
        { { email = "a", name = "A" }, { email = "b", nmae = "B" } })
      expect.error(add, { email = "a", name = "A", [1.5] = 1 })
      expect.error(add, { { email = "a", name = "A" }, "b" })
      expect.error(add, "a")
      expect.error(add, nil)
      expect.error(add, { { email = "a", name = "A" }, nil, { email = "b", name = "B" } })

      assert.equal(0, count())
    end)

    it("checks every rule and names every field that fails", function()
      local err = expect.failure("validation", "", add,
        { email = "a", name = " " .. ("x"):rep(30), age = 13, role = "reader" })

      assert.equal(0, count())
      local columns = {}
      for _, field in ipairs(err.fields) do
        columns[field.column] = field.message
        assert.is_string(field.message)
      end
      assert.is_string(columns.name)
      assert.truthy(columns.age:find("thirteen", 1, true))
    end)

    it("refuses values outside of a range, a length and a list", function()
      for _, row in ipairs { { age = -1 }, { age = 151 }, { name = "" }, { name = ("x"):rep(21) },
        { role = "boss" }, { name = " Ann" } } do
        row.email = "a"
        row.name = row.name or "Ann"
        local err = expect.error(add, row)

        assert.equal("validation", err.code)
        assert.equal("users", err.table)
      end
      assert.equal(0, count())
    end)
  end)

  describe("an upsert", function()
    it("updates what is there and inserts what is not", function()
      three()
      db:insert(users):values { { email = "a", name = "New A" }, { email = "z", name = "Zed" } }
        :on_conflict("email"):update { name = d.excluded "name" }:run()

      assert.equal(4, count())
      assert.equal("New A", db:from(users):where { email = "a" }:one().name)
      assert.equal(1, db:from(users):where { email = "a" }:one().id)
    end)

    it("may take the old value into account, and a condition", function()
      three()
      local q = db:insert(users):values { email = "b", name = "X", age = 5 }:on_conflict("email")
        :update { age = d.coalesce(users.age, 0) + d.excluded "age" }
      q:run()
      q:run()
      q:where(users.age:lt(10)):run()

      local row = db:from(users):where { email = "b" }:one()
      assert.equal(10, row.age)
      assert.equal("Bob", row.name)
    end)

    it("may ignore", function()
      three()
      local result = db:insert(users):values { { email = "a", name = "X" },
        { email = "n", name = "N" } }:on_conflict("email"):ignore():run()
      db:insert(users):values { id = 1, email = "q", name = "Q" }:on_conflict():ignore():run()

      assert.equal(1, result.changes)
      assert.equal(4, count())
      assert.equal("Ann", db:from(users):where { email = "a" }:one().name)
    end)

    it("returns rows", function()
      three()
      local row = db:insert(users):values { email = "a", name = "Z" }:on_conflict("email")
        :update { name = d.excluded "name" }:returning(users.id, users.name):one()

      assert.same({ id = 1, name = "Z" }, row)
    end)

    it("refuses unknown columns", function()
      local q = db:insert(users):values { email = "a", name = "Z" }

      expect.misuse('did you mean "email"', function() return q:on_conflict("emial") end)
      expect.misuse('did you mean "name"', function()
        return q:on_conflict("email"):update { nmae = "x" }
      end)
      expect.error(function()
        return q:on_conflict("email"):update { name = d.excluded "nme" }:run()
      end)
      expect.error(function() return q:on_conflict("email"):update {}:run() end)
      assert.equal(0, count())
    end)
  end)

  describe("an update", function()
    before_each(three)

    it("sets values and expressions, and tells how many", function()
      local result = db:update(users):set { age = users.id * 10, name = "X" }
        :where(users.id:gt(1)):run()

      assert.equal(2, result.changes)
      assert.same({ d.null, 20, 30 },
        db:from(users):order_by(users.id):select(users.age):nulls():list())
    end)

    it("writes NULL", function()
      db:update(users):set { age = 5 }:where { id = 1 }:run()
      db:update(users):set { age = d.null }:where { id = 1 }:run()

      assert.is_nil(db:from(users):where { id = 1 }:one().age)
    end)

    it("returns rows and values", function()
      assert.equal(7, db:update(users):set { age = 7 }:where { id = 1 }
        :returning(users.age):value())
      assert.equal(3, #db:update(users):set { age = 8 }:everywhere():returning():all())
    end)

    it("fills what is set on every update, unless it is mentioned", function()
      db:exec("UPDATE users SET updated_at = 1")
      db:update(users):set { name = "X" }:where { id = 1 }:run()
      db:update(users):set { updated_at = 5, touched = 6 }:where { id = 2 }:run()

      local one, two = db:from(users):where { id = 1 }:one(), db:from(users):where { id = 2 }:one()
      assert.is_true(one.updated_at > 1000)
      assert.equal(77, one.touched)
      assert.equal(5, two.updated_at)
      assert.equal(6, two.touched)
      assert.equal(1, db:from(users):where { id = 3 }:one().updated_at)
    end)

    it("is refused without a condition, and changes nothing", function()
      expect.misuse("everywhere", function() db:update(users):set { name = "X" }:run() end)
      expect.error(function() db:update(users):set { name = "X" }:where():run() end)
      expect.error(function() db:update(users):set { name = "X" }:where(nil):run() end)
      expect.error(function() db:update(users):set { name = "X" }:where {}:run() end)

      assert.equal(0, db:from(users):where { name = "X" }:count())
    end)

    it("is refused without a value, or with a wrong one", function()
      expect.error(function() db:update(users):where { id = 1 }:run() end)
      expect.error(function() db:update(users):set {}:where { id = 1 }:run() end)
      expect.error(function() db:update(users):set "name":where { id = 1 }:run() end)
      expect.misuse('did you mean "name"', function()
        db:update(users):set { nmae = "x" }:where { id = 1 }:run()
      end)
      expect.error(function() db:update(users):set { age = "old" }:where { id = 1 }:run() end)
      expect.error(function() db:update(users):set { age = 999 }:where { id = 1 }:run() end)
      expect.error(function() db:update(users):set { role = "boss" }:where { id = 1 }:run() end)
      expect.error(function() db:update(users):set { age = 13 }:where { id = 1 }:run() end)

      assert.same({ "Ann", "Bob", "Cy" },
        db:from(users):order_by(users.id):select(users.name):list())
    end)

    it("sets values that hold NUL and quotes", function()
      db:update(users):set { name = "O'\"\0x" }:where { id = 1 }:run()

      assert.equal("O'\"\0x", db:from(users):where { id = 1 }:one().name)
    end)
  end)

  describe("a delete", function()
    before_each(three)

    it("removes what the condition says", function()
      assert.equal(2, db:delete(users):where(users.id:in_ { 1, 3, 99 }):run().changes)
      assert.same({ "Bob" }, db:from(users):select(users.name):list())
    end)

    it("returns what it removed", function()
      assert.same({ { name = "Ann" } },
        db:delete(users):where { id = 1 }:returning(users.name):all())
    end)

    it("removes everything only when that is said", function()
      expect.misuse("everywhere", function() db:delete(users):run() end)
      assert.equal(3, count())

      assert.equal(3, db:delete(users):everywhere():run().changes)
      assert.equal(0, count())
    end)
  end)

  it("refuses a table that is none", function()
    expect.error(function() return db:insert(nil) end)
    expect.misuse('did you mean "users"', function() return db:insert("usres"):values {}:run() end)
    expect.error(function() return db:update(5) end)
    expect.error(function() return db:delete({}) end)
    expect.error(function() return db:insert(users):run() end)
    expect.error(function() return db:insert(users):set { name = "x" }:run() end)
  end)
end)
