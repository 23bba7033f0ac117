-- What an error knows of the constraint that refused a row, through the builder and the real
-- engine.
local d = require("dbcore")
local expect = require("spec.support.expect")

local HOSTILE = [[us.e"r's, x]]

local users = d.table("users", {
  d.integer "id" :primary_key(),
  d.text "email" :not_null() :unique(),
  d.text "city",
  d.text "code",
  d.integer "age" :check("age > 0"),
  d.text "role" :enum { "admin", "reader" },
  d.integer "boss_id" :references("users.id"),
  d.unique("city", "code"),
  d.check("grown", "age <> 7"),
  d.index "users_code_age" :on("code", "age") :unique(),
})

local posts = d.table("posts", {
  d.integer "id" :primary_key(),
  d.integer "author_id" :references("users.id"),
  d.integer "late_id" :references("users.id", { deferrable = "deferred" }),
})

local hostile = d.table(HOSTILE, {
  d.integer "id" :primary_key(),
  d.text "na.me" :not_null(),
  d.text [[e"m,ail]] :unique(),
  d.text "it's, it" :check([["it's, it" <> 'no']]),
})

local schema = d.schema { users, posts, hostile }

describe("A constraint that fails", function()
  local db

  before_each(function()
    db = d.open(":memory:", { schema = schema })
    db:create()
    db:insert(users):values { id = 1, email = "a", city = "X", code = "1", age = 30 }:run()
  end)
  after_each(function() db:close() end)

  local function refused(code, target, row)
    return expect.failure(code, "", function() db:insert(target):values(row):run() end)
  end

  it("names the columns that have to be unique", function()
    local err = refused("constraint.unique", users, { email = "a" })

    assert.equal("users", err.table)
    assert.same({ "email" }, err.columns)
    assert.is_nil(err.constraint)
    assert.equal(
      "UNIQUE constraint failed: there is already a row with this users.email", err.message)
  end)

  it("names all columns of a key, and an index by its name", function()
    local pair = refused("constraint.unique", users, { email = "b", city = "X", code = "1" })
    local index = refused("constraint.unique", users, { email = "b", code = "1", age = 30 })

    assert.same({ "city", "code" }, pair.columns)
    assert.is_nil(pair.constraint)
    assert.same({ "code", "age" }, index.columns)
    assert.equal("users_code_age", index.constraint)
  end)

  it("finds the column of a check", function()
    local plain = refused("constraint.check", users, { email = "b", age = -1 })
    local named = refused("constraint.check", users, { email = "b", age = 7 })

    assert.equal("users", plain.table)
    assert.same({ "age" }, plain.columns)
    assert.equal("age > 0", plain.constraint)
    assert.equal(
      'CHECK constraint failed: age > 0 (column "age" of "users")', plain.message)
    assert.equal("users", named.table)
    assert.is_nil(named.columns)
    assert.equal("grown", named.constraint)
    assert.equal('CHECK constraint failed: grown (insert into "users")', named.message)
  end)

  it("finds the foreign key when there is only one", function()
    local err = refused("constraint.foreign_key", users, { email = "b", boss_id = 99 })

    assert.equal("users", err.table)
    assert.same({ "boss_id" }, err.columns)
    assert.equal("FOREIGN KEY constraint failed: a row would refer to one that is not there "
      .. '("boss_id" of "users" refers to "users")', err.message)
  end)

  it("names the statement when there are several foreign keys", function()
    db:insert(posts):values { id = 1, author_id = 1 }:run()
    local insert = refused("constraint.foreign_key", posts, { author_id = 99 })
    local update = expect.error(function()
      db:update(posts):set { author_id = 99 }:everywhere():run()
    end)
    local delete = expect.error(function() db:delete(users):everywhere():run() end)

    assert.is_nil(insert.columns)
    assert.truthy(insert.message:find('(insert into "posts")', 1, true))
    assert.equal("posts", update.table)
    assert.truthy(update.message:find('(update of "posts")', 1, true))
    assert.equal("constraint.foreign_key", delete.code)
    assert.equal("users", delete.table)
    assert.truthy(delete.message:find('(delete from "users")', 1, true))
  end)

  it("says the same when rows are returned", function()
    local err = expect.error(function()
      db:insert(users):values { email = "b", boss_id = 99 }:returning():one()
    end)

    assert.equal("constraint.foreign_key", err.code)
    assert.equal("users", err.table)
    assert.same({ "boss_id" }, err.columns)
  end)

  it("tells at the commit what was deferred, with the transaction still open", function()
    local tx <close> = db:begin()
    tx:insert(posts):values { id = 1, late_id = 99 }:run()

    local err = expect.error(tx.commit, tx)

    assert.equal("constraint.foreign_key", err.code)
    assert.is_nil(err.rolled_back)
    assert.is_true(tx:is_open())
    tx:update(posts):set { late_id = 1 }:everywhere():run()
    tx:commit()
    assert.equal(1, db:from(posts):count())
  end)

  it("counts the rows of a bulk insert, of which it keeps none", function()
    local rows = {}
    for i = 1, 50 do
      rows[i] = { email = "user" .. i, age = i == 41 and -1 or 100 + i }
    end

    local check = refused("constraint.check", users, rows)
    rows[41].age, rows[17].email = 141, "user3"
    local unique = refused("constraint.unique", users, rows)
    rows[17].email, rows[50].boss_id = "user17", 99
    local key = refused("constraint.foreign_key", users, rows)

    assert.equal(41, check.row)
    assert.same({ "age" }, check.columns)
    assert.equal(17, unique.row)
    assert.same({ "email" }, unique.columns)
    assert.equal(50, key.row)
    assert.same({ "boss_id" }, key.columns)
    assert.equal(1, db:from(users):count())
  end)

  it("is exact about names that hold quotes, dots and commas", function()
    db:insert(hostile):values { ["na.me"] = "x", [ [[e"m,ail]] ] = "y" }:run()
    local null = expect.error(function()
      db:insert(hostile):values { [ [[e"m,ail]] ] = "z" }:run()
    end)
    local unique = refused("constraint.unique", hostile,
      { { ["na.me"] = "x" }, { ["na.me"] = "x", [ [[e"m,ail]] ] = "y" } })
    local check = refused("constraint.check", hostile,
      { ["na.me"] = "x", ["it's, it"] = "no" })

    assert.equal(HOSTILE, null.table)
    assert.same({ "na.me" }, null.columns)
    assert.equal(HOSTILE, unique.table)
    assert.same({ [[e"m,ail]] }, unique.columns)
    assert.equal(2, unique.row)
    assert.equal(HOSTILE, check.table)
    assert.same({ "it's, it" }, check.columns)
  end)
end)
