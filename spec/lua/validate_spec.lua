-- Section 7: what a description promises, told of a row before any database sees it, and by every
-- write: all that is wrong at once.
local d = require("dbcore")
local expect = require("spec.support.expect")

local users = d.table("users", {
  d.integer "id" :primary_key(),
  d.text "email" :not_null() :pattern "^[^@]+@[^@]+$",
  d.text "name" :not_null() :length(2, 8) :as "full_name",
  d.enum("role", { "admin", "editor", "reader" }) :not_null() :default "reader",
  d.integer "age" :range(0, 150) :check("age <> 99"),
  d.boolean "active" :not_null() :default(true),
  d.json("settings", {
    theme = d.enum { "dark", "light" } :not_null(),
    size = d.integer():range(8, 32),
    tags = d.list(d.text():length(1, 5)),
    home = { city = d.text():not_null(), zip = d.text():pattern "^%d+$" },
    anything = d.json { },
  }),
  d.date "born",
  d.integer "starts",
  d.integer "ends" :validate(function(value)
    if value == 13 then
      return false, "thirteen is never an end"
    end
  end),
  d.text "token" :not_null() :default_fn(function() return "made" end),
  d.text "handle" :generated("lower(name)"),
  d.check("users_adult", "role <> 'admin' OR age >= 18"),
  d.rule("ends_later", function(row)
    return row.ends > row.starts, "it ends before it starts"
  end):on("starts", "ends"),
})

local function good()
  return { email = "a@b", full_name = "Ada", age = 36, settings = { theme = "dark" } }
end

-- What is wrong, as "path rule" lines.
local function told(err)
  local lines = {}
  for i, field in ipairs(err.fields) do
    assert.is_string(field.message)
    assert.is_nil(field.message:find("[%c]"))
    assert.is_nil(field.message:find("%.$"))
    lines[i] = field.path .. " " .. field.rule
  end
  return lines
end

local function wrong(row, use)
  local result, err = d.validate(users, row, use)
  assert.is_nil(result)
  assert.equal("validation", err.code)
  assert.equal("users", err.table)
  return told(err), err
end

local function with(key, value)
  local row = good()
  row[key] = value
  return row
end

describe("d.validate", function()
  it("returns true for a row that keeps every rule", function()
    assert.is_true(d.validate(users, good(), "insert"))
    assert.is_true(d.validate(users, good()))
    assert.is_true(d.validate(users, { age = 5 }, "update"))
    assert.is_true(d.validate(users, {}, "update"))
  end)

  it("tells every field that is wrong, in the order of the columns", function()
    local lines, err = wrong { age = 151, email = "nobody", role = "boss", active = 1,
      born = "yesterday", full_name = "x", ends = 13, settings = { theme = "drak" } }

    assert.same({ "email pattern", "name length", "role enum", "age range", "active type",
      "settings.theme enum", "born type", "ends validate" }, lines)
    assert.equal(8, #err.columns)
    assert.truthy(err.message:find("(and 7 more)", 1, true))
    assert.equal("thirteen is never an end", err.fields[8].message)
    assert.truthy(err.fields[6].message:find('did you mean "dark"', 1, true))
    assert.equal("settings", err.fields[6].column)
  end)

  it("knows what an insert must have, and what has a default", function()
    assert.same({ "email not_null", "name not_null" }, (wrong({}, "insert")))
    assert.same({ "role not_null" }, (wrong(with("role", d.null))))
  end)

  it("lets an update leave out what it likes, but set nothing to null that may not be", function()
    assert.same({ "email not_null", "age range" }, (wrong({ email = d.null, age = -1 }, "update")))
    assert.is_true(d.validate(users, { age = d.null }, "update"))
  end)

  it("wants of a row that was read all that is never null", function()
    assert.same({ "id not_null", "role not_null", "active not_null", "token not_null" },
      (wrong(good(), "select")))
    local row = good()
    row.id, row.role, row.active, row.token, row.handle = 1, "reader", true, "t", "ada"
    assert.is_true(d.validate(users, row, "select"))
  end)

  it("refuses what is no column, with the nearest name", function()
    local lines, err = wrong { emial = "a@b", zzz = 1, email = "a@b", full_name = "Ada" }

    assert.same({ "emial unknown", "zzz unknown" }, lines)
    assert.truthy(err.fields[1].message:find('did you mean "email"', 1, true))
    assert.is_nil(err.fields[1].column)
  end)

  it("refuses a value for a generated column", function()
    assert.same({ "handle generated" }, (wrong(with("handle", "x"))))
    assert.same({ "handle generated" }, (wrong({ handle = "x" }, "update")))
  end)

  it("decides checks that need no database", function()
    local lines, err = wrong(with("age", 99))
    assert.same({ "age check" }, lines)
    assert.equal("age <> 99", err.fields[1].constraint)

    local admin = with("role", "admin")
    admin.age = 17
    lines, err = wrong(admin)
    assert.same({ "check check" }, lines)
    assert.equal("users_adult", err.fields[1].constraint)
    -- An update that does not say the age cannot tell.
    assert.is_true(d.validate(users, { role = "admin" }, "update"))
    assert.same({ "check check" }, (wrong({ role = "admin", age = 3 }, "update")))
  end)

  it("asks a rule over several columns when all of them are known", function()
    local row = with("starts", 5)
    assert.is_true(d.validate(users, row))
    row.ends = 4
    local lines, err = wrong(row)
    assert.same({ "starts ends_later" }, lines)
    assert.equal("it ends before it starts", err.fields[1].message)
    assert.is_true(d.validate(users, { ends = 1 }, "update"))
    assert.same({ "starts ends_later" }, (wrong({ starts = 2, ends = 1 }, "update")))
  end)

  it("takes values that no column takes for what they are", function()
    local lines = wrong { email = print, full_name = {}, age = 0 / 0, born = io.stdout,
      settings = { theme = print }, active = coroutine.create(print) }

    assert.same({ "email type", "name type", "age type", "active type", "settings type",
      "born type" }, lines)
  end)

  it("leaves expressions to the database", function()
    assert.is_true(d.validate(users, with("email", d.sql "lower('A@B')")))
    assert.is_true(d.validate(users, { age = users.age + 1 }, "update"))
  end)

  it("says which use is meant, and what it takes", function()
    expect.misuse('did you mean "insert"', d.validate, users, {}, "inset")
    expect.misuse("a table of a schema", d.validate, "users", {}, "insert")
    expect.misuse("a table of column = value", d.validate, users, 5, "insert")
  end)

  it("goes on with what a rule raises", function()
    local t = d.table("t", {
      d.integer "a" :validate(function() error("no way", 0) end),
    })
    local err = expect.failure("callback", "no way", d.validate, t, { a = 1 })
    assert.equal("no way", err.cause)
  end)

  it("takes a codec that raises for a value that does not fit", function()
    local money = d.type { name = "money", sql = "INTEGER",
      encode = function(euro) return math.floor(euro * 100) end,
      decode = function(cents) return cents / 100 end }
    local t = d.table("t", { money "price" :validate(function(price)
      return price < 10, "too dear"
    end) })

    assert.is_true(d.validate(t, { price = 9.5 }))
    local _, err = d.validate(t, { price = 12 })
    assert.equal("too dear", err.fields[1].message)
    _, err = d.validate(t, { price = {} })
    assert.same({ "price type" }, told(err))
  end)

  it("works inside a rule and inside a coroutine", function()
    local inner = d.table("inner", { d.integer "n" :range(1, 3) })
    local outer = d.table("outer", {
      d.integer "n" :validate(function(n) return (d.validate(inner, { n = n })) ~= nil end),
    })
    local results = coroutine.wrap(function()
      return { d.validate(outer, { n = 2 }), (d.validate(outer, { n = 4 })) }
    end)()

    assert.is_true(results[1])
    assert.is_nil(results[2])
    assert.is_true(d.validate(outer, { n = 1 }))
  end)
end)

describe("The description of a JSON column", function()
  local function settings(value)
    return (wrong(with("settings", value)))
  end

  it("is kept at any depth, with the path of what is wrong", function()
    assert.same({ "settings.theme not_null" }, settings {})
    assert.same({ "settings.theme type" }, settings { theme = 5 })
    assert.same({ "settings.home.city not_null", "settings.home.zip pattern",
      "settings.size range", "settings.tags[2] length", "settings.tags[3] type" },
      settings { theme = "dark", size = 33, tags = { "ok", "toolong", true },
        home = { zip = "12a" } })
    assert.same({ "settings type" }, settings "dark")
    assert.same({ "settings.home type", "settings.tags type" },
      settings { theme = "dark", tags = { a = 1 }, home = { 1 } })
  end)

  it("lets fields be left out or null unless they are required", function()
    assert.is_true(d.validate(users, with("settings", d.null)))
    assert.is_true(d.validate(users, with("settings",
      { theme = "light", size = d.null, tags = {}, anything = { x = { 1 } } })))
    assert.same({ "settings.theme not_null" }, settings { theme = d.null })
  end)

  it("refuses fields it does not have, with the nearest", function()
    local lines, err = wrong(with("settings", { theme = "dark", siez = 9 }))
    assert.same({ "settings.siez unknown" }, lines)
    assert.truthy(err.message:find('did you mean "size"', 1, true))
  end)

  it("may be a list, of objects too", function()
    local t = d.table("t", {
      d.list("points", { x = d.real():not_null(), y = d.real() }),
      d.json("names", d.text()),
    })
    assert.is_true(d.validate(t, { points = { { x = 1 }, { x = 2, y = 3.5 } }, names = { "a" } }))
    local _, err = d.validate(t, { points = { { x = 1 }, { y = 2 } }, names = { 1 } })
    assert.same({ "points[2].x not_null", "names[1] type" }, told(err))
    assert.same({ items = { type = "text" } }, d.describe(t).columns[2].shape)
  end)

  it("is refused when it cannot be kept", function()
    local function around(shape)
      return function() return d.table("t", { d.json("j", shape) }) end
    end
    expect.misuse("JSON has no form", around { x = d.blob() })
    expect.misuse("inside JSON there are", around { x = d.text():unique() })
    expect.misuse("is for columns of a table", around { x = d.text():validate(print) })
    expect.misuse("column without a name", function() return d.table("t", { d.text() }) end)
    expect.misuse("field", around { x = 5 })
    expect.misuse("has no name", around { d.text() })
    expect.misuse("leave that name out", around { x = d.text "y" })
    local deep = d.text()
    for _ = 1, 300 do
      deep = { x = deep }
    end
    expect.error(around(deep))
  end)

  it("comes back from d.describe and makes the same table again", function()
    local described = d.describe(users)
    local native = require("dbcore.native")

    assert.same(described, native.describe(native.table(described)))
  end)
end)

describe("Writes", function()
  local db

  before_each(function()
    db = d.open(":memory:", { schema = d.schema { users } })
    db:create()
  end)
  after_each(function() db:close() end)

  local function refused(f)
    local err = expect.failure("validation", "", f)
    return told(err), err
  end

  it("tell everything that is wrong with an insert", function()
    local lines = refused(function()
      db:insert(users):values { full_name = "x", role = "boss", age = 200, active = "yes",
        settings = { theme = "dark", size = 1 }, born = "x" }:run()
    end)

    assert.same({ "email not_null", "name length", "role enum", "age range", "active type",
      "settings.size range", "born type" }, lines)
    assert.equal(0, db:from(users):count())
  end)

  it("tell the row of a bulk insert, and keep none", function()
    local lines, err = refused(function()
      db:insert(users):values { good(), with("age", -1), good() }:run()
    end)

    assert.same({ "age range" }, lines)
    assert.equal(2, err.row)
    assert.equal(0, db:from(users):count())
  end)

  it("tell everything that is wrong with an update", function()
    db:insert(users):values(good()):run()
    local lines = refused(function()
      db:update(users):set { age = -1, email = d.null, active = 3, full_name = ("x"):rep(9),
        settings = { theme = "dark", tags = { "toolong" } } }:everywhere():run()
    end)

    assert.same({ "email not_null", "name length", "age range", "active type",
      "settings.tags[1] length" }, lines)
    assert.equal(36, db:from(users):one().age)
  end)

  it("judge both rows of an upsert", function()
    db:insert(users):values { id = 1, email = "a@b", full_name = "Ada" }:run()
    local upsert = db:insert(users):values { id = 1, email = "a@b", full_name = "Ada" }
      :on_conflict("id")
    assert.same({ "age range" }, (refused(function() upsert:update { age = 151 }:run() end)))
    upsert:update { age = 15 }:run()
    assert.equal(15, db:from(users):one().age)
  end)

  it("judge what is returned, prepared, or given by name", function()
    assert.same({ "age range" }, (refused(function()
      db:insert(users):values(with("age", -1)):returning():one()
    end)))
    assert.same({ "age range" }, (refused(function()
      local p <close> = db:insert(users):values(with("age", -1)):prepare()
      p:run()
    end)))
    local p <close> = db:insert(users):values(with("age", d.param "n")):prepare()
    assert.same({ "age range" }, (refused(function() p:run { n = 151 } end)))
    assert.same({ "age type" }, (refused(function() p:run { n = "x" } end)))
    p:run { n = 15 }
    assert.same({ "age range" }, (refused(function()
      db:update(users):set { age = d.param "n" }:everywhere():run { n = 151 }
    end)))
    assert.equal(1, db:from(users):count())
  end)

  it("ask the rules in Lua, of inserts and updates", function()
    local row = with("starts", 5)
    row.ends = 3
    assert.same({ "starts ends_later" }, (refused(function()
      db:insert(users):values(row):run()
    end)))
    row.ends = 7
    db:insert(users):values(row):run()
    assert.same({ "starts ends_later" }, (refused(function()
      db:update(users):set { starts = 9, ends = 8 }:everywhere():run()
    end)))
    assert.same({ "ends validate" }, (refused(function()
      db:update(users):set { ends = 13 }:everywhere():run()
    end)))
    db:update(users):set { starts = 6 }:everywhere():run()
    assert.equal(6, db:from(users):one().starts)
  end)

  it("leave a check alone to the database, and tell it with what else is wrong", function()
    local err = expect.failure("constraint.check", "", function()
      db:insert(users):values(with("age", 99)):run()
    end)
    assert.is_nil(err.fields)
    local row = with("age", 99)
    row.role = "boss"
    assert.same({ "role enum", "age check" }, (refused(function()
      db:insert(users):values(row):run()
    end)))
  end)

  it("hold for raw SQL through the database", function()
    local err = expect.failure("constraint.check", "", function()
      db:exec("INSERT INTO users(email, name, age, token) VALUES ('a@b', 'Ada', 151, 't')")
    end)
    assert.is_nil(err.fields)
  end)

  it("show values as they would be stored", function()
    local _, values = db:update(users):set { active = true, age = 5 }:everywhere():to_sql()
    assert.same({ 5, 1 }, values)
    assert.is_string((db:update(users):set { active = 7 }:everywhere():to_sql()))
  end)

  it("do not let a rule use the connection that asks it", function()
    local nosy
    local t = d.table("t", { d.integer "a" :validate(function() nosy:query("SELECT 1"):all() end) })
    local conn <close> = d.open(":memory:", { schema = d.schema { t } })
    conn:create()
    nosy = conn
    expect.failure("callback", "cannot be used", function()
      conn:insert(t):values { a = 1 }:run()
    end)
    assert.equal(0, conn:from(t):count())
  end)
end)
