-- Wrong arguments everywhere: each public function and method gets a zoo of values. Whatever is
-- refused must be refused with an error object that says so in one line, at the caller's place.
local d = require("dbcore")
local sorted = require("dbcore.check").sorted_keys
local native = require("dbcore.native")
local expect = require("spec.support.expect")

local users = d.table("users", { d.integer "id" :primary_key(), d.text "name" :not_null(),
  d.boolean "f", d.json "j" })
local schema = d.schema { users }

local function nothing() end

-- What has no business among the arguments of most functions.
local function zoo(db)
  local recursive = {}
  recursive[1], recursive.self = recursive, recursive
  local hostile = setmetatable({}, {
    __index = function() error("hostile index") end,
    __len = function() error("hostile len") end,
    __pairs = function() error("hostile pairs") end,
    __tostring = function() error("hostile tostring") end,
    __name = ("x"):rep(1000),
  })
  return { true, false, 0, -1, 1.5, 0 / 0, math.huge, math.mininteger, "", "a", "id", "a\0b",
    "\xFF", ("x"):rep(5000), "'\"`];--", {}, { 1, 2 }, { id = 1 }, { [1.5] = 1 }, { {} },
    recursive, hostile, nothing, coroutine.create(nothing), d.null, users, d.alias(users, "u"),
    users.id, users.id:eq(1), users.id:desc(), d.count(), d.from(users), d.insert(users),
    d.update(users), d.delete(users), d.from(users):as "s", d.ref "r", d.param "p", schema, db,
    io.stdout, d.integer "x", d.case() }
end

local function check(what, good, err)
  -- What a metamethod raises is its own affair.
  if good or type(err) == "string" and err:find("hostile", 1, true) then
    return
  end
  assert.is_table(err, what .. ": " .. tostring(err))
  assert.is_string(err.code, what)
  assert.is_string(err.message, what)
  assert.truthy(utf8.len(err.message), what .. ": no UTF-8: " .. err.message)
  assert.is_nil(err.message:find("%c"), what .. ": " .. err.message)
  assert.is_nil(err.message:find("%.$"), what .. ": " .. err.message)
  assert.is_true(#err.message < 512, what)
end

describe("Wrong arguments", function()
  local db

  setup(function()
    db = d.open(":memory:", { schema = schema })
    db:create()
  end)
  teardown(function() db:close() end)

  it("are refused with a clear message by the functions of the module", function()
    local apart = { open = true, try = true, mock = true, sleep = true, raise = true }
    for _, name in ipairs(sorted(d)) do
      if type(d[name]) == "function" and not apart[name] then
        for i, value in ipairs(zoo(db)) do
          check(name .. " " .. i, pcall(d[name], value))
          check(name .. " 2nd " .. i, pcall(d[name], "id", value))
        end
        check(name, pcall(d[name]))
      end
    end
  end)

  it("are refused with a clear message by methods, self included", function()
    local selves = { expr = users.name, query = db:from(users), conn = db }
    local apart = { close = true, restore = true, backup = true, interrupt = true }
    for _, kind in ipairs(sorted(selves)) do
      local methods = native.methods(kind)
      for _, name in ipairs(sorted(methods)) do
        if not apart[name] then
          for i, value in ipairs(zoo(db)) do
            local what = ("%s:%s %d"):format(kind, name, i)
            if value ~= db then
              check(what .. " as self", pcall(methods[name], value))
            end
            check(what, pcall(methods[name], selves[kind], value))
          end
          check(name, pcall(methods[name], selves[kind]))
          check(name, pcall(methods[name]))
        end
      end
    end
  end)

  it("have a place in the caller's file", function()
    for _, name in ipairs { "optimize", "vacuum", "integrity_check", "advise", "transaction" } do
      expect.misuse("called with a colon", function()
        native.methods("conn")[name](nil, nothing)
      end)
    end
    expect.misuse("q:page", function() native.methods("query").page(5) end)
    expect.misuse("takes a list or nothing", function() d.array(5) end)
    expect.misuse("a table or its name", function() d.relations(schema, {}) end)
    expect.misuse("a function", function() db:backup("x", { progress = 5 }) end)
    expect.misuse("a table of options", function() db:backup("x", 5) end)
    expect.misuse("takes a number, text", function() return users.id:eq { 1 } end)
  end)
end)

describe("An order", function()
  local by_id = users.id:desc()

  it("is refused where a condition or an expression is due", function()
    local all = d.from(users)
    local u = d.alias(users, "u")
    expect.misuse("where takes a condition: asc() and desc() belong in order_by",
      function() all:where(by_id) end)
    expect.misuse("having takes a condition", function() all:having(by_id) end)
    expect.misuse("a join takes a condition", function() all:join(u, by_id) end)
    expect.misuse("select takes an expression", function() all:select(by_id) end)
    expect.misuse("group_by takes an expression", function() all:group_by(by_id) end)
    expect.misuse("returning takes an expression",
      function() d.delete(users):everywhere():returning(by_id) end)
    expect.misuse("belong in order_by", function() by_id:eq(1) end)
    expect.misuse("belong in order_by", function() return by_id & users.id:eq(1) end)
  end)
end)

describe("A wrong word", function()
  it("of a type comes with the nearest and all there are", function()
    expect.misuse('cast: there is no type "foo", only any, integer, real, ',
      function() d.cast(users.id, "foo") end)
    expect.misuse('did you mean "integer"', function() d.cast(users.id, "intger") end)
  end)

  it("is named as it was written", function()
    expect.misuse("nothing is no step of", function() d.from(users):nothing() end)
    expect.misuse("ignore is no step of", function() d.from(users):ignore() end)
  end)
end)

describe("Many conditions", function()
  it("nest no deeper than the database allows", function()
    local db <close> = d.open(":memory:", { schema = schema })
    db:create()
    db:insert(users):values { id = 7, name = "x" }:run()
    local some, none = {}, {}
    for i = 1, 3000 do
      some[i], none[i] = users.id:eq(i), users.id:ne(i + 7)
    end

    assert.equal(1, db:from(users):where(d.any(some)):count())
    assert.equal(1, db:from(users):where(d.all(none)):count())
    none[#none + 1] = users.id:ne(7)
    assert.equal(0, db:from(users):where(d.all(none)):count())
  end)

  it("may be chained, on either side and step by step", function()
    local db <close> = d.open(":memory:", { schema = schema })
    db:create()
    db:insert(users):values { id = 7, name = "x" }:run()
    local left, right, none = users.id:eq(1), users.id:eq(1), users.id:ne(1)
    local query = db:from(users)
    for i = 2, 1500 do
      left = left | users.id:eq(i)
      right = users.id:eq(i) | right
      none = none & users.id:ne(i)
      query = query:where(users.id:ne(i + 7))
    end

    assert.equal(1, db:from(users):where(left):count())
    assert.equal(1, db:from(users):where(right):count())
    assert.equal(0, db:from(users):where(none):count())
    assert.equal(1, query:count())
    assert.equal(0, query:where(users.id:ne(7)):count())
  end)
end)
