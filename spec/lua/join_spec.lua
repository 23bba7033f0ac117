-- Section 4: joins, and rows that are grouped per table.
local d = require("dbcore")
local expect = require("spec.support.expect")
local music = require("spec.support.music")

local artists, albums, tracks = music.artists, music.albums, music.tracks
local customers, invoices = music.customers, music.invoices
local rows = music.rows

describe("A join", function()
  local db

  setup(function() db = music.open() end)
  teardown(function() db:close() end)

  it("groups rows per table, without select", function()
    local row = db:from(albums):join(artists, artists.id:eq(albums.artist_id))
      :where(albums.id:eq(1)):one()

    assert.same({ albums = rows.albums[1], artists = rows.artists[rows.albums[1].artist_id] }, row)
  end)

  it("uses a relation by its name, to one, to many and through a table", function()
    local one = db:from(albums):join "artist":where(albums.id:eq(2)):one()
    local many = db:from(artists):join "albums":count()
    local through = db:from(tracks):join "playlists":count()

    assert.equal(rows.albums[2].artist_id, one.artists.id)
    assert.equal(#rows.albums, many)
    assert.equal(#rows.playlist_tracks, through)
    expect.misuse('did you mean "artist"', function() return db:from(albums):join "artst":all() end)
  end)

  it("names a relation to its own table by the relation", function()
    local row = db:from(customers):join "support":where(customers.id:eq(5)):one()

    assert.equal(5, row.customers.id)
    assert.equal(rows.customers[5].support_id, row.support.id)
  end)

  it("takes its condition as a table of equalities", function()
    local n = db:from(albums):join(artists, { id = albums.artist_id }):count()

    assert.equal(#rows.albums, n)
  end)

  it("leaves the outer side of a left join out when it is missing", function()
    local without, with = 0, 0
    for row in db:from(artists):left_join(albums, albums.artist_id:eq(artists.id)):rows() do
      if row.albums then
        with = with + 1
        assert.equal(row.artists.id, row.albums.artist_id)
      else
        without = without + 1
      end
    end
    local has = {}
    for _, album in ipairs(rows.albums) do
      has[album.artist_id] = true
    end
    local expected = 0
    for _, artist in ipairs(rows.artists) do
      expected = expected + (has[artist.id] and 0 or 1)
    end

    assert.equal(#rows.albums, with)
    assert.equal(expected, without)
    assert.is_true(without > 0)
  end)

  it("joins right, full and cross", function()
    local missing = db:from(albums):right_join(artists, artists.id:eq(albums.artist_id))
      :where(albums.id:is_null()):count()
    local full = db:from(albums):full_join(artists, artists.id:eq(albums.artist_id)):count()
    local cross = db:from(artists):cross_join(music.playlists):count()

    assert.equal(#rows.albums + missing, full)
    assert.equal(#rows.artists * #rows.playlists, cross)
  end)

  it("joins a table with itself under an alias", function()
    local boss = d.alias(customers, "boss")

    local row = db:from(customers):join(boss, boss.id:eq(customers.support_id))
      :where(customers.id:eq(4)):one()

    assert.equal(4, row.customers.id)
    assert.equal(rows.customers[4].support_id, row.boss.id)
  end)

  it("refuses the same name twice, and says what helps", function()
    expect.misuse("alias", function()
      return db:from(customers):join(customers, customers.id:eq(customers.support_id)):all()
    end)
  end)

  it("joins a subquery, whose columns are checked", function()
    local totals = db:from(invoices)
      :select { customer_id = invoices.customer_id, sum = d.sum(invoices.total) }
      :group_by(invoices.customer_id):as "totals"

    local found = db:from(customers):join(totals, totals.customer_id:eq(customers.id))
      :select { name = customers.name, sum = totals.sum }:order_by(customers.id):all()

    local expected = {}
    for _, invoice in ipairs(rows.invoices) do
      expected[invoice.customer_id] = (expected[invoice.customer_id] or 0) + invoice.total
    end
    local n = 0
    for _, row in ipairs(found) do
      n = n + 1
      assert.equal(expected[tonumber(row.name:match("%d+"))], row.sum)
    end
    assert.is_true(n > 5)
    expect.misuse('did you mean "sum"', function() return totals.sums end)
  end)

  it("spans many tables with select, group, having, order and limit", function()
    local found = db:from(tracks)
      :join(albums, albums.id:eq(tracks.album_id))
      :join(artists, artists.id:eq(albums.artist_id))
      :where(artists.country:eq "NO" & tracks.seconds:gt(130))
      :select { name = artists.name, n = d.count(), longest = d.max(tracks.seconds) }
      :group_by(artists.id):having(d.count():gt(1)):order_by(d.count():desc(), artists.name)
      :limit(10):all()

    local by_artist, expected = {}, {}
    for _, track in ipairs(rows.tracks) do
      local artist = rows.artists[rows.albums[track.album_id].artist_id]
      if artist.country == "NO" and track.seconds > 130 then
        local entry = by_artist[artist.name] or { name = artist.name, n = 0, longest = 0 }
        by_artist[artist.name] = entry
        entry.n = entry.n + 1
        entry.longest = math.max(entry.longest, track.seconds)
      end
    end
    for _, entry in pairs(by_artist) do
      if entry.n > 1 then
        expected[#expected + 1] = entry
      end
    end
    table.sort(expected, function(a, b)
      if a.n ~= b.n then return a.n > b.n end
      return a.name < b.name
    end)

    assert.is_true(#expected > 1)
    assert.same(expected, found)
  end)

  it("finds a column for where { … } in the only other table that has it", function()
    local joined = db:from(tracks):join(albums, albums.id:eq(tracks.album_id))
    local band = d.alias(artists, "band")
    local expected = joined:join(artists, artists.id:eq(albums.artist_id))
      :where(artists.country:eq "NO" & tracks.explicit:eq(false)):count()

    assert.equal(joined:where(albums.year:eq(1990)):count(), joined:where { year = 1990 }:count())
    assert.equal(expected, joined:join(band, band.id:eq(albums.artist_id))
      :where { country = "NO", explicit = false }:count())
    assert.equal(rows.tracks[5].title, joined:where { id = 5 }:select(tracks.title):value())
    expect.misuse("several of the tables have a column \"name\": say whose it is", function()
      return db:from(albums):join(artists, artists.id:eq(albums.artist_id))
        :join(customers, customers.id:eq(artists.id)):where { name = "x" }
    end)
    expect.misuse('"albums.year" is integer', function() return joined:where { year = "x" } end)
    expect.misuse('table "tracks" has no column "yaer"', function()
      return joined:where { yaer = 1 }
    end)
  end)

  it("finds a column by its name in the only other table that has it", function()
    local joined = db:from(tracks):join(albums, albums.id:eq(tracks.album_id))
    local by_year = joined:order_by(albums.year, tracks.id):select(tracks.id):list()
    local band = d.alias(artists, "band")

    assert.same(by_year, joined:order_by("year", "id"):select "id":list())
    assert.equal(rows.albums[rows.tracks[1].album_id].year,
      joined:where { id = 1 }:select "year":value())
    assert.equal(#db:from(albums):group_by "year":select "year":all(),
      #joined:group_by "year":select "year":all())
    assert.equal(joined:join(artists, artists.id:eq(albums.artist_id)):where(tracks.id:eq(1))
      :select(artists.name):value(), joined:join(band, band.id:eq(albums.artist_id))
      :where(tracks.id:eq(1)):select "name":value())
    expect.misuse('several of the tables have a column "name": give the column', function()
      return db:from(albums):join(artists, artists.id:eq(albums.artist_id))
        :join(customers, customers.id:eq(artists.id)):order_by "name"
    end)
    expect.misuse('table "tracks" has no column "yaer"', function()
      return joined:order_by "yaer"
    end)
  end)

  it("needs a condition, and refuses what is none", function()
    expect.error(function() return db:from(albums):join(artists):all() end)
    expect.error(function() return db:from(albums):join(artists, nil):all() end)
    expect.error(function() return db:from(albums):join(artists, "id"):all() end)
    expect.error(function() return db:from(albums):join(5, artists.id:eq(1)):all() end)
    expect.error(function() return db:from(albums):join(nil, artists.id:eq(1)):all() end)
  end)
end)
