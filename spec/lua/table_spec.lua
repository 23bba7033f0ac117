-- Descriptors, aliases, named sources and schemas as the native module makes them.
local native = require("dbcore.native")
local expect = require("spec.support.expect")

local codec = {
  encode = function(list) return table.concat(list, ",") end,
  decode = function(text) return { text } end,
}

local function users_def()
  return {
    name = "users", prefix = "app_", kind = "table", strict = true, comment = "people",
    columns = {
      { name = "id", type = "integer", primary_key = true, autoincrement = true },
      { name = "email", type = "text", not_null = true, unique = true, collate = "nocase",
        on_conflict_unique = "replace" },
      { name = "role", type = "text", enum = { "admin", "reader" }, default = "reader" },
      { name = "age", type = "integer", min = 0, max = 150, check = "age <> 13",
        check_name = "no_thirteen" },
      { name = "score", type = "real", min = 0.5 },
      { name = "active", type = "boolean", default = true },
      { name = "nick", type = "text", min_len = 1, max_len = 20, pattern = "^%a", as = "nickname" },
      { name = "settings", type = "json", default = { dark = false } },
      { name = "tags", type = "custom", storage = "TEXT", codec = codec },
      { name = "boss_id", type = "integer",
        references = { name = "boss", table = "users", to = { "id" }, on_delete = "set_null",
          on_update = "cascade", deferrable = "deferred" } },
      { name = "lower", type = "text", generated = "lower(email)", stored = true },
      { name = "created_at", type = "timestamp", default_now = true, on_update_now = true },
      { name = "token", type = "text", default_fn = function() return "t" end, on_update = "u",
        validate = function() return true end },
      { name = "note", type = "text", default_sql = "'a' || 'b'", backfill = "''",
        renamed_from = "remark", comment = "free text" },
    },
    uniques = { { name = "once", columns = { "email", "role" }, on_conflict = "ignore" } },
    indexes = {
      { name = "by_age", unique = true, where = "age > 3",
        parts = { { column = "age", desc = true }, { expression = "lower(email)" } } },
    },
    checks = { { name = "adult", expression = "age >= 18" } },
    foreign_keys = {
      { name = "fk", columns = { "boss_id" }, table = "users", to = { "id" },
        on_delete = "restrict" },
    },
    triggers = { { name = "tr", sql = "AFTER INSERT ON app_users BEGIN SELECT 1; END" } },
  }
end

describe("A table descriptor", function()
  local users = native.table(users_def())

  it("has columns as fields, by name and by their key in rows", function()
    local alias = native.alias(users, "u")

    assert.equal("dbcore.expression: users.email", tostring(users.email))
    assert.equal("dbcore.expression: users.nick", tostring(users.nickname))
    assert.equal("dbcore.expression: users.email", tostring(alias.email))
    assert.equal(users.email, users.email)
  end)

  it("is described whole, so that the description makes the same table", function()
    local said = native.describe(users)

    assert.same(users_def().columns[10], said.columns[10])
    assert.equal(codec, said.columns[9].codec)
    assert.same({ dark = false }, said.columns[8].default)
    assert.is_true(said.columns[6].default)
    assert.equal("t", said.columns[13].default_fn())
    assert.equal("u", said.columns[13].on_update)
    assert.same(users_def().indexes, said.indexes)
    assert.same(users_def().uniques, said.uniques)
    assert.same(said, native.describe(native.table(said)))
  end)

  it("is walked by pairs in the order of its columns", function()
    local names = {}
    for name, column in pairs(users) do
      names[#names + 1] = name
      assert.equal(users[name], column)
    end

    local wanted = {}
    for i, column in ipairs(users_def().columns) do
      wanted[i] = column.name
    end
    assert.same(wanted, names)
  end)

  it("names the nearest column when there is none of a name", function()
    expect.misuse('did you mean "email"', function() return users.emial end)
    expect.misuse('table "users" has no column "zzzzzzzz"', function() return users.zzzzzzzz end)
    expect.misuse("a name is due", function() return users[1] end)
    expect.misuse('did you mean "email"', function() return native.alias(users, "u").emial end)
  end)

  it("cannot be written to", function()
    expect.misuse("is fixed", function() users.email = 1 end)
    expect.misuse("is fixed", function() users.email.x = 1 end)
  end)

  it("says shortly what it is", function()
    assert.equal('dbcore.table "users"', tostring(users))
    assert.equal('dbcore.table "users" as "u"', tostring(native.alias(users, "u")))
    assert.is_false(getmetatable(users))
  end)

  it("survives being collected before its columns are", function()
    local column = native.table({ name = "t", columns = { { name = "a", type = "text" } } }).a
    collectgarbage()
    collectgarbage()

    assert.equal("dbcore.expression: t.a", tostring(column))
    assert.equal("dbcore.expression", tostring(column:eq("x")))
  end)
end)

describe("A description", function()
  local function refused(piece, change)
    local def = users_def()
    change(def, def.columns[1])
    expect.misuse(piece, native.table, def)
  end

  it("is refused with the place and the nearest option", function()
    refused('table "users": there is no option "strickt"; did you mean "strict"?',
      function(def) def.strickt = true end)
    refused('table "users", column "id": there is no option "typ"; did you mean "type"?',
      function(_, column) column.typ = "text" end)
    refused('table "users", column "id": "type" must be a type', function(_, column)
      column.type = "integr"
    end)
    refused('table "users", column "boss_id", foreign key "boss": "on_delete" must be one of',
      function(def) def.columns[10].references.on_delete = "casc" end)
    refused('table "users", index "by_age", part 1: "column" must be text', function(def)
      def.indexes[1].parts[1].column = 5
    end)
    refused('"columns" must be a list', function(def) def.columns = "id" end)
    refused('"columns" must be a list of tables', function(def) def.columns[2] = "id" end)
    refused('"not_null" must be true or false, got the number 1', function(_, column)
      column.not_null = 1
    end)
    refused('"default_fn" must be a function', function(_, column) column.default_fn = 5 end)
    refused('"default" must be a value; for a function use default_fn', function(_, column)
      column.default = print
    end)
    refused('"max_len" must be a whole number from 0', function(_, column) column.max_len = -1 end)
    refused('"name" must be text without NUL', function(_, column) column.name = "a\0b" end)
    refused('"codec" must be', function(_, column) column.codec = "gzip" end)
  end)

  it("is a table", function()
    expect.misuse("a table is described by a table, got nil", native.table, nil)
    expect.misuse("describe takes a table or a schema", native.describe, 5)
  end)

  it("has at most 64 columns that the host fills at update", function()
    local columns = {}
    for i = 1, 65 do
      columns[i] = { name = "c" .. i, type = "integer", on_update = i }
    end

    local err = expect.error(native.table, { name = "t", columns = columns })

    assert.equal("limit", err.code)
  end)
end)

describe("A source", function()
  local t = native.table({
    name = "t",
    columns = { { name = "id", type = "integer" }, { name = "done", type = "boolean" } },
  })
  local source = native.from(t):select({ t.id, flag = t.done }):as("s")

  it("has the outputs of its query as columns, with their types", function()
    local q = native.from(source):where(source.flag:eq(true)):select(source.id)

    local _, values = q:to_sql()

    assert.same({ 1 }, values)
    expect.misuse("boolean", function() return source.flag:eq(5) end)
    expect.misuse('the subquery "s" selects no "flga"; did you mean "flag"?', function()
      return source.flga
    end)
  end)

  it("is walked by pairs", function()
    local names = {}
    for name in pairs(source) do
      names[#names + 1] = name
    end

    assert.same({ "id", "flag" }, names)
    expect.misuse("are not known before", pairs, native.ref("cte"))
  end)

  it("may be read under another name than the CTE has", function()
    local ref = native.ref("c", "x")

    local sql = native.with("c", native.from(t)):from(ref):select(ref.id):to_sql()

    assert.truthy(sql:find('FROM "c" AS "x"', 1, true), sql)
  end)

  it("needs a name", function()
    for _, name in ipairs({ "", "a\0b", ("n"):rep(256) }) do
      expect.misuse("1 to 255 bytes", function() return native.from(t):as(name) end)
      expect.misuse("1 to 255 bytes", native.alias, t, name)
      expect.misuse("1 to 255 bytes", native.ref, name)
    end
    expect.misuse("as takes a name, got nil", function() return native.from(t):as(nil) end)
    expect.misuse("expected a table descriptor, got nil", native.alias, nil, "a")
  end)
end)

describe("A schema", function()
  local a = native.table({
    name = "a", columns = { { name = "id", type = "integer", primary_key = true } },
  })
  local b = native.table({
    name = "b",
    columns = {
      { name = "id", type = "integer", primary_key = true },
      { name = "a_id", type = "integer", references = { table = "a", to = { "id" } } },
    },
  })
  local schema = native.schema({ a, b }, {
    { table = "a", name = "bs", kind = "many", target = "b" },
    { table = "b", name = "parent", kind = "one", target = "a" },
  })

  it("has tables as fields, the very ones it was made of", function()
    local names = {}
    for name, descriptor in pairs(schema) do
      names[#names + 1] = name
      assert.equal(schema[name], descriptor)
    end

    assert.same({ "a", "b" }, names)
    assert.equal(a, schema.a)
    assert.equal("dbcore.schema of 2 tables", tostring(schema))
  end)

  it("is described with its relations as they were understood", function()
    local said = native.describe(schema)

    assert.same({ native.describe(a), native.describe(b) }, said.tables)
    assert.same({ table = "a", name = "bs", kind = "many", target = "b", from = { "id" },
      to = { "a_id" } }, said.relations[1])
    assert.same({ table = "b", name = "parent", kind = "one", target = "a", from = { "a_id" },
      to = { "id" } }, said.relations[2])
  end)

  it("names the nearest table", function()
    expect.misuse("has no table", function() return schema.zzz end)
    expect.misuse("by name, not by the number 1", function() return schema[1] end)
    expect.misuse("is fixed", function() schema.a = b end)
  end)

  it("is made of tables and relations only", function()
    expect.misuse("item 2 of a schema must be a table, got text", native.schema, { a, "b" })
    expect.misuse('got the alias "x"', native.schema, { native.alias(a, "x") })
    expect.misuse('relation "bs": there is no option "trough"; did you mean "through"?',
      native.schema, { a, b },
      { { table = "a", name = "bs", kind = "many", target = "b", trough = "x" } })
    expect.misuse("relation 1 of a schema must be a table", native.schema, { a, b }, { "x" })
    expect.misuse('"kind" must be one of "one", "many"', native.schema, { a, b },
      { { table = "a", name = "bs", kind = "some", target = "b" } })
  end)
end)
