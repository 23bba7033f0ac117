-- Section 4: selecting.
local d = require("dbcore")
local expect = require("spec.support.expect")
local music = require("spec.support.music")

local tracks, albums, customers = music.tracks, music.albums, music.customers
local rows = music.rows

-- The rows of a list that satisfy `keep`.
local function filter(list, keep)
  local kept = {}
  for _, row in ipairs(list) do
    if keep(row) then
      kept[#kept + 1] = row
    end
  end
  return kept
end

local function ids(list)
  local found = {}
  for i, row in ipairs(list) do
    found[i] = row.id
  end
  table.sort(found)
  return found
end

describe("A query", function()
  local db

  setup(function() db = music.open() end)
  teardown(function() db:close() end)

  it("gives every column of its table, without select", function()
    local all = db:from(albums):order_by(albums.id):all()

    assert.same(rows.albums, all)
  end)

  it("gives whole rows with JSON, booleans and NULL", function()
    assert.same(rows.tracks, db:from(tracks):order_by(tracks.id):all())
    assert.same(rows.customers, db:from(customers):order_by(customers.id):all())
  end)

  it("starts from a table by name too", function()
    assert.equal(#rows.albums, db:from("albums"):count())
    expect.misuse('did you mean "albums"', function() return db:from("albms"):all() end)
  end)

  it("filters with conditions, of which all must hold", function()
    local expected = ids(filter(rows.tracks, function(row)
      return row.seconds > 200 and (row.genre == "rock" or row.price == 1.29) and not row.explicit
    end))

    local found = db:from(tracks)
      :where(tracks.seconds:gt(200))
      :where(tracks.genre:eq "rock" | tracks.price:eq(1.29), ~tracks.explicit:eq(true))
      :select(tracks.id):list()

    table.sort(found)
    assert.is_true(#expected > 3)
    assert.same(expected, found)
  end)

  it("takes a table as a list of equalities", function()
    local expected = #filter(rows.tracks, function(row)
      return row.genre == "jazz" and row.explicit == false
    end)

    assert.equal(expected, db:from(tracks):where { genre = "jazz", explicit = false }:count())
    assert.equal(#filter(rows.customers, function(row) return row.city == nil end),
      db:from(customers):where { city = d.null }:count())
  end)

  it("refuses nil as a condition, in every place", function()
    expect.misuse("nil", function() return db:from(tracks):where(nil):all() end)
    expect.misuse("nil", function() return db:from(tracks):where(tracks.id:eq(nil)):all() end)
    expect.misuse("nil", function() return db:from(tracks):where(tracks.id:between(1, nil)) end)
    expect.misuse("nil", function() return db:from(tracks):where(tracks.id:in_(nil)) end)
    expect.misuse("nil", function()
      return db:from(tracks):where(tracks.id:eq(1), nil):all()
    end)
    expect.misuse("nil", function() return db:from(tracks):having(nil) end)
    expect.misuse("nil", function() return db:from(tracks):order_by(nil) end)
    expect.misuse("nil", function() return db:from(tracks):limit(nil) end)
    expect.error(function() return db:from(nil) end)
  end)

  it("refuses what is no condition", function()
    expect.error(function() return db:from(tracks):where("id = 1"):all() end)
    expect.error(function() return db:from(tracks):where(5):all() end)
    expect.error(function() return db:from(tracks):where { 1, 2 }:all() end)
    expect.misuse("in_", function() return db:from(tracks):where { id = { 1, 2 } }:all() end)
    expect.error(function() return db:from(tracks):where {}:all() end)
    expect.misuse('did you mean "genre"', function()
      return db:from(tracks):where { gnere = "rock" }
    end)
  end)

  it("compares with NULL as IS NULL", function()
    local without = #filter(rows.customers, function(row) return row.city == nil end)
    local with = #rows.customers - without

    assert.equal(without, db:from(customers):where(customers.city:eq(d.null)):count())
    assert.equal(without, db:from(customers):where(customers.city:is_null()):count())
    assert.equal(with, db:from(customers):where(customers.city:ne(d.null)):count())
    assert.equal(with, db:from(customers):where(customers.city:is_not_null()):count())
  end)

  it("selects columns, expressions under a name, and both", function()
    local one = db:from(tracks):where(tracks.id:eq(1))

    assert.same({ id = 1, title = "Song 01" }, one:select(tracks.id, tracks.title):one())
    assert.same({ id = 1, minutes = rows.tracks[1].seconds // 60 },
      one:select { tracks.id, minutes = tracks.seconds / 60 }:one())
    assert.same({ name = "Song 01" }, one:select(tracks.title:as "name"):one())
    assert.same({ n = 1 }, one:select { n = d.count() }:one())
  end)

  it("refuses two outputs of one name", function()
    expect.error(function() return db:from(tracks):select(tracks.id, tracks.id):all() end)
  end)

  it("orders, limits and skips", function()
    local sorted = { table.unpack(rows.tracks) }
    table.sort(sorted, function(a, b)
      if a.seconds ~= b.seconds then return a.seconds > b.seconds end
      return a.id < b.id
    end)
    local expected = {}
    for i = 6, 10 do
      expected[#expected + 1] = sorted[i].id
    end

    local found = db:from(tracks):order_by(tracks.seconds:desc(), tracks.id)
      :limit(5):offset(5):select(tracks.id):list()

    assert.same(expected, found)
  end)

  it("orders by a name, and puts NULL where it is told", function()
    local by_name = db:from(customers):order_by("city", "id"):select(customers.city):nulls():list()
    local last = db:from(customers):order_by(customers.city:asc { nulls = "last" })
      :select(customers.city):nulls():list()

    assert.equal(d.null, by_name[1])
    assert.equal(d.null, last[#last])
    expect.error(function() return db:from(customers):order_by("citty"):all() end)
    expect.misuse('"first"', function() return customers.city:asc { nulls = "frist" } end)
  end)

  it("refuses limits that are no whole number from 0", function()
    for _, bad in ipairs { -1, 1.5, "10", {}, true } do
      expect.error(function() return db:from(tracks):limit(bad):all() end)
      expect.error(function() return db:from(tracks):limit(1):offset(bad):all() end)
    end
    assert.same({}, db:from(tracks):limit(0):all())
  end)

  it("gives one row, exactly one, a value, a list", function()
    local q = db:from(albums):order_by(albums.id)

    assert.same(rows.albums[1], q:one())
    assert.is_nil(q:where(albums.id:eq(9999)):one())
    assert.same(rows.albums[2], q:where(albums.id:eq(2)):single())
    expect.failure("not_found", "", function() q:where(albums.id:eq(9999)):single() end)
    expect.failure("invalid", "exactly one", function() q:single() end)
    assert.equal(1, q:select(albums.id):value())
    assert.is_nil(q:where(albums.id:eq(9999)):select(albums.id):value())
    assert.same({ 1, 2, 3 }, q:limit(3):select(albums.id):list())
  end)

  it("iterates, and frees the statement at the end and on break", function()
    local seen = {}
    for row in db:from(albums):order_by(albums.id):rows() do
      seen[#seen + 1] = row
    end
    for _ in db:from(albums):rows() do -- luacheck: ignore 512
      break
    end
    pcall(function()
      for _ in db:from(albums):rows() do
        error("stop")
      end
    end)

    assert.same(rows.albums, seen)
    assert.equal(0, db:stats().live_statements)
  end)

  it("counts and asks whether there is any", function()
    local q = db:from(tracks):where(tracks.genre:eq "folk")
    local expected = #filter(rows.tracks, function(row) return row.genre == "folk" end)

    assert.equal(expected, q:count())
    assert.equal(2, q:limit(2):count())
    assert.is_true(q:exists())
    assert.is_false(q:where(tracks.id:lt(0)):exists())
    assert.equal(4, db:from(tracks):select(tracks.genre):distinct():count())
  end)

  it("groups and filters groups", function()
    local count = {}
    for _, row in ipairs(rows.tracks) do
      count[row.album_id] = (count[row.album_id] or 0) + 1
    end
    local expected = {}
    for id, n in pairs(count) do
      if n > 4 then
        expected[#expected + 1] = { id = id, n = n }
      end
    end
    table.sort(expected, function(a, b) return a.id < b.id end)

    local found = db:from(tracks):select { id = tracks.album_id, n = d.count() }
      :group_by(tracks.album_id):having(d.count():gt(4)):order_by(tracks.album_id):all()

    assert.is_true(#expected > 1)
    assert.same(expected, found)
  end)

  it("gives distinct rows", function()
    local genres = db:from(tracks):select(tracks.genre):where(tracks.genre:is_not_null())
      :distinct():order_by(tracks.genre):list()

    assert.same({ "folk", "jazz", "rock" }, genres)
  end)

  it("is a value: a step leaves the query before it alone", function()
    local base = db:from(tracks):where(tracks.genre:eq "rock")
    local before = base:to_sql()
    local long = base:where(tracks.seconds:gt(200)):order_by(tracks.id):limit(1)

    assert.equal(before, base:to_sql())
    assert.are_not.equal(before, long:to_sql())
    assert.is_true(base:count() > long:count())
  end)

  it("shows its SQL with all values bound", function()
    local sql, values = d.from(tracks):where(tracks.title:eq "x'; --" & tracks.id:gt(5)):to_sql()

    assert.is_nil(sql:find("x'", 1, true))
    assert.same({ "x'; --", 5 }, values)
  end)

  it("needs no connection until it is run", function()
    local q = d.from(tracks):where(tracks.id:eq(1))

    assert.equal("string", type((q:to_sql())))
    expect.misuse("db:from", function() return q:all() end)
  end)

  it("explains itself", function()
    assert.truthy(db:from(tracks):where(tracks.id:eq(1)):explain():find("SEARCH", 1, true))
  end)

  it("refuses a column of a table that is not in it", function()
    expect.misuse("albums", function()
      return db:from(tracks):where(albums.year:eq(1)):all()
    end)
    expect.misuse("albums", function() return db:from(tracks):select(albums.year):all() end)
    expect.misuse("albums", function() return db:from(tracks):order_by(albums.year):all() end)
  end)

  it("refuses a misspelt step", function()
    assert.has_error(function() return db:from(tracks):wher(tracks.id:eq(1)) end)
  end)
end)

describe("A prepared query", function()
  local db

  setup(function() db = music.open() end)
  teardown(function() db:close() end)

  local function by_genre()
    return db:from(tracks):where(tracks.genre:eq(d.param "genre"))
      :where(tracks.id:gt(d.param "after")):select(tracks.id):order_by(tracks.id)
  end

  it("runs again and again with other parameters", function()
    local p <close> = by_genre():prepare()
    for _, genre in ipairs { "rock", "jazz", "folk" } do
      local expected = ids(filter(rows.tracks, function(row)
        return row.genre == genre and row.id > 3
      end))

      assert.same(expected, p:list { genre = genre, after = 3 })
    end
  end)

  it("takes parameters without being prepared, too", function()
    assert.is_true(#by_genre():list { genre = "rock", after = 0 } > 2)
    assert.equal(by_genre():count { genre = "rock", after = 0 },
      #by_genre():list { genre = "rock", after = 0 })
  end)

  it("refuses a missing, an unknown and a wrong parameter", function()
    local p <close> = by_genre():prepare()

    expect.misuse("after", p.list, p, { genre = "rock" })
    expect.misuse('did you mean "genre"', p.list, p, { gnere = "rock", after = 1 })
    expect.misuse("", p.list, p, { genre = "rock", after = 1, more = 2 })
    expect.misuse("after", p.list, p, { genre = "rock", after = "one" })
    expect.misuse("", p.list, p)
    expect.misuse("", p.list, p, "rock")
    expect.error(p.list, p, { genre = {}, after = 1 })
    assert.is_true(#p:list { genre = "rock", after = 0 } > 0)
  end)

  it("takes NULL and lists as parameters", function()
    local q = db:from(tracks):where(tracks.id:in_(d.param "ids")):order_by(tracks.id)

    assert.equal(2, #q:all { ids = { 1, 2, 99999 } })
    assert.equal(0, #q:all { ids = {} })
    expect.error(q.all, q, { ids = 5 })
    expect.error(q.all, q, { ids = { "a" } })
  end)

  it("cannot be used after its end", function()
    local p = by_genre():prepare()
    p:close()
    p:close()

    expect.failure("closed", "", p.list, p, { genre = "rock", after = 1 })
  end)

  it("runs writes as well", function()
    local t = d.table("t", { d.integer "id" :primary_key(), d.text "name" })
    local other <close> = d.open(":memory:", { schema = d.schema { t } })
    other:create(d.schema { t })
    other:insert(t):values { { id = 1, name = "a" }, { id = 2, name = "b" } }:run()
    local p <close> = other:update(t):set { name = d.param "name" }:where(t.id:eq(d.param "id"))
      :prepare()

    assert.equal(1, p:run { name = "z", id = 2 }.changes)
    assert.equal("z", other:from(t):where(t.id:eq(2)):one().name)
  end)
end)

describe("A cursor", function()
  it("cannot be used after its end, and ends twice without harm", function()
    local db <close> = music.open()
    local next_row, _, _, cursor = db:from(albums):rows()

    assert.is_table(next_row(nil, nil))
    cursor:close()
    cursor:close()

    expect.failure("closed", "", next_row, nil, nil)
  end)

  it("reads on while rows are written", function()
    local db <close> = music.open()
    local count = 0
    for row in db:from(albums):order_by(albums.id):rows() do
      count = count + 1
      db:update(albums):set { year = 2000 }:where(albums.id:eq(row.id)):run()
    end

    assert.equal(#rows.albums, count)
    assert.equal(count, db:from(albums):where(albums.year:eq(2000)):count())
  end)

  it("survives a collection in the middle", function()
    local db <close> = music.open()
    local count = 0
    for _ in db:from(tracks):rows() do
      collectgarbage()
      count = count + 1
    end

    assert.equal(#rows.tracks, count)
  end)
end)
