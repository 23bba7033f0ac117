-- What a connection tells though nothing failed, and limits for one call.
local d = require "dbcore"
local expect = require "spec.support.expect"
local files = require "spec.support.files"

local notes = d.table("notes", { d.integer "id":primary_key(), d.text "body" })
local schema = d.schema({ notes })

local ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) "
  .. "SELECT count(*) FROM n"

describe("a warning", function()
  local folder
  before_each(function()
    folder = files.folder()
  end)
  after_each(function()
    folder.remove()
  end)

  it("tells that a reader keeps the log from being moved", function()
    local path = folder.path("pinned.db")
    local db <close> = d.open(path, { schema = schema, durability = "off" })
    db:create()
    local told = {}
    db:on_warning(function(warning)
      told[#told + 1] = warning
    end)
    db:insert(notes):values({ body = "first" }):run()
    local reader <close> = d.open(path, { readonly = true })
    local rows = reader:query("SELECT * FROM notes"):rows()
    rows()

    local text = ("x"):rep(3000)
    for _ = 1, 4000 do
      db:insert(notes):values({ body = text }):run()
    end

    if #told == 0 and d.open(":memory:"):query("SELECT sqlite_version()"):value() >= "3.51.3" then
      return -- there, SQLite makes the checkpoints itself
    end
    assert.is_true(#told >= 1)
    assert.equal("log_pinned", told[1].kind)
    assert.is_true(told[1].log_pages >= 2000)
    assert.is_true(told[1].seconds >= 0)
    assert.matches("pinned.db", told[1].message, 1, true)
    assert.matches("end long reads", told[1].message, 1, true)
  end)

  it("goes to a function or to nobody", function()
    local db <close> = d.open(":memory:")
    local function listen() end

    assert.is_nil(db:on_warning(listen))
    assert.equal(listen, db:on_warning(nil))
    expect.misuse("on_warning takes a function", function()
      db:on_warning("loud")
    end)
  end)
end)

describe("with_timeout", function()
  it("stops what takes longer, and nothing afterwards", function()
    local db <close> = d.open(":memory:")
    db:set_timeout(60)

    expect.failure("timeout", "time limit", function()
      db:with_timeout(0.05, function()
        db:query(ENDLESS):value()
      end)
    end)

    assert.equal(60, db:set_timeout(0))
    assert.equal(1, db:query("SELECT 1"):value())
  end)

  it("returns what its function returns and takes only functions", function()
    local db <close> = d.open(":memory:")

    assert.same({ 1, nil, 3 }, { db:with_timeout(5, function(a, b)
      return a, nil, b
    end, 1, 3) })
    expect.misuse("with_timeout takes a function", function()
      db:with_timeout(5, "x")
    end)
    expect.misuse("set_timeout takes seconds", function()
      db:with_timeout(-1, function() end)
    end)
  end)
end)
