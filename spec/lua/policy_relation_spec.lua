-- Relations under policies: what a handle loads from a full database is what the connection loads
-- from one that has nothing but the rows the handle may see.
local d = require("dbcore")
local expect = require("spec.support.expect")
local random_query = require("spec.support.random_query")

local artists = d.table("artists", { d.integer "id" :primary_key(), d.text "name" })
local albums = d.table("albums", {
  d.integer "id" :primary_key(),
  d.integer "artist_id" :references("artists.id"),
  d.integer "year",
  d.index "albums_artist" :on("artist_id"),
})
local tracks = d.table("tracks", {
  d.integer "id" :primary_key(),
  d.integer "album_id" :references("albums.id"),
  d.integer "seconds",
  d.integer "after_id" :references("tracks.id"),
  d.index "tracks_album" :on("album_id"),
})
local lists = d.table("lists", { d.integer "id" :primary_key(), d.text "name" })
local entries = d.table("entries", {
  d.integer "list_id" :references("lists.id"),
  d.integer "track_id" :references("tracks.id"),
  d.primary_key("list_id", "track_id"),
})
local TABLES = { "artists", "albums", "tracks", "lists", "entries" }
local BY_NAME = { artists = artists, albums = albums, tracks = tracks, lists = lists,
  entries = entries }

local schema = d.schema {
  artists, albums, tracks, lists, entries,
  d.relations(artists, { albums = d.many "albums" }),
  d.relations(albums, { artist = d.one "artists", tracks = d.many "tracks" }),
  d.relations(tracks, { album = d.one "albums", after = d.one "tracks",
    lists = d.many "lists" :through "entries" }),
  d.relations(lists, { tracks = d.many "tracks" :through "entries" }),
}

-- The context says which rows there are: by id, and of entries by list.
for name, descriptor in pairs(BY_NAME) do
  local key = name == "entries" and entries.list_id or descriptor.id
  d.policy(descriptor, { select = function(ctx) return key:in_(ctx[name]) end })
end

local function all_rows()
  local rows = { artists = {}, albums = {}, tracks = {}, lists = {}, entries = {} }
  for i = 1, 6 do
    rows.artists[i] = { id = i, name = "artist " .. i }
    for _ = 1, i % 4 do
      local album = #rows.albums + 1
      rows.albums[album] = { id = album, artist_id = i, year = 2000 + album % 4 }
      for n = 1, 1 + album % 4 do
        local track = #rows.tracks + 1
        rows.tracks[track] = { id = track, album_id = album, seconds = track * 37 % 100,
          after_id = n > 1 and track - 1 or nil }
      end
    end
  end
  for i = 1, 4 do
    rows.lists[i] = { id = i, name = "list " .. i }
    for track = i, #rows.tracks, 2 + i do
      table.insert(rows.entries, { list_id = i, track_id = track })
    end
  end
  return rows
end

local function open_with(rows)
  local db = d.open(":memory:", { schema = schema, foreign_keys = false })
  db:create()
  for _, name in ipairs(TABLES) do
    if rows[name][1] then
      db:insert(BY_NAME[name]):values(rows[name]):run()
    end
  end
  return db
end

-- Rows as text, keys in order.
local function spell(value)
  if type(value) ~= "table" then
    return tostring(value)
  end
  local words, keys = {}, {}
  for key in pairs(value) do
    keys[#keys + 1] = key
  end
  table.sort(keys, function(a, b) return tostring(a) < tostring(b) end)
  for i, key in ipairs(keys) do
    words[i] = tostring(key) .. "=" .. spell(value[key])
  end
  return "{" .. table.concat(words, " ") .. "}"
end

local QUERIES = {
  one = function(db) return db:from(albums):order_by(albums.id):with("artist") end,
  many = function(db) return db:from(artists):order_by(artists.id):with("albums") end,
  deep = function(db) return db:from(artists):order_by(artists.id):with("albums.tracks") end,
  up = function(db) return db:from(tracks):order_by(tracks.id):with("album.artist", "after") end,
  through = function(db) return db:from(lists):order_by(lists.id):with("tracks.album") end,
  back = function(db) return db:from(tracks):order_by(tracks.id):with("lists") end,
  limited = function(db)
    return db:from(artists):order_by(artists.id):with { albums = d.from(albums)
      :order_by(albums.year:desc(), albums.id):limit(2):with { tracks = d.from(tracks)
        :where(tracks.seconds:gt(20)):order_by(tracks.seconds, tracks.id):limit(1):offset(1) } }
  end,
  counted = function(db)
    return db:from(artists):order_by(artists.id):with_count("albums")
      :with_count("albums.tracks", nil, "songs"):with_sum("albums", "year")
      :with_max("albums.tracks", "seconds", nil, "longest"):with_exists("albums")
  end,
  ordered = function(db)
    return db:from(artists):with_count("albums"):order_by("albums_count", artists.id)
  end,
  having = function(db)
    return db:from(artists):order_by(artists.id):where(d.has("albums",
      d.from(albums):where(albums.year:ge(2002))))
  end,
  childless = function(db)
    return db:from(artists):order_by(artists.id):where(d.has_not("albums.tracks"))
  end,
  listed = function(db)
    return db:from(albums):order_by(albums.id):where(d.has("tracks.lists")):with("tracks.lists")
  end,
  joined = function(db) return db:from(albums):join("artist"):order_by(albums.id) end,
  left = function(db) return db:from(albums):left_join("artist"):order_by(albums.id) end,
}

local NAMES = {}
for name in pairs(QUERIES) do
  NAMES[#NAMES + 1] = name
end
table.sort(NAMES)

local function pages(q)
  local rows, page = {}, q:page { size = 2 }
  while page do
    table.move(page.rows, 1, #page.rows, #rows + 1, rows)
    page = page.next and q:page { size = 2, after = page.next }
  end
  return rows
end

local function row_by_row(q)
  local rows = {}
  for row in q:rows() do
    rows[#rows + 1] = row
  end
  return rows
end

-- A context that leaves rows out, and the rows that are left.
local function random_context(dice, rows)
  local context, left = {}, {}
  for _, name in ipairs(TABLES) do
    local seen = {}
    context[name], left[name] = {}, {}
    for _, row in ipairs(rows[name]) do
      local id = row.id or row.list_id
      if seen[id] == nil then
        seen[id] = dice:chance(2, 3)
        if seen[id] then
          table.insert(context[name], id)
        end
      end
      if seen[id] then
        table.insert(left[name], row)
      end
    end
  end
  return context, left
end

describe("A relation under a policy", function()
  local full

  setup(function()
    full = open_with(all_rows())
  end)
  teardown(function()
    assert.equal(0, full:stats().live_statements)
    full:close()
  end)

  for _, name in ipairs(NAMES) do
    it("leads to the rows that may be seen: " .. name, function()
      local rows, differs = all_rows(), false
      for seed = 1, 12 do
        local context, left = random_context(random_query.dice(seed * 7 + #name), rows)
        local small <close> = open_with(left)
        local held = full:as(context)
        local expected = spell(QUERIES[name](small):all())

        assert.equal(expected, spell(QUERIES[name](held):all()), name .. " " .. seed)
        assert.equal(expected, spell(row_by_row(QUERIES[name](held))), name .. " " .. seed)
        if name ~= "ordered" then -- by an output, which paging does not take
          assert.equal(expected, spell(pages(QUERIES[name](held))), name .. " " .. seed)
        end
        assert.equal(QUERIES[name](small):exists(), QUERIES[name](held):exists())
        local prepared <close> = QUERIES[name](held):prepare()
        assert.equal(expected, spell(prepared:all()), name .. " " .. seed)
        assert.equal(QUERIES[name](small):count(), QUERIES[name](held):count())
        held:transaction(function(tx)
          assert.equal(expected, spell(QUERIES[name](tx):all()), name .. " " .. seed)
        end)
        differs = differs or expected ~= spell(QUERIES[name](full):all())
      end
      assert.is_true(differs)
    end)
  end

  it("takes one plan for all contexts", function()
    local rows = all_rows()
    local function load(seed)
      QUERIES.deep(full:as((random_context(random_query.dice(seed), rows)))):all()
    end
    load(1)
    local before = full:stats()
    for seed = 2, 6 do
      load(seed)
    end
    local after = full:stats()

    assert.equal(before.prepared, after.prepared)
    assert.equal(before.shape_misses, after.shape_misses)
  end)

  it("is refused when its table is", function()
    local held = full:as { artists = { 1 }, tracks = {}, lists = {}, entries = {} }

    expect.failure("invalid", 'the context has no "albums"', function()
      QUERIES.many(held):all()
    end)
    expect.failure("invalid", 'the context has no "albums"', function()
      QUERIES.counted(held):all()
    end)
    expect.failure("invalid", 'the context has no "albums"', function()
      QUERIES.childless(held):all()
    end)
  end)
end)
