-- Section 4: paging by cursor.
local d = require("dbcore")
local expect = require("spec.support.expect")
local music = require("spec.support.music")

local tracks, albums, artists, customers = music.tracks, music.albums, music.artists,
  music.customers
local rows = music.rows

-- All rows of a query, page by page, forwards; then the same way back from the last page.
local function walk(query, size)
  local all, page, pages = {}, query:page { size = size }, 0
  while true do
    pages = pages + 1
    assert.is_true(#page.rows <= size)
    table.move(page.rows, 1, #page.rows, #all + 1, all)
    if not page.next then
      break
    end
    assert.equal(size, #page.rows)
    page = query:page { size = size, after = page.next }
  end
  local back = { table.unpack(page.rows) }
  while page.previous do
    page = query:page { size = size, before = page.previous }
    table.move(back, 1, #back, #page.rows + 1)
    table.move(page.rows, 1, #page.rows, 1, back)
  end
  return all, back, pages
end

describe("Paging", function()
  local db

  setup(function() db = music.open() end)
  teardown(function() db:close() end)

  local function same_as_all(query, total)
    for _, size in ipairs { 1, 2, 3, 7, 1000 } do
      local all, back = walk(query, size)

      assert.same(total or query:all(), all, "size " .. size)
      assert.same(all, back, "back, size " .. size)
    end
  end

  it("walks through a table by its primary key", function()
    same_as_all(db:from(tracks), rows.tracks)
  end)

  it("walks in any order, ties and NULL included", function()
    local columns = { tracks.seconds, tracks.genre, tracks.price, tracks.title, tracks.album_id }
    for _, column in ipairs(columns) do
      for _, term in ipairs { column, column:desc(), column:asc { nulls = "last" },
        column:desc { nulls = "first" } } do
        local q = db:from(tracks):order_by(term)
        local sorted = q:order_by(term):all()
        local all, back = walk(q, 4)

        assert.equal(#rows.tracks, #all)
        assert.same(all, back)
        for i, row in ipairs(sorted) do
          assert.equal(row.genre, column == tracks.genre and all[i].genre or row.genre)
          assert.equal(row.seconds, column == tracks.seconds and all[i].seconds or row.seconds)
        end
      end
    end
  end)

  it("walks in an order of several terms with different directions", function()
    same_as_all(db:from(tracks):order_by(tracks.genre:desc(), tracks.price, tracks.id:desc()))
  end)

  it("walks by expressions, with values in them", function()
    same_as_all(db:from(tracks):order_by(tracks.seconds % 7, tracks.id))
    same_as_all(db:from(tracks):order_by(d.coalesce(tracks.genre, "none"):desc(), tracks.id))
  end)

  it("walks by a column with a collation, a boolean, a blob and a timestamp", function()
    local t = d.table("t", { d.integer "id" :primary_key(), d.text "name" :collate "nocase",
      d.boolean "f", d.blob "b", d.timestamp_ms "at" })
    local other <close> = d.open(":memory:", { schema = d.schema { t } })
    other:create(d.schema { t })
    local list = {}
    for i = 1, 40 do
      list[i] = { name = (i % 2 == 0 and "NAME" or "name") .. i % 5, f = i % 3 == 0,
        b = string.char(i * 7 % 256, 0, 255), at = 1700000000000 + i % 6 }
    end
    other:insert(t):values(list):run()

    for _, column in ipairs { t.name, t.f, t.b, t.at } do
      local all, back = walk(other:from(t):order_by(column), 3)
      local seen = {}
      for _, row in ipairs(all) do
        seen[row.id] = (seen[row.id] or 0) + 1
      end

      assert.equal(40, #all)
      assert.equal(40, #seen)
      assert.same(all, back)
      assert.same(other:from(t):order_by(column, t.id):all(), all)
    end
  end)

  it("works with conditions, selects and aliases that mean something else", function()
    same_as_all(db:from(tracks):where(tracks.explicit:eq(false)):select(tracks.title)
      :order_by(tracks.seconds:desc(), tracks.id))
    same_as_all(db:from(tracks):select { id = tracks.seconds, seconds = tracks.id }
      :order_by(tracks.seconds, tracks.id))
  end)

  it("works over joins, where one row of a table comes several times", function()
    same_as_all(db:from(artists):left_join(albums, albums.artist_id:eq(artists.id))
      :order_by(artists.country, artists.id, albums.id))
    local all = walk(db:from(artists):left_join(albums, albums.artist_id:eq(artists.id))
      :order_by(artists.country:desc()), 2)
    assert.equal(db:from(artists):left_join(albums, albums.artist_id:eq(artists.id)):count(), #all)
  end)

  it("works over groups", function()
    same_as_all(db:from(tracks):select { album = tracks.album_id, n = d.count() }
      :group_by(tracks.album_id):order_by(d.count():desc(), tracks.album_id))
    local all = walk(db:from(tracks):select { genre = tracks.genre, n = d.count() }
      :group_by(tracks.genre):order_by(d.count()), 1)
    assert.equal(4, #all)
  end)

  it("works over a subquery when it is told the key", function()
    local long = d.from(tracks):where(tracks.seconds:gt(200)):select(tracks.id, tracks.seconds)
      :as "long"
    local q = db:from(long):order_by(long.seconds)

    expect.misuse("key", q.page, q)
    local seen, page = {}, q:page { size = 2, key = { long.id } }
    while page do
      for _, row in ipairs(page.rows) do
        seen[row.id] = true
      end
      page = page.next and q:page { size = 2, key = { long.id }, after = page.next }
    end
    local n = 0
    for _ in pairs(seen) do
      n = n + 1
    end
    assert.equal(q:count(), n)
  end)

  it("stays right while rows are inserted and deleted", function()
    local other <close> = music.open()
    local q = other:from(tracks):order_by(tracks.title)
    local first = q:page { size = 10 }
    other:insert(tracks):values { album_id = 1, title = "A new first", seconds = 1 }:run()
    other:delete(tracks):where(tracks.id:eq(first.rows[10].id)):run()

    local second = q:page { size = 10, after = first.next }

    assert.equal("Song 11", second.rows[1].title)
    assert.equal(first.rows[9].id, q:page { size = 10, before = second.previous }.rows[10].id)
  end)

  it("gives empty pages as such", function()
    local page = db:from(tracks):where(tracks.id:lt(0)):page()

    assert.same({ rows = {} }, page)
  end)

  it("takes parameters", function()
    local q = db:from(tracks):where(tracks.genre:eq(d.param "genre")):order_by(tracks.seconds)
    local first = q:page { size = 3, parameters = { genre = "rock" } }
    local second = q:page { size = 3, parameters = { genre = "rock" }, after = first.next }

    local all = q:all { genre = "rock" }
    assert.same({ all[1], all[2], all[3] }, first.rows)
    assert.equal(all[4].seconds, second.rows[1].seconds)
  end)

  it("gives tokens that can stand in a URL", function()
    local page = db:from(customers):order_by(customers.name):page { size = 2 }

    assert.truthy(page.next:find("^[%w_-]+$"))
  end)

  it("refuses tokens that are none, damaged, or of another query", function()
    local q = db:from(tracks):order_by(tracks.seconds)
    local good = q:page { size = 2 }.next
    local other = db:from(albums):page { size = 2 }.next

    expect.misuse("another query", q.page, q, { after = other })
    expect.misuse("token", q.page, q, { after = "hello world" })
    expect.misuse("token", q.page, q, { after = "" })
    expect.misuse("token", q.page, q, { after = good .. "AAAA" })
    expect.misuse("token", q.page, q, { after = good:sub(1, -6) })
    expect.misuse("token", q.page, q, { before = good:rep(2) })
    for i = 1, #good do
      local changed = good:sub(1, i - 1) .. (good:sub(i, i) == "A" and "B" or "A")
        .. good:sub(i + 1)
      local worked, err = pcall(q.page, q, { after = changed })
      assert.is_true(worked or err.code == "invalid")
    end
  end)

  it("refuses what cannot be paged, and wrong options", function()
    local q = db:from(tracks)

    expect.misuse("limit", function() q:limit(5):page() end)
    expect.misuse("distinct", function() q:select(tracks.genre):distinct():page() end)
    expect.misuse("union", function()
      q:select(tracks.id):union(d.from(albums):select(albums.id)):page()
    end)
    expect.misuse('did you mean "after"', q.page, q, { aftre = "x" })
    expect.misuse("size", q.page, q, { size = 0 })
    expect.misuse("size", q.page, q, { size = "10" })
    expect.misuse("both", q.page, q, { after = "x", before = "y" })
    expect.misuse("db:from", function() d.from(tracks):page() end)
    expect.error(function() db:delete(tracks):everywhere():page() end)
    assert.equal(#rows.tracks, q:count())
  end)
end)
