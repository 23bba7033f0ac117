-- d.json_schema: valid by the meta-schema, and of one mind with d.validate().
local d = require("dbcore")
local expect = require("spec.support.expect")
local checker = require("spec.support.json_schema")
local regex = require("dbcore.regex")

local users = d.table("users", {
  d.integer "id" :primary_key(),
  d.text "email" :not_null() :pattern "^[^@]+@[^@]+$",
  d.text "name" :not_null() :length(2, 8) :as "full_name" :comment "as it is spoken",
  d.enum("role", { "admin", "reader" }) :not_null() :default "reader",
  d.enum("mood", { "fine" }),
  d.integer "age" :range(0, 150),
  d.real "score" :range(nil, 9.5),
  d.boolean "active" :not_null() :default(true),
  d.json("settings", {
    theme = d.enum { "dark", "light" } :not_null(),
    size = d.integer():range(8, 32),
    tags = d.list(d.text():length(1, 5):not_null()),
    home = { city = d.text():not_null(), zip = d.text() },
  }),
  d.json "anything",
  d.date "born",
  d.datetime "met",
  d.uuid "token" :not_null() :default_fn(function() return "x" end),
  d.blob "photo",
  d.timestamp "created_at" :not_null() :default_now(),
  d.text "handle" :generated("lower(name)"),
  d.text "odd" :pattern "%b()",
})
local members = d.table("members", {
  d.integer "org" :not_null(), d.text "login", d.primary_key("org", "login"),
}, { without_rowid = true })

local USES = { "insert", "update", "select" }

describe("d.json_schema", function()
  it("is valid by the meta-schema, for every use", function()
    for _, use in ipairs(USES) do
      for _, t in ipairs { users, members } do
        assert.is_true(checker.valid(checker.META, (d.json_schema(t, use))))
      end
    end
  end)

  it("would not be if anything in it were wrong", function()
    local breaks = {
      function(s) s.type = "objekt" end,
      function(s) s.required = "email" end,
      function(s) s.required = d.array { "email", "email" } end,
      function(s) s.required = d.array { 1 } end,
      function(s) s.properties = d.array { {} } end,
      function(s) s.properties.age = 5 end,
      function(s) s.properties.age.minimum = "0" end,
      function(s) s.properties.full_name.maxLength = -1 end,
      function(s) s.properties.full_name.minLength = 1.5 end,
      function(s) s.properties.role.enum = "admin" end,
      function(s) s.properties.age.type = d.array { "integer", "integer" } end,
      function(s) s.properties.age.type = d.array {} end,
      function(s) s.properties.email.pattern = 5 end,
      function(s) s.properties.settings.properties.tags.items = 5 end,
      function(s) s.properties.settings.properties.home.required = d.array { true } end,
      function(s) s.additionalProperties = "no" end,
      function(s) s.properties.age.minimun = 0 end,
      function(s) s.title = 5 end,
    }
    for i, break_it in ipairs(breaks) do
      local schema = d.json_schema(users, "insert")
      assert.is_true(checker.valid(checker.META, schema))
      break_it(schema)
      assert.is_false(checker.valid(checker.META, schema), "break " .. i)
    end
  end)

  it("says what has to be there", function()
    assert.same({ "email", "full_name" }, d.json_schema(users).required)
    assert.is_nil(d.json_schema(users, "update").required)
    assert.same({ "id", "email", "full_name", "role", "active", "token", "created_at" },
      d.json_schema(users, "select").required)
    assert.same({ "org", "login" }, d.json_schema(members).required)
  end)

  it("tells the rules, defaults and remarks", function()
    local schema, text = d.json_schema(users)
    local p = schema.properties
    assert.same({ type = "string", minLength = 2, maxLength = 8,
      description = "as it is spoken" }, p.full_name)
    assert.same({ 0, 150 }, { p.age.minimum, p.age.maximum })
    assert.same({ "integer", "null" }, { p.age.type[1], p.age.type[2] })
    assert.equal(d.null, p.mood.enum[2])
    assert.equal("reader", p.role.default)
    assert.equal("^[^@]+@[^@]+$", p.email.pattern)
    assert.truthy(p.odd["$comment"]:find("%b()", 1, true))
    assert.is_nil(p.handle)
    assert.is_true(d.json_schema(users, "select").properties.handle.readOnly)
    assert.truthy(text:find('"$schema":"https://json-schema.org/draft/2020-12/schema"', 1, true))
    expect.misuse('did you mean "insert"', d.json_schema, users, "insret")
    expect.misuse("takes a table first", d.json_schema, "users")
  end)

  it("agrees with d.validate() on rows good and bad", function()
    local good = { email = "a@b", full_name = "Ada" }
    local values = {
      { "age", 5 }, { "age", 151 }, { "age", "5" }, { "age", 1.5 }, { "age", d.null },
      { "full_name", "A" }, { "full_name", ("é"):rep(8) }, { "full_name", ("é"):rep(9) },
      { "full_name", d.null }, { "role", "admin" }, { "role", "boss" }, { "role", d.null },
      { "mood", d.null }, { "mood", "sad" }, { "score", 9.5 }, { "score", 10 }, { "active", 1 },
      { "active", false }, { "settings", { theme = "dark" } }, { "settings", { theme = "x" } },
      { "settings", { size = 9 } }, { "settings", { theme = "dark", size = 7 } },
      { "settings", { theme = "dark", tags = { "a", "b" } } },
      { "settings", { theme = "dark", tags = { "a", "toolong" } } },
      { "settings", { theme = "dark", tags = { d.null } } },
      { "settings", { theme = "dark", home = { city = "x" } } },
      { "settings", { theme = "dark", home = { zip = "x" } } },
      { "settings", { theme = "dark", more = 1 } }, { "settings", "x" }, { "settings", d.null },
      { "anything", { 1, { a = true } } }, { "anything", "text" }, { "handle", "x" },
      { "nonsense", 1 }, { "created_at", 5 }, { "created_at", 5.5 }, { "id", d.null }, { "id", 3 },
      { "email", 5 },
    }
    local agreed = { [true] = 0, [false] = 0 }
    for _, use in ipairs { "insert", "update" } do
      local schema = d.json_schema(users, use)
      for _, case in ipairs(values) do
        local row = use == "insert" and { email = good.email, full_name = good.full_name } or {}
        row[case[1]] = case[2]
        local by_rules = d.validate(users, row, use) == true
        local label = ("%s %s = %s"):format(use, case[1], tostring(case[2]))
        assert.equal(by_rules, checker.valid(schema, row), label)
        agreed[by_rules] = agreed[by_rules] + 1
      end
    end
    assert.is_true(agreed[true] > 20 and agreed[false] > 20)
    assert.is_false(checker.valid(d.json_schema(users), { email = "a@b" }))
  end)
end)

describe("A Lua pattern as a regular expression", function()
  it("is what it was, as far as it can be said", function()
    local cases = {
      ["^%a+$"] = "^[A-Za-z]+$", ["^%u%u%d+$"] = "^[A-Z][A-Z][0-9]+$", ["a.-b"] = "a[\\s\\S]*?b",
      ["a%.b"] = "a\\.b", ["^[%w_]+$"] = "^[A-Za-z0-9_]+$", ["[a-f%-]"] = "[a-f\\-]",
      ["x/y"] = "x\\/y", ["^$"] = "^$", ["a$b"] = "a\\$b", ["[]]"] = "[\\]]", ["%S+"] =
        "[^ \\t-\\r]+", ["^[^@]+@"] = "^[^@]+@",
    }
    for pattern, expression in pairs(cases) do
      assert.equal(expression, regex.from_pattern(pattern), pattern)
    end
    for _, pattern in ipairs { "%b()", "%f[%a]x", "(a)%1", "(a)", "^.$", "[^a]", "é", "[é]+",
      "[%S]" } do
      assert.is_nil(regex.from_pattern(pattern), pattern)
    end
  end)
end)
