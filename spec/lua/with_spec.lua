-- Relations loaded with the rows of a query.
local d = require("dbcore")
local expect = require("spec.support.expect")
local music = require("spec.support.music")

-- The rows of a table for which `keep` holds, in the order of their ids, as they are read.
local function rows_where(name, keep)
  local list = {}
  for _, row in ipairs(music.rows[name]) do
    if keep(row) then
      local copy = {}
      for key, value in pairs(row) do
        copy[key] = value
      end
      list[#list + 1] = copy
    end
  end
  return list
end

local function albums_of(artist)
  return rows_where("albums", function(album) return album.artist_id == artist.id end)
end

local function tracks_of(album)
  return rows_where("tracks", function(track) return track.album_id == album.id end)
end

-- What is sent while `body` runs, without what begins and ends transactions.
local function statements(db, body)
  local list = {}
  db:on_query(function(event)
    if event.sql:find("^SELECT") or event.sql:find("^WITH") then
      list[#list + 1] = event.sql
    end
  end)
  local result = body()
  db:on_query(nil)
  return list, result
end

describe("A query with relations", function()
  local db

  setup(function()
    db = music.open()
  end)
  teardown(function()
    assert.equal(0, db:stats().live_statements)
    db:close()
  end)

  it("loads many, of every row a list", function()
    local rows = db:from(music.artists):with("albums"):order_by(music.artists.id):all()

    for i, artist in ipairs(music.rows.artists) do
      assert.same({ id = artist.id, name = artist.name, country = artist.country,
        albums = albums_of(artist) }, rows[i])
    end
  end)

  it("loads one, or leaves it out", function()
    local rows = db:from(music.customers):with("support"):order_by(music.customers.id):all()

    for i, customer in ipairs(music.rows.customers) do
      assert.same(music.rows.customers[customer.support_id or 0], rows[i].support)
    end
  end)

  it("loads through a table between", function()
    local rows = db:from(music.playlists)
      :with({ tracks = d.from(music.tracks):order_by(music.tracks.id) })
      :order_by(music.playlists.id):all()

    for i, playlist in ipairs(music.rows.playlists) do
      assert.same(rows_where("tracks", function(track)
        for _, link in ipairs(music.rows.playlist_tracks) do
          if link.playlist_id == playlist.id and link.track_id == track.id then
            return true
          end
        end
        return false
      end), rows[i].tracks)
    end
  end)

  it("loads all on a path, beside each other, and by nested queries", function()
    local by_path = db:from(music.artists):with("albums.tracks", "albums.artist"):all()
    local nested = db:from(music.artists):with({
      albums = d.from(music.albums):with("tracks", "artist"),
    }):all()

    assert.same(by_path, nested)
    for _, artist in ipairs(by_path) do
      for _, album in ipairs(artist.albums) do
        assert.same(tracks_of(album), album.tracks)
        assert.equal(artist.id, album.artist.id)
      end
    end
  end)

  it("is one statement for each relation, whatever the number of rows", function()
    local q = db:from(music.artists):with("albums.tracks.playlists", "albums.artist")
    local list = statements(db, function() return q:all() end)
    local none = statements(db, function() return q:where(music.artists.id:lt(0)):all() end)

    assert.equal(5, #list)
    assert.equal(1, #none)
  end)

  it("is rendered and prepared once", function()
    local function run(year)
      return db:from(music.artists):with({ albums = d.from(music.albums)
        :where(music.albums.year:gt(year)):with("tracks") }):all()
    end
    run(1990)
    local before = db:stats()
    run(2000)
    run(2010)
    local after = db:stats()

    assert.equal(before.shape_misses, after.shape_misses)
    assert.equal(before.prepared, after.prepared)
  end)

  it("limits, skips and orders what each row has", function()
    local q = db:from(music.artists):order_by(music.artists.id):with({ albums =
      d.from(music.albums):order_by(music.albums.id:desc()):limit(1):offset(1) })

    for i, artist in ipairs(q:all()) do
      local all = albums_of(music.rows.artists[i])
      assert.same({ all[#all - 1] }, artist.albums)
    end
  end)

  it("limits by a parameter, and beside a join", function()
    local q = db:from(music.playlists):order_by(music.playlists.id):with({ tracks =
      d.from(music.tracks):join(music.albums, music.albums.id:eq(music.tracks.album_id))
        :select({ id = music.tracks.id, title = music.albums.title })
        :order_by(music.tracks.id:desc()):limit(d.param "most") })

    for i, playlist in ipairs(q:all { most = 2 }) do
      local ids = {}
      for _, link in ipairs(music.rows.playlist_tracks) do
        if link.playlist_id == i then
          table.insert(ids, 1, link.track_id)
        end
      end
      assert.equal(2, #playlist.tracks)
      for n = 1, 2 do
        local track = music.rows.tracks[ids[n]]
        assert.same({ id = track.id, title = music.rows.albums[track.album_id].title },
          playlist.tracks[n])
      end
    end
  end)

  it("takes parameters at any depth", function()
    local q = db:from(music.artists):where(music.artists.id:le(d.param "last")):with({
      albums = d.from(music.albums):where(music.albums.year:ge(d.param "year")):with({
        tracks = d.from(music.tracks):where(music.tracks.genre:in_(d.param "genres")),
      }),
    })
    local prepared <close> = q:prepare()
    local given = { last = 3, year = 2000, genres = { "jazz", "folk" } }

    assert.same(q:all(given), prepared:all(given))
    for _, artist in ipairs(q:all(given)) do
      for _, album in ipairs(artist.albums) do
        assert.truthy(album.year >= 2000)
        for _, track in ipairs(album.tracks) do
          assert.truthy(track.genre ~= "rock")
        end
      end
    end
    expect.failure("invalid", 'parameter "genres" is missing', q.all, q, { last = 1, year = 1 })
    expect.failure("invalid", 'no parameter "yaer", did you mean "year"?', q.all, q,
      { last = 1, yaer = 1, genres = {} })
    expect.failure("invalid", 'parameter "year"', prepared.all, prepared,
      { last = 1, year = "x", genres = {} })
  end)

  it("does not show the keys it needed", function()
    local rows = db:from(music.artists):select("name"):with({
      albums = d.from(music.albums):select("title"):with({
        tracks = d.from(music.tracks):select("seconds"):order_by(music.tracks.id),
      }),
    }):order_by(music.artists.id):all()

    local artist = rows[1]
    local expected = { name = "Ada Rivers", albums = {} }
    for i, album in ipairs(albums_of(music.rows.artists[1])) do
      expected.albums[i] = { title = album.title, tracks = {} }
      for n, track in ipairs(tracks_of(album)) do
        expected.albums[i].tracks[n] = { seconds = track.seconds }
      end
    end
    assert.same(expected, artist)
  end)

  it("gives codecs and NULL as everywhere", function()
    local rows = db:from(music.albums):with("tracks", "artist"):nulls():all()

    assert.equal(true, rows[2].tracks[3].explicit)
    assert.same({ "opener", "t1" }, rows[1].tracks[1].tags)
    assert.equal(d.null, rows[1].tracks[2].tags)
    local none = db:from(music.customers):with("support"):nulls():order_by("id"):one()
    assert.equal(d.null, none.support)
  end)

  it("shares rows that several rows have in common", function()
    local rows = db:from(music.albums):where { artist_id = 1 }:with("artist"):all()

    assert.is_true(#rows > 1)
    assert.equal(rows[1].artist, rows[2].artist)
  end)

  it("stands beside joins, counts and conditions", function()
    local joined = db:from(music.albums):join("artist"):with("tracks"):with_count("tracks")
      :where(d.has "tracks"):order_by(music.albums.id):all()

    for _, row in ipairs(joined) do
      assert.equal(row.albums.artist_id, row.artists.id)
      assert.same(tracks_of(row.albums), row.tracks)
      assert.equal(#row.tracks, row.tracks_count)
    end
    local counted = db:from(music.artists):with({
      albums = d.from(music.albums):with_count("tracks"):order_by("tracks_count"):limit(1),
    }):where { id = 1 }:single()
    local least = math.huge
    for _, album in ipairs(albums_of(music.rows.artists[1])) do
      least = math.min(least, #tracks_of(album))
    end
    assert.equal(least, counted.albums[1].tracks_count)
  end)

  it("groups what each row has", function()
    local rows = db:from(music.artists):order_by(music.artists.id):with({
      albums = d.from(music.albums):select { n = d.count(), last = d.max(music.albums.year) },
    }):all()

    for i, artist in ipairs(music.rows.artists) do
      local own = albums_of(artist)
      assert.equal(#own, rows[i].albums[1] and rows[i].albums[1].n or 0)
    end
  end)

  describe("with an aggregate of the host", function()
    local own

    before_each(function()
      own = music.open()
    end)
    after_each(function()
      own:close()
    end)

    local function add_span()
      own:create_aggregate("span", {
        begin = function() return {} end,
        step = function(state, x)
          state.low = math.min(state.low or x, x)
          state.high = math.max(state.high or x, x)
          return state
        end,
        value = function(state) return state.low and state.high - state.low end,
      }, { args = 1 })
    end

    -- What `output`, the span of the ids of albums, shows beside what it has to.
    local function check(output)
      local rows = own:from(music.artists):order_by(music.artists.id):with({
        albums = d.from(music.albums):select { span = output },
      }):all()
      local more_than_one = 0
      for i, artist in ipairs(music.rows.artists) do
        local ids = {}
        for _, album in ipairs(albums_of(artist)) do
          ids[#ids + 1] = album.id
        end
        local expected = {}
        if #ids > 0 then
          expected[1] = { span = math.max(table.unpack(ids)) - math.min(table.unpack(ids)) }
        end
        assert.same(expected, rows[i].albums)
        more_than_one = more_than_one + (#ids > 1 and 1 or 0)
      end
      assert.is_true(more_than_one > 1)
    end

    it("groups, too", function()
      add_span()

      check(d.func("span", music.albums.id))
      check(d.func("abs", d.func("SPAN", music.albums.id)))
      check(d.sql("span(?)", music.albums.id))
      check(d.sql('abs("span" (albums.id))'))
      check(d.sql("max(?) - min(albums.id)", music.albums.id))
    end)

    it("groups once it is known", function()
      assert.has_error(function() check(d.func("span", music.albums.id)) end)
      own:create_function("span", function(x) return x end, { args = 1 })
      local artists = own:from(music.artists):where { id = 1 }:with({
        albums = d.from(music.albums):select { span = d.func("span", music.albums.id) },
      })
      assert.equal(#albums_of(music.rows.artists[1]), #artists:single().albums)
      add_span()

      check(d.func("span", music.albums.id))
    end)

    it("leaves each row what is no aggregate", function()
      own:create_function("initial", function(text) return text:sub(1, 1) end, { args = 1 })
      local outputs = {
        d.func("initial", music.albums.title),
        d.sql("substr(?, 1, (SELECT count(*) FROM artists WHERE id = 1))", music.albums.title),
        d.sql("substr(albums.title, 1, count(*) FILTER (WHERE year > 0) OVER () > -1)"),
        d.sql("substr(albums.title, max(1, 0), min(1, 2))"),
        d.sql("substr(albums.title, 1, 1) /* count(*) */ || replace('count(*)', 'count(*)', '')"),
      }
      for n, output in ipairs(outputs) do
        local rows = own:from(music.artists):order_by(music.artists.id):with({
          albums = d.from(music.albums):select { initial = output }:order_by(music.albums.id),
        }):all()
        for i, artist in ipairs(music.rows.artists) do
          local expected = {}
          for k, album in ipairs(albums_of(artist)) do
            expected[k] = { initial = album.title:sub(1, 1) }
          end
          assert.same(expected, rows[i].albums, n)
        end
      end
    end)

    it("cannot put rows together that need a key", function()
      add_span()

      expect.failure("invalid", 'with "albums" needs column "id" of each row, which group_by puts',
        function()
          return own:from(music.artists):select { n = d.func("span", music.artists.id) }
            :with("albums"):all()
        end)
    end)
  end)

  it("is read by one and single, and left out by value, list, count and exists", function()
    local q = db:from(music.artists):with("albums"):order_by(music.artists.id)

    assert.equal(3, #q:one().albums)
    assert.equal(2, #q:where { id = 2 }:single().albums)
    assert.is_nil(q:where { id = 99 }:one())
    expect.failure("not_found", "expected exactly one row", q.single, q:where { id = 99 })
    expect.failure("invalid", "expected exactly one row, got more", q.single, q)
    assert.equal(1, q:value())
    assert.equal(8, #q:list())
    assert.equal(8, q:count())
    assert.is_true(q:exists())
  end)

  it("takes the parameters of what it leaves out", function()
    local q = db:from(music.artists):order_by(music.artists.id):with({
      albums = d.from(music.albums):where(music.albums.year:ge(d.param "year")),
    })
    local given = { year = 2000 }

    assert.equal(1, q:value(given))
    assert.equal(8, #q:list(given))
    assert.equal(8, q:count(given))
    assert.is_true(q:exists(given))
    expect.failure("invalid", 'no parameter "yaer"', q.count, q, { yaer = 1 })
  end)

  it("comes row by row, in batches, and ends when it is left", function()
    local names, n = {}, 0
    for row in db:from(music.artists):with("albums"):order_by(music.artists.id):rows() do
      names[#names + 1] = row.name
      assert.same(albums_of(row), row.albums)
    end
    assert.equal(8, #names)
    for _ in db:from(music.artists):with("albums"):rows() do
      n = n + 1
      if n == 2 then
        break
      end
    end
    assert.equal(2, n)
    assert.equal(0, db:stats().live_statements)

    local cursor = db:from(music.tracks):with("album"):rows()
    local first = cursor()
    local rest = cursor:all()
    assert.equal(#music.rows.tracks, #rest + 1)
    assert.equal(first.album_id, first.album.id)
    expect.failure("closed", "the cursor", cursor.all, cursor)
  end)

  it("keeps memory flat over many rows", function()
    local big <close> = music.open()
    big:exec("INSERT INTO albums (artist_id, title) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL "
      .. "SELECT i + 1 FROM n WHERE i < 20000) SELECT i % 8 + 1, 'more ' || i FROM n")
    local most, count = 0, 0
    collectgarbage()
    local before = collectgarbage("count")
    for row in big:from(music.albums):with("artist"):rows() do
      count = count + 1
      assert.equal(row.artist_id, row.artist.id)
      if count % 1000 == 0 then
        collectgarbage()
        most = math.max(most, collectgarbage("count") - before)
      end
    end
    assert.equal(20000 + #music.rows.albums, count)
    assert.is_true(most < 1024, most .. " KiB")
  end)

  it("pages", function()
    local q = db:from(music.artists):select("name"):with("albums"):order_by(music.artists.id)
    local seen, page = {}, q:page { size = 3 }
    while page do
      for _, row in ipairs(page.rows) do
        seen[#seen + 1] = { name = row.name, count = #row.albums }
      end
      page = page.next and q:page { size = 3, after = page.next }
    end

    assert.equal(8, #seen)
    for i, artist in ipairs(music.rows.artists) do
      assert.same({ name = artist.name, count = #albums_of(artist) }, seen[i])
    end
  end)

  it("sees one state of the database", function()
    local path = os.tmpname()
    local file <close> = music.open(path)
    local other <close> = d.open(path, { schema = music.schema })
    local meddled = false
    file:on_query(function(event)
      if not meddled and event.sql:find('FROM "artists"', 1, true) then
        meddled = true
        other:delete(music.albums):where { artist_id = 1 }:run()
      end
    end)
    local rows = file:from(music.artists):with("albums"):order_by(music.artists.id):all()
    file:on_query(nil)

    assert.is_true(meddled)
    assert.equal(3, #rows[1].albums)
    assert.equal(0, #file:from(music.artists):with("albums"):order_by("id"):one().albums)
    assert.is_false(file:in_transaction())
    os.remove(path)
  end)

  it("works inside a transaction, a plain one too", function()
    db:transaction(function(tx)
      assert.equal(8, #tx:from(music.artists):with("albums"):all())
    end)
    db:exec("BEGIN")
    assert.equal(8, #db:from(music.artists):with("albums"):all())
    db:exec("COMMIT")
  end)

  it("runs the last of two queries for one relation", function()
    local q = db:from(music.artists):with({ albums = d.from(music.albums):limit(1) })

    assert.equal(3, #q:with({ albums = d.from(music.albums) }):order_by("id"):one().albums)
    assert.equal(1, #q:with("albums.tracks"):order_by("id"):one().albums)
  end)

  it("is explained, and advised about, as a whole", function()
    local bare <close> = music.open()
    bare:exec("DROP INDEX albums_artist")
    local q = bare:from(music.artists):with("albums")

    local advice = bare:advise(q, { min_rows = 1 })
    assert.equal('CREATE INDEX "albums_artist_id" ON "albums" ("artist_id")', advice[1].sql)
    local plan = bare:explain(q)
    assert.truthy(plan:find("SCAN artists", 1, true))
    assert.truthy(plan:find("albums USING AUTOMATIC", 1, true))
    for _, ordered in ipairs { d.from(music.albums):order_by(music.albums.id),
      d.from(music.albums):order_by(music.albums.id):limit(2) } do
      advice = bare:advise(bare:from(music.artists):with({ albums = ordered }), { min_rows = 1 })
      assert.equal('CREATE INDEX "albums_artist_id" ON "albums" ("artist_id")', advice[1].sql)
    end
  end)

  it("is not taken for a query run over and over", function()
    local told = {}
    local watched <close> = music.open(nil, { detect_n_plus_one = true,
      on_n_plus_one = function(event) told[#told + 1] = event.sql end })
    watched:exec("INSERT INTO albums (artist_id, title) WITH RECURSIVE n(i) AS (SELECT 1 UNION "
      .. "ALL SELECT i + 1 FROM n WHERE i < 4000) SELECT 1, 'more ' || i FROM n")
    for _ in watched:from(music.albums):with("artist"):rows() do
      assert.truthy(true)
    end

    assert.same({}, told)
  end)

  it("gives everything back when a codec fails", function()
    local broken = d.type { name = "broken", sql = "INTEGER",
      encode = function(x) return x end,
      decode = function(x) return x == 3 and error("no three") or x end }
    local parents = d.table("parents", { d.integer "id" :primary_key() })
    local children = d.table("children", {
      d.integer "id" :primary_key(),
      d.integer "parent_id" :references "parents.id",
      broken "value",
    })
    local schema = d.schema { parents, children,
      d.relations(parents, { children = d.many "children" }) }
    local own <close> = d.open(":memory:", { schema = schema })
    own:create()
    own:insert(parents):values({ {}, {} }):run()
    local values = { { parent_id = 1, value = 1 }, { parent_id = 2, value = 3 } }
    own:insert(children):values(values):run()

    local q = own:from(parents):with("children")
    assert.is_false((pcall(q.all, q)))
    assert.equal(0, own:stats().live_statements)
    assert.is_false(own:in_transaction())
    assert.equal(1, #q:where { id = 1 }:all()[1].children)
    assert.is_true(collectgarbage("isrunning"))
  end)

  it("says what it cannot load", function()
    local q = db:from(music.artists)
    expect.misuse('table "artists" has no relation "album"; did you mean "albums"?', q.with, q,
      "album")
    expect.failure("schema", 'table "albums" has no relation "track"; did you mean "tracks"?',
      function() return q:with("albums.track"):all() end)
    expect.failure("schema", 'table "albums" has no relation "track"; did you mean "tracks"?',
      function() return q:with({ albums = d.from(music.albums):with "track" }):all() end)
    expect.failure("invalid", 'relation "albums" leads to "albums", but its query reads from',
      function() return q:with({ albums = d.from(music.tracks) }):all() end)
    expect.failure("invalid", 'the query selects "albums", which is a relation that is loaded',
      function() return q:select({ albums = music.artists.id }):with("albums"):all() end)
    expect.failure("invalid", 'with "albums" needs column "id" of each row, which group_by puts',
      function()
        return q:select { n = d.count() }:group_by(music.artists.country):with("albums"):all()
      end)
    expect.failure("invalid", 'with "albums" needs column "id" of each row, which distinct puts',
      function() return q:select("country"):distinct():with("albums"):all() end)
    expect.failure("invalid", "a union, intersect or except has no relations", function()
      return q:union(d.from(music.artists)):with("albums"):all()
    end)
    expect.failure("invalid", 'with "albums" in a subquery loads nothing', function()
      return q:where(music.artists.id:in_(q:select("id"):with("albums"))):all()
    end)
    expect.failure("invalid", "is ordered by columns or names it selects", function()
      local years = d.from(music.albums):select(music.albums.year):distinct()
      return q:with({ albums = years:order_by(music.albums.title):limit(1) }):all()
    end)
    expect.failure("invalid", 'relation "albums" cannot be read as a union', function()
      return q:with({ albums = d.from(music.albums):union(d.from(music.albums)) }):all()
    end)
    expect.misuse("with needs a relation", q.with, q)
    expect.misuse('with: "albums" takes a query such as d.from(posts), got the number 5', q.with, q,
      { albums = 5 })
    expect.misuse("with takes names of relations, got", q.with, q, { [true] = "albums" })
    local bare <close> = d.open(":memory:")
    bare:exec("CREATE TABLE artists (id, name, country)")
    expect.failure("invalid", 'relation "albums" is looked up in a schema, and there is none',
      function() return bare:from(music.artists):with("albums"):all() end)
  end)
end)

describe("A relation", function()
  local orgs = d.table("orgs", {
    d.text "code", d.text "region", d.text "name",
    d.primary_key("code", "region"),
  })
  local members = d.table("members", {
    d.integer "id" :primary_key(),
    d.text "org_code", d.text "org_region",
    d.text "email" :not_null() :collate "nocase" :unique(),
    d.boolean "active" :not_null() :default(true),
    d.integer "boss_id" :references "members.id",
    d.foreign_key("org_code", "org_region"):references("orgs", "code", "region"),
  })
  local letters = d.table("letters", {
    d.integer "id" :primary_key(),
    d.text "recipient",
    d.integer "size" :not_null(),
  })
  local listed = d.view("listed", {
    d.integer "id", d.text "org_code",
  }, "SELECT id, org_code FROM members WHERE active")
  local schema = d.schema {
    orgs, members, letters, listed,
    d.relations(orgs, {
      members = d.many "members",
      active = d.many("members", { where = members.active:eq(true) }),
      named = d.many("members", { where = members.email:in_ { "a@x", "b@x" } }),
      letters = d.many("letters", { from = "name", to = "recipient" }),
      listed = d.many("listed", { from = "code", to = "org_code" }),
    }),
    d.relations(members, {
      org = d.one "orgs",
      boss = d.one("members", { from = "boss_id", to = "id" }),
      staff = d.many("members", { from = "id", to = "boss_id" }),
      letters = d.many("letters", { from = "email", to = "recipient",
        where = letters.size:gt(1) }),
    }),
    d.relations(letters, { reader = d.one("members", { from = "recipient", to = "email" }) }),
  }
  local db

  before_each(function()
    db = d.open(":memory:", { schema = schema })
    db:create()
    db:insert(orgs):values({
      { code = "x", region = "n", name = "North" }, { code = "x", region = "s", name = "South" },
      { code = "y", region = "n", name = "Why" },
    }):run()
    db:insert(members):values({
      { id = 1, org_code = "x", org_region = "n", email = "A@x" },
      { id = 2, org_code = "x", org_region = "s", email = "b@x", active = false, boss_id = 1 },
      { id = 3, org_code = "x", org_region = "n", email = "c@x", boss_id = 1 },
      { id = 4, email = "d@x", boss_id = 3 },
    }):run()
    db:insert(letters):values({
      { id = 1, recipient = "a@X", size = 5 }, { id = 2, recipient = "a@x", size = 1 },
      { id = 3, recipient = "North", size = 2 }, { id = 4, size = 9 },
    }):run()
  end)
  after_each(function()
    db:close()
  end)

  local function ids(rows)
    local list = {}
    for i, row in ipairs(rows or {}) do
      list[i] = row.id
    end
    return list
  end

  it("has keys of several columns", function()
    local rows = db:from(orgs):with({ members = d.from(members):order_by "id" })
      :order_by("code", "region"):all()
    assert.same({ { 1, 3 }, { 2 }, {} },
      { ids(rows[1].members), ids(rows[2].members), ids(rows[3].members) })
    local back = db:from(members):with("org"):order_by "id":all()
    assert.same({ "North", "South", "North" },
      { back[1].org.name, back[2].org.name, back[3].org.name })
    assert.is_nil(back[4].org)
  end)

  it("may have a condition of its own, wherever it is used", function()
    local rows = db:from(orgs):with({ active = d.from(members):order_by "id", named = true })
      :with_count("active"):order_by("code", "region"):all()
    assert.same({ 1, 3 }, ids(rows[1].active))
    assert.same({}, ids(rows[2].active))
    assert.same({ 2, 0, 0 },
      { rows[1].active_count, rows[2].active_count, rows[3].active_count })
    assert.same({ 1 }, ids(rows[1].named))
    assert.equal(1, db:from(orgs):where(d.has "active"):count())
    assert.same({ 1, 3 }, db:from(orgs):join("active"):select(members.id):order_by "id":list())
    assert.same({ 1, 2 }, db:from(orgs):join("named"):select(members.id):order_by "id":list())
    assert.same({ 1 }, ids(db:from(members):with("letters"):order_by "id":one().letters))
    local described = d.describe(schema)
    local found
    for _, one in ipairs(described.relations) do
      if one.name == "active" then
        found = one.where
      end
    end
    assert.equal("userdata", type(found))
  end)

  it("follows the database about what is equal", function()
    local rows = db:from(letters):with("reader"):order_by "id":all()
    assert.same({ 1, 1 }, { rows[1].reader.id, rows[2].reader.id })
    assert.is_nil(rows[3].reader)
    assert.is_nil(rows[4].reader)
  end)

  it("leads from a table to itself, both ways, to any depth", function()
    local rows = db:from(members):with("boss.boss"):order_by "id"
      :with({ staff = d.from(members):order_by "id":with "staff" }):all()
    assert.same({ 2, 3 }, ids(rows[1].staff))
    assert.same({ 4 }, ids(rows[1].staff[2].staff))
    assert.equal(1, rows[4].boss.boss.id)
    assert.is_nil(rows[1].boss)
    assert.same({ 1, 3 }, db:from(members):where(d.has "staff"):order_by "id":select("id"):list())
    assert.same({ 1 }, db:from(members):where(d.has("staff.staff")):select("id"):list())
    assert.same({ 2, 0, 1, 0 },
      db:from(members):with_count("staff"):order_by "id":select(members.id):all()[1]
        and (function()
          local counts = {}
          for i, row in ipairs(db:from(members):with_count("staff"):order_by "id":all()) do
            counts[i] = row.staff_count
          end
          return counts
        end)())
  end)

  it("may lead to a view", function()
    local rows = db:from(orgs):with({ listed = d.from(listed):order_by "id" })
      :order_by("code", "region"):all()
    assert.same({ 1, 3 }, ids(rows[1].listed))
    assert.same({ 1, 3 }, ids(rows[2].listed))
  end)

  it("is refused with a condition on something else", function()
    expect.failure("schema", 'speaks of a column of "letters"', d.schema, { orgs, members, letters,
      d.relations(orgs, { members = d.many("members", { where = letters.size:gt(1) }) }) })
    expect.misuse('option "where" of dbcore.many is a condition', d.many, "members",
      { where = "active" })
    expect.failure("schema", "has a query or a relation in it", d.schema, { orgs, members,
      d.relations(orgs, { members = d.many("members", { where = d.has "org" }) }) })
  end)

  it("is filtered by what a policy says, at every level", function()
    local ruled = d.schema { orgs, members, letters, listed,
      d.relations(orgs, { members = d.many "members" }),
      d.relations(members, { staff = d.many("members", { from = "id", to = "boss_id" }) }),
      d.policy(members, { select = function(ctx) return members.id:ne(ctx.hidden) end }) }
    local file <close> = d.open(":memory:", { schema = ruled })
    file:create()
    file:insert(orgs):values { code = "x", region = "n", name = "North" }:run()
    file:insert(members):values({
      { id = 1, org_code = "x", org_region = "n", email = "1" },
      { id = 2, org_code = "x", org_region = "n", email = "2", boss_id = 1 },
      { id = 3, org_code = "x", org_region = "n", email = "3", boss_id = 1 },
    }):run()
    local own = file:as { hidden = 2 }
    local row = own:from(orgs):with({ members = d.from(members):order_by "id":with "staff" })
      :with_count("members"):single()

    assert.same({ 1, 3 }, ids(row.members))
    assert.same({ 3 }, ids(row.members[1].staff))
    assert.equal(2, row.members_count)
    local only = d.from(members):where { id = 2 }
    assert.equal(0, own:from(orgs):where(d.has("members", only)):count())
    assert.equal(1, file:from(orgs):where(d.has("members", only)):count())
  end)
end)
