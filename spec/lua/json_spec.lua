-- JSON columns: text from tables and tables from text.
local d = require("dbcore")
local expect = require("spec.support.expect")

local docs = d.table("docs", { d.integer "id" :primary_key(), d.json "doc" })
local schema = d.schema { docs }

describe("JSON", function()
  local db

  before_each(function()
    db = d.open(":memory:", { schema = schema })
    db:create()
  end)
  after_each(function()
    assert.equal(0, db:stats().live_statements)
    db:close()
  end)

  -- The text that a value is stored as.
  local function text_of(value)
    local id = db:insert(docs):values { doc = value }:run().last_id
    return db:query("SELECT doc FROM docs WHERE id = ?", id):value()
  end

  -- The value that stored text is read as.
  local function value_of(text)
    db:exec("INSERT INTO docs (id, doc) VALUES (99, ?) ON CONFLICT DO UPDATE SET doc = ?", text,
      text)
    return db:from(docs):where { id = 99 }:one().doc
  end

  it("has its keys sorted, so that equal tables are equal text", function()
    local record = {}
    for _, key in ipairs { "b", "a", "c", "aa", "", "Z", "10", "9" } do
      record[key] = 1
    end

    assert.equal('{"":1,"10":1,"9":1,"Z":1,"a":1,"aa":1,"b":1,"c":1}', text_of(record))
  end)

  it("writes numbers so that they are read as the same", function()
    assert.equal("[1,-9223372036854775808,9223372036854775807]",
      text_of { 1, math.mininteger, math.maxinteger })
    assert.equal("[0.1,1.0,-0.0,1e300,2.5e-10]", text_of { 0.1, 1.0, -0.0, 1e300, 2.5e-10 })
    assert.equal("0.30000000000000004", text_of(0.1 + 0.2))
    for _, number in ipairs { 1 / 3, 2 ^ 0.5, 1e22, 123456789.125, 2 ^ 63, 5e-324 } do
      assert.equal(number, value_of(text_of { number })[1])
      assert.equal("float", math.type(value_of(text_of { number })[1]))
    end
  end)

  it("escapes what has to be, and nothing else", function()
    assert.equal([==["\"\\/\b\f\n\r\t\u0000\u001F\u000B€𝄞"]==],
      text_of("\"\\/\b\f\n\r\t\0\31\11€𝄞"))
    assert.equal("\"\\/\b\f\n\r\t\0\31\11€𝄞",
      value_of([==["\"\\\/\b\f\n\r\t\u0000\u001f\u000b\u20ac\ud834\udd1e"]==]))
    assert.equal("plain, then \n, then plain", value_of('"plain, then \\n, then plain"'))
  end)

  it("tells lists from records, also when they are empty", function()
    assert.equal("{}", text_of {})
    assert.equal("[]", text_of(d.array {}))
    assert.equal("[]", text_of(value_of("[]")))
    assert.equal("{}", text_of(value_of("{}")))
    assert.equal('[[],{},[{"a":[]}]]', text_of(value_of('[ [] , { } , [ {"a" : []} ] ]')))
  end)

  it("keeps null", function()
    local value = value_of('[null,{"a":null}]')

    assert.equal(d.null, value[1])
    assert.equal(d.null, value[2].a)
    assert.equal('[null,{"a":null}]', text_of(value))
    assert.equal(d.null, value_of("null"))
  end)

  it("reads integers as integers as long as they fit", function()
    assert.equal(math.maxinteger, value_of("9223372036854775807"))
    assert.equal(math.mininteger, value_of("-9223372036854775808"))
    expect.failure("corrupt", "too big", function() value_of("9223372036854775808") end)
    assert.equal("float", math.type(value_of("1e2")))
    assert.equal("integer", math.type(value_of("-0")))
    assert.equal(1e15, value_of("1" .. ("0"):rep(15) .. "." .. ("0"):rep(90)))
  end)

  it("takes long texts and many keys", function()
    local record = {}
    for i = 1, 3000 do
      record["key " .. i] = { i, ("x"):rep(i % 50) }
    end

    local text = text_of(record)

    assert.same(record, value_of(text))
    assert.equal(text, text_of(value_of(text)))
  end)

  it("goes 200 levels deep and no deeper", function()
    local deep, deeper = 1, 1
    for _ = 1, 200 do
      deep = { deep }
    end
    for _ = 1, 201 do
      deeper = { deeper }
    end
    assert.equal(("["):rep(200) .. "1" .. ("]"):rep(200), text_of(deep))
    assert.is_table(value_of(text_of(deep)))

    expect.failure("validation", "200 levels", function() text_of(deeper) end)
    expect.failure("corrupt", "200 levels", function()
      value_of(("["):rep(201) .. ("]"):rep(201))
    end)
    local circle = {}
    circle[1] = circle
    expect.failure("validation", "holds itself", function() text_of(circle) end)
  end)

  it("refuses what has no text", function()
    expect.failure("validation", "a function", function() text_of { print } end)
    expect.failure("validation", "infinity", function() text_of { 1 / 0 } end)
    expect.failure("validation", "NaN", function() text_of(0 / 0) end)
    expect.failure("validation", "both names and numbers", function() text_of { 1, a = 2 } end)
    expect.failure("validation", "keys 1 to n", function() text_of { [1] = 1, [3] = 3 } end)
    expect.failure("validation", "keys 1 to n", function() text_of { [1.5] = 1 } end)
    expect.failure("validation", "UTF-8", function() text_of { "\xff" } end)
    expect.failure("validation", "UTF-8", function() text_of { ["\xed\xa0\x80"] = 1 } end)
    assert.equal(0, db:from(docs):count())
  end)

  it("says where text is no JSON", function()
    local wrong = {
      "{", "[1,]", "[1 2]", "01", "-", "1.", "1e", "nul", '"abc', '"\n"', '"\\x"', '"\\u12g4"',
      '{"a" 1}', "{1:2}", "[1] x", " ", "1e999", '"\\ud800"', '"\\ud800\\u0041"', "+1", "[\0]",
      '"\xff"',
    }

    for _, text in ipairs(wrong) do
      local err = expect.error(value_of, text)
      assert.equal("corrupt", err.code)
      assert.truthy(err.message:find("at byte %d+"), text .. ": " .. err.message)
    end
  end)

  it("is read in lists and values, and by row", function()
    value_of('{"a":[1,2]}')

    assert.equal(2, db:from(docs):select(docs.doc):value().a[2])
    assert.equal(2, db:from(docs):select(docs.doc):list()[1].a[2])
    for row in db:from(docs):rows() do
      assert.equal(2, row.doc.a[2])
    end
  end)

  it("does not look into metatables", function()
    local sly = setmetatable({ 1 }, {
      __index = function() error("looked") end,
      __len = function() error("counted") end,
      __pairs = function() error("walked") end,
    })

    assert.equal("[1]", text_of(sly))
  end)
end)
