-- Descriptions written as Lua code: what is written makes the same description again.
local d = require("dbcore")
local writer = require("dbcore.schema_writer")
local expect = require("spec.support.expect")

-- Runs the code of an expression.
local function run(code)
  return assert(load("local d = ...\nreturn " .. code, "=code"))(d)
end

-- The code of a table, after proving that it makes the same one.
local function round_trip(table, options)
  local code = writer.table(d.describe(table), options)
  assert.same(d.describe(table), d.describe(run(code)))
  return code
end

local function around(column)
  return d.table("t", { d.integer "id" :primary_key(), column })
end

describe("A description written as code", function()
  it("reads as somebody would have written it", function()
    local users = d.table("users", {
      d.integer "id" :primary_key(),
      d.text "email" :not_null() :unique() :collate "nocase",
      d.enum("role", { "admin", "reader" }) :not_null() :default "reader",
      d.integer "team" :references("teams.id", { on_delete = "cascade" }),
      d.index "users_team" :on("team", { "email", desc = true }),
      d.check("users_email", "email <> ''"),
    }, { strict = true })

    assert.equal([[
d.table("users", {
  d.integer "id" :primary_key(),
  d.text "email" :not_null() :unique() :collate "nocase",
  d.enum("role", { "admin", "reader" }) :not_null() :default "reader",
  d.integer "team" :references("teams.id", { on_delete = "cascade" }),
  d.check("users_email", "email <> ''"),
  d.index "users_team" :on("team", { "email", desc = true }),
}, { strict = true })]], round_trip(users))
  end)

  it("keeps every type and every verb of a column", function()
    for _, kind in ipairs { "integer", "real", "text", "blob", "boolean", "numeric", "timestamp",
      "timestamp_ms", "datetime", "date", "uuid", "json", "untyped" } do
      round_trip(around(d[kind] "x"))
      round_trip(around(d[kind] "x" :not_null { on_conflict = "replace" }
        :unique { on_conflict = "ignore" } :comment "why" :as "y" :renamed_from "z"
        :backfill "1" :copy "x || ''" :check("name", "x <> 0")))
    end
    for _, column in ipairs {
      d.text "x" :default "it's \"so\"\n\0\127\u{e9}",
      d.text "x" :length(1, nil) :pattern "^%a+$" :enum { "a", "b" },
      d.text "x" :storage "VARCHAR(80)",
      d.real "x" :default(0.1) :range(-1.5, nil),
      d.real "x" :default(1 / 3),
      d.real "x" :default(math.huge) :range(2, nil),
      d.integer "x" :default(math.mininteger),
      d.integer "x" :default_sql "1 + 1",
      d.boolean "x" :default(false),
      d.json "x" :default { a = { 1, 2, { b = true } }, ["not a name"] = "x", ["end"] = 1 },
      d.json "x" :default(d.array()),
      d.text "x" :default(d.null),
      d.untyped "x" :default(1.0),
      d.timestamp "x" :default_now() :on_update_now(),
      d.integer "x" :on_update(7),
      d.text "x" :generated("lower('x')", "stored"),
      d.text "x" :generated "upper('x')",
      d.integer "x" :references "t",
      d.integer "x" :references({ table = "a.b", columns = { "c.d" } }, { name = "n",
        on_update = "set_null", deferrable = "deferred" }),
      d.text "end" :collate "rtrim",
      d.text "odd \"name\"\n",
    } do
      round_trip(around(column))
    end
    round_trip(d.table("t", { d.integer "id" :primary_key { autoincrement = true } }))
    round_trip(d.table("t", { d.integer "id" :primary_key { desc = true } }))
    round_trip(d.table("t", { d.text "id" :primary_key { on_conflict = "replace" } }))
  end)

  it("keeps keys, indexes, checks and triggers", function()
    round_trip(d.table("t", {
      d.integer "a", d.integer "b", d.text "c",
      d.primary_key("a", "b") :on_conflict "abort",
      d.unique("b", "c") :name "t_bc",
      d.foreign_key("a", "b") :references("u", "x", "y") :on_delete "set_null"
        :on_update "cascade" :deferrable "immediate" :name "t_u",
      d.foreign_key("c") :references "v",
      d.check "a < b",
      d.index "t_c" :on({ d.raw "lower(c)", desc = true }, { "a", collate = "nocase" }) :unique()
        :where "b > 0" :renamed_from "old",
      d.trigger("t_up", "AFTER UPDATE ON t\nBEGIN\n  SELECT ']]';\nEND"),
    }, { without_rowid = true, prefix = "app_", comment = "why", renamed_from = "s" }))
  end)

  it("keeps views and full-text indexes", function()
    local t = d.table("t", { d.integer "id" :primary_key(), d.text "body" })

    round_trip(t)
    round_trip(d.view("v", { d.integer "id", d.text "body" },
      "SELECT id,\n  body FROM t", { comment = "why" }))
    round_trip(d.fts("t_text", { "body" }, { content = t, tokenize = "porter unicode61" }))
  end)

  it("breaks long lines behind a verb, and nothing is lost", function()
    local code = round_trip(around(d.text "x" :not_null() :unique() :collate "nocase"
      :default "a rather long default value, for a line that must not get any longer"
      :check "x <> 'and here is one more of these long texts, for good measure'"))

    for line in code:gmatch("[^\n]+") do
      assert.is_true(#line <= 100, line)
    end
    assert.truthy(code:find("\n    :%a+ "), code)
  end)

  it("can do without what only Lua knows", function()
    local t = around(d.text "x" :not_null() :comment "why" :as "y" :pattern "^a" :on_update "b"
      :validate(function() return true end))

    local code = writer.table(d.describe(t), { bare = true })

    assert.truthy(code:find('d.text "x" :not_null(),', 1, true))
    expect.failure("invalid", "cannot be written", writer.table, d.describe(t))
  end)

  it("writes a type of one's own as what is stored", function()
    local money = d.type { name = "money", sql = "INTEGER",
      encode = function(euro) return euro * 100 // 1 | 0 end,
      decode = function(cents) return cents / 100 end }
    local code = writer.table(d.describe(around(money "price" :default(1.5))), { bare = true })

    assert.truthy(code:find('d.untyped "price" :storage "INTEGER" :default(150)', 1, true), code)
    local db <close> = d.open(":memory:")
    db:create(d.schema { run(code) })
    db:exec("INSERT INTO t (id) VALUES (1)")
    assert.equal("integer", db:query("SELECT typeof(price) FROM t"):value())
  end)

  it("finds names for variables", function()
    local taken = {}

    assert.equal("users", writer.variable("users", taken))
    assert.equal("users_2", writer.variable("users", taken))
    assert.equal("t_end", writer.variable("end", taken))
    assert.equal("order_items", writer.variable("order items", taken))
    assert.equal("t_1st", writer.variable("1st", taken))
  end)
end)
