-- Relations as conditions and outputs: has, has_not, with_count and what is beside it.
local d = require("dbcore")
local expect = require("spec.support.expect")
local music = require("spec.support.music")

describe("A condition on relatives", function()
  local db

  setup(function()
    db = music.open()
  end)
  teardown(function()
    db:close()
  end)

  -- The ids of the rows of a table for which `keep` holds, worked out from the lists.
  local function ids_where(name, keep)
    local ids = {}
    for _, row in ipairs(music.rows[name]) do
      if keep(row) then
        ids[#ids + 1] = row.id
      end
    end
    return ids
  end

  local function any(name, keep)
    for _, row in ipairs(music.rows[name]) do
      if keep(row) then
        return true
      end
    end
    return false
  end

  local function found(query, of)
    return query:order_by(of.id):select(of.id):list()
  end

  it("keeps rows that have one, or none", function()
    local with = found(db:from(music.artists):where(d.has "albums"), music.artists)
    local without = found(db:from(music.artists):where(d.has_not "albums"), music.artists)

    local function has_album(artist)
      return any("albums", function(album) return album.artist_id == artist.id end)
    end
    assert.same(ids_where("artists", has_album), with)
    assert.same(ids_where("artists", function(a) return not has_album(a) end), without)
    assert.truthy(#without > 0)
  end)

  it("takes a query for which of them", function()
    local late = d.from(music.albums):where(music.albums.year:ge(2010))

    assert.same(ids_where("artists", function(artist)
      return any("albums", function(album)
        return album.artist_id == artist.id and (album.year or 0) >= 2010
      end)
    end), found(db:from(music.artists):where(d.has("albums", late)), music.artists))
  end)

  it("follows a path, and a table between", function()
    local jazz = d.from(music.tracks):where(music.tracks.genre:eq "jazz")
    local artists = db:from(music.artists):where(d.has("albums.tracks", jazz))
    local listed = db:from(music.albums):where(d.has "tracks.playlists")

    assert.same(ids_where("artists", function(artist)
      return any("albums", function(album)
        return album.artist_id == artist.id and any("tracks", function(track)
          return track.album_id == album.id and track.genre == "jazz"
        end)
      end)
    end), found(artists, music.artists))
    assert.same(ids_where("albums", function(album)
      return any("tracks", function(track)
        return track.album_id == album.id and any("playlist_tracks", function(link)
          return link.track_id == track.id
        end)
      end)
    end), found(listed, music.albums))
  end)

  it("tells a table from itself", function()
    local oslo = d.from(music.customers):where { city = "Oslo" }
    local q = db:from(music.customers):where(d.has("support", oslo))
    local deeper = db:from(music.customers):where(d.has("support", d.from(music.customers)
      :where(d.has_not "support")))

    local function support_of(customer)
      return music.rows.customers[customer.support_id or 0]
    end
    assert.same(ids_where("customers", function(customer)
      local support = support_of(customer)
      return support ~= nil and support.city == "Oslo"
    end), found(q, music.customers))
    assert.same(ids_where("customers", function(customer)
      local support = support_of(customer)
      return support ~= nil and support.support_id == nil
    end), found(deeper, music.customers))
  end)

  it("stands among other conditions and in writes", function()
    local q = db:from(music.artists)
      :where(d.has "albums" & music.artists.country:eq "NO" | d.has_not "albums")
    assert.same(ids_where("artists", function(artist)
      local has = any("albums", function(album) return album.artist_id == artist.id end)
      return has and artist.country == "NO" or not has
    end), found(q, music.artists))

    local tx = db:begin()
    local removed = tx:delete(music.artists):where(d.has_not "albums"):run().changes
    tx:rollback()
    assert.equal(#ids_where("artists", function(artist)
      return not any("albums", function(album) return album.artist_id == artist.id end)
    end), removed)
  end)

  it("can join the table of the row that is spoken of", function()
    local joined = db:from(music.albums):join(music.artists,
      music.artists.id:eq(music.albums.artist_id)):where(music.artists.country:eq "NO")
    assert.same(ids_where("artists", function(artist)
      return artist.country == "NO"
        and any("albums", function(album) return album.artist_id == artist.id end)
    end), found(db:from(music.artists):where(d.has("albums", joined)), music.artists))
  end)

  it("is refused where the relation is not known", function()
    expect.failure("schema", 'table "artists" has no relation "album"; did you mean "albums"?',
      function() return db:from(music.artists):where(d.has "album"):all() end)
    expect.failure("schema", 'table "albums" has no relation "track"; did you mean "tracks"?',
      function() return db:from(music.artists):where(d.has "albums.track"):all() end)
    expect.failure("invalid",
      'relation "albums" leads to "albums", but its query reads from "tracks"', function()
        return db:from(music.artists):where(d.has("albums", d.from(music.tracks))):all()
      end)
    local bare <close> = d.open(":memory:")
    bare:exec("CREATE TABLE artists (id, name, country)")
    expect.failure("invalid", 'relation "albums" is looked up in a schema, and there is none',
      function() return bare:from(music.artists):where(d.has "albums"):all() end)
    expect.failure("invalid", "is no path of relations", function() return d.has "albums." end)
    expect.misuse("has takes a name, got nil", d.has, nil)
    expect.misuse('has: "albums" takes a query such as d.from(posts), got text', d.has, "albums",
      "x")
  end)
end)

describe("An output about relatives", function()
  local db

  setup(function()
    db = music.open()
  end)
  teardown(function()
    db:close()
  end)

  local function albums_of(artist)
    local list = {}
    for _, album in ipairs(music.rows.albums) do
      if album.artist_id == artist.id then
        list[#list + 1] = album
      end
    end
    return list
  end

  it("counts them beside all columns", function()
    local rows = db:from(music.artists):with_count("albums"):order_by(music.artists.id):all()

    for i, artist in ipairs(music.rows.artists) do
      assert.same({ id = artist.id, name = artist.name, country = artist.country,
        albums_count = #albums_of(artist) }, rows[i])
    end
  end)

  it("asks for existence, sums, means, the least and the most", function()
    local rows = db:from(music.artists):with_exists("albums"):with_sum("albums", "year")
      :with_avg("albums", music.albums.year):with_min("albums", "year"):with_max("albums", "year")
      :order_by(music.artists.id):all()

    for i, artist in ipairs(music.rows.artists) do
      local sum, count, least, most = 0, 0, nil, nil
      for _, album in ipairs(albums_of(artist)) do
        if album.year then
          sum, count = sum + album.year, count + 1
          least, most = math.min(least or album.year, album.year), math.max(most or 0, album.year)
        end
      end
      assert.equal(#albums_of(artist) > 0, rows[i].albums_exists)
      assert.equal(count > 0 and sum or nil, rows[i].albums_sum_year)
      assert.equal(count > 0 and sum / count or nil, rows[i].albums_avg_year)
      assert.equal(least, rows[i].albums_min_year)
      assert.equal(most, rows[i].albums_max_year)
    end
  end)

  it("takes a query, a name, and a path", function()
    local late = d.from(music.albums):where(music.albums.year:ge(2005))
    local rows = db:from(music.artists):with_count("albums", late, "late")
      :with_count("albums.tracks"):order_by(music.artists.id):all()

    for i, artist in ipairs(music.rows.artists) do
      local late_count, tracks = 0, 0
      for _, album in ipairs(albums_of(artist)) do
        late_count = late_count + ((album.year or 0) >= 2005 and 1 or 0)
        for _, track in ipairs(music.rows.tracks) do
          tracks = tracks + (track.album_id == album.id and 1 or 0)
        end
      end
      assert.equal(late_count, rows[i].late)
      assert.equal(tracks, rows[i].albums_tracks_count)
    end
  end)

  it("orders, pages and stands beside what is selected or joined", function()
    local by_count = db:from(music.artists):select(music.artists.name):with_count("albums")
      :order_by("albums_count", music.artists.id)
    local counts = {}
    for i, row in ipairs(by_count:all()) do
      counts[i] = row.albums_count
      assert.is_nil(row.id)
    end
    local sorted = { table.unpack(counts) }
    table.sort(sorted)
    assert.same(sorted, counts)
    assert.equal(8, by_count:count())
    local paged, page = {}, by_count:page { size = 3 }
    while page do
      for _, row in ipairs(page.rows) do
        paged[#paged + 1] = row.albums_count
      end
      page = page.next and by_count:page { size = 3, after = page.next }
    end
    assert.same(counts, paged)

    local joined = db:from(music.albums):join("artist"):with_count("tracks")
      :order_by(music.albums.id):one()
    assert.equal(1, joined.albums.id)
    assert.equal(1, joined.artists.id)
    assert.equal(4, joined.tracks_count)
  end)

  it("says what it cannot be asked", function()
    local few = d.from(music.albums):limit(2)
    expect.failure("invalid", 'what is asked of relation "albums" takes a query with conditions',
      function() return db:from(music.artists):with_count("albums", few):all() end)
    expect.failure("schema", 'table "albums" has no column "yaer"; did you mean "year"?',
      function() return db:from(music.artists):with_sum("albums", "yaer"):all() end)
    expect.misuse('has no relation "albms"; did you mean "albums"?', function()
      return db:from(music.artists):with_count("albms")
    end)
    expect.misuse("with_sum takes a relation and a column of it, got nothing as the column",
      function() return db:from(music.artists):with_sum("albums") end)
    expect.misuse("with_count got too many arguments", function()
      return db:from(music.artists):with_count("albums", "n", "m")
    end)
    expect.failure("invalid", 'the query selects "name" twice', function()
      return db:from(music.artists):with_count("albums", nil, "name"):all()
    end)
  end)
end)
