-- Section 4: WITH, plain and recursive; window functions; set operations; subqueries in FROM.
local d = require("dbcore")
local expect = require("spec.support.expect")
local music = require("spec.support.music")

local tracks, albums, customers, invoices = music.tracks, music.albums, music.customers,
  music.invoices
local rows = music.rows

describe("WITH", function()
  local db

  setup(function() db = music.open() end)
  teardown(function() db:close() end)

  it("names a query", function()
    local long = db:from(tracks):where(tracks.seconds:gt(300)):select(tracks.id, tracks.seconds)

    local found = db:with("long", long):from("long"):count()

    assert.equal(long:count(), found)
    assert.is_true(found > 0)
  end)

  it("keeps the types of its columns, inside functions and subqueries too", function()
    local flags = d.table("flags", { d.integer "id" :primary_key(), d.boolean "f", d.json "j" })
    local own <close> = d.open(":memory:", { schema = d.schema { flags } })
    own:create()
    own:insert(flags):values { f = true, j = { 1 } }:run()
    local w, inner = d.ref "w", d.from(flags):as "inner"

    local row = own:with("w", d.from(flags)):from(w):select {
      plain = w.f, least = d.min(w.f), some = d.coalesce(w.f, false), doc = d.max(w.j),
      chosen = d.case():when(w.id:gt(0), w.f):otherwise(w.f),
      nested = d.from(inner):where(inner.id:eq(w.id)):select(d.max(inner.f)),
    }:one()

    assert.same({ plain = true, least = true, some = true, doc = { 1 }, chosen = true,
      nested = true }, row)
  end)

  it("is joined like a table, through a reference", function()
    local totals = d.from(invoices):select { customer_id = invoices.customer_id,
      n = d.count() }:group_by(invoices.customer_id)
    local ref = d.ref "totals"

    local found = db:with("totals", totals):from(customers)
      :join(ref, ref.customer_id:eq(customers.id))
      :select { id = customers.id, n = ref.n }:order_by(customers.id):all()

    local expected = {}
    for i = 1, #rows.customers do
      if i % 4 > 0 then
        expected[#expected + 1] = { id = i, n = i % 4 }
      end
    end
    assert.same(expected, found)
  end)

  it("holds several, of which a later one reads an earlier", function()
    local a, b = d.ref "a", d.ref "b"

    local n = db
      :with("a", d.from(albums):select(albums.id, albums.year):where(albums.year:gt(2000)))
      :with("b", d.from(a):select(a.id))
      :from(b):count()

    local expected = 0
    for _, album in ipairs(rows.albums) do
      expected = expected + ((album.year or 0) > 2000 and 1 or 0)
    end
    assert.equal(expected, n)
  end)

  it("counts by recursion", function()
    local found = db:with("counter", function(counter)
      return d.from(customers):where(customers.id:eq(1)):select { x = customers.id }
        :union_all(d.from(counter):where(counter.x:lt(5)):select { x = counter.x + 1 })
    end):from("counter"):list()

    assert.same({ 1, 2, 3, 4, 5 }, found)
  end)

  it("walks a tree", function()
    local chain_ref = d.ref "chain"
    local found = db:with("chain", function(chain)
      return d.from(customers):where(customers.id:eq(12))
        :select { id = customers.id, boss = customers.support_id }
        :union_all(d.from(customers):join(chain, chain.boss:eq(customers.id))
          :select { id = customers.id, boss = customers.support_id })
    end):from(chain_ref):select(chain_ref.id):list()

    assert.same({ 12, rows.customers[12].support_id }, found)
  end)

  it("stands before writes, too", function()
    local other <close> = music.open()
    local old = d.from(albums):where(albums.year:lt(2005)):select(albums.id)
    local ref = d.ref "old"

    local changed = other:with("old", old):update(albums):set { year = 2005 }
      :where(albums.id:in_(d.from(ref):select(ref.id))):run().changes

    assert.is_true(changed > 0)
    assert.equal(0, other:from(albums):where(albums.year:lt(2005)):count())
  end)

  it("refuses a column the query does not have, and an unknown name", function()
    local ref = d.ref "x"
    expect.error(function()
      return db:with("x", d.from(albums):select(albums.id)):from(ref):select(ref.yaer):all()
    end)
    expect.error(function()
      return db:with("x", d.from(albums):select(albums.id)):from("xs"):all()
    end)
    expect.error(function() return db:with("x", 5) end)
    expect.error(function() return db:with(nil, d.from(albums)) end)
    expect.error(function() return db:with("", d.from(albums)) end)
    expect.error(function() return db:with("x", function() end) end)
  end)
end)

describe("A subquery in FROM", function()
  it("is read with the types of its columns", function()
    local db <close> = music.open()
    local inner = db:from(tracks):select(tracks.id, tracks.explicit, tracks.tags):as "inner_one"

    local row = db:from(inner):where(inner.id:eq(7)):one()

    assert.equal(rows.tracks[7].explicit, row.explicit)
    assert.same(rows.tracks[7].tags, row.tags)
    expect.misuse('did you mean "explicit"', function() return inner.explict end)
  end)
end)

describe("A window", function()
  local db

  setup(function() db = music.open() end)
  teardown(function() db:close() end)

  it("numbers the rows of each part", function()
    local found = db:from(tracks):select { id = tracks.id, album = tracks.album_id,
      n = d.row_number():over { partition_by = tracks.album_id, order_by = tracks.seconds:desc() } }
      :order_by(tracks.id):all()

    for _, row in ipairs(found) do
      local expected = 1
      for _, other in ipairs(rows.tracks) do
        if other.album_id == row.album and other.seconds > rows.tracks[row.id].seconds then
          expected = expected + 1
        end
      end
      assert.equal(expected, row.n)
    end
  end)

  it("adds up a frame", function()
    local found = db:from(tracks):select { id = tracks.id, running = d.sum(tracks.seconds):over {
      order_by = tracks.id, frame = "rows between 2 preceding and current row" } }
      :order_by(tracks.id):all()

    for i, row in ipairs(found) do
      local sum = 0
      for k = math.max(1, i - 2), i do
        sum = sum + rows.tracks[k].seconds
      end
      assert.equal(sum, row.running)
    end
  end)

  it("may be empty, and looks around", function()
    local found = db:from(albums):select { id = albums.id, all = d.count():over(),
      before = d.lag(albums.id):over { order_by = albums.id },
      after = d.lead(albums.id, 2, 0):over { order_by = { albums.id } },
      first = d.first_value(albums.id):over { order_by = albums.id } }:order_by(albums.id):all()

    assert.equal(#rows.albums, found[1].all)
    assert.is_nil(found[1].before)
    assert.equal(1, found[2].before)
    assert.equal(4, found[2].after)
    assert.equal(0, found[#found].after)
    assert.equal(1, found[#found].first)
  end)

  it("refuses a frame that is none, and unknown parts", function()
    expect.error(function()
      return db:from(albums):select { n = d.count():over {
        frame = "rows between 1); DROP TABLE albums; --" } }:all()
    end)
    expect.misuse('did you mean "partition_by"', function()
      return d.count():over { partiton_by = albums.id }
    end)
    expect.error(function() return d.count():over(5) end)
    expect.error(function() return db:from(albums):where(d.row_number():over():eq(1)):all() end)
  end)
end)

describe("Set operations", function()
  local db

  setup(function() db = music.open() end)
  teardown(function() db:close() end)

  local function range(low, high)
    return d.from(tracks):where(tracks.id:between(low, high)):select(tracks.id)
  end

  it("unite, intersect and subtract", function()
    local function on(low, high)
      return db:from(tracks):where(tracks.id:between(low, high)):select(tracks.id)
    end

    assert.same({ 1, 2, 3, 4 }, on(1, 3):union(range(2, 4)):order_by("id"):list())
    assert.same({ 1, 2, 2, 3, 3, 4 }, on(1, 3):union_all(range(2, 4)):order_by("id"):list())
    assert.same({ 2, 3 }, on(1, 3):intersect(range(2, 4)):order_by("id"):list())
    assert.same({ 1 }, on(1, 3):except(range(2, 4)):order_by("id"):list())
  end)

  it("can be ordered, limited, counted and nested", function()
    local both = db:from(tracks):where(tracks.id:le(3)):select(tracks.id):union(range(2, 6))

    assert.same({ 6, 5 }, both:order_by(d.raw "id DESC"):limit(2):list())
    assert.equal(6, both:count())
    assert.is_true(both:exists())
    local sub = both:as "both_of_them"
    assert.equal(4, db:from(sub):where(sub.id:gt(2)):count())
  end)

  it("refuse sides of different width, and what is no query", function()
    expect.error(function()
      return db:from(tracks):select(tracks.id, tracks.title):union(range(1, 2)):all()
    end)
    expect.error(function() return db:from(tracks):union(nil) end)
    expect.error(function() return db:from(tracks):union("SELECT 1") end)
  end)
end)
