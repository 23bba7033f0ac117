-- A small shop of music: artists, albums, tracks, playlists, customers, invoices. The rows are
-- plain Lua lists, so that a spec can work out what it expects without the library.
local d = require("dbcore")

local music = {}

music.artists = d.table("artists", {
  d.integer "id" :primary_key(),
  d.text "name" :not_null() :unique() :length(1, 80),
  d.text "country",
})

music.albums = d.table("albums", {
  d.integer "id" :primary_key(),
  d.integer "artist_id" :not_null() :references("artists.id", { on_delete = "cascade" }),
  d.text "title" :not_null(),
  d.integer "year" :range(1900, 2100),
  d.index "albums_artist" :on("artist_id"),
})

music.tracks = d.table("tracks", {
  d.integer "id" :primary_key(),
  d.integer "album_id" :not_null() :references("albums.id", { on_delete = "cascade" }),
  d.text "title" :not_null(),
  d.text "genre" :enum { "rock", "jazz", "folk" },
  d.integer "seconds" :not_null(),
  d.real "price" :not_null() :default(0.99),
  d.boolean "explicit" :not_null() :default(false),
  d.json "tags",
})

music.playlists = d.table("playlists", {
  d.integer "id" :primary_key(),
  d.text "name" :not_null(),
})

music.playlist_tracks = d.table("playlist_tracks", {
  d.integer "playlist_id" :not_null() :references("playlists.id", { on_delete = "cascade" }),
  d.integer "track_id" :not_null() :references("tracks.id", { on_delete = "cascade" }),
  d.primary_key("playlist_id", "track_id"),
}, { without_rowid = true })

music.customers = d.table("customers", {
  d.integer "id" :primary_key(),
  d.text "name" :not_null(),
  d.text "email" :not_null() :unique() :collate "nocase",
  d.text "city",
  d.integer "support_id" :references("customers.id", { on_delete = "set null" }),
})

music.invoices = d.table("invoices", {
  d.integer "id" :primary_key(),
  d.integer "customer_id" :not_null() :references("customers.id"),
  d.timestamp "issued_at" :not_null(),
  d.real "total" :not_null(),
  d.index "invoices_customer" :on("customer_id", "issued_at"),
})

music.schema = d.schema {
  music.artists, music.albums, music.tracks, music.playlists, music.playlist_tracks,
  music.customers, music.invoices,
  d.relations(music.artists, { albums = d.many "albums" }),
  d.relations(music.albums, { artist = d.one "artists", tracks = d.many "tracks" }),
  d.relations(music.tracks, {
    album = d.one "albums",
    playlists = d.many "playlists" :through "playlist_tracks",
  }),
  d.relations(music.playlists, { tracks = d.many "tracks" :through "playlist_tracks" }),
  d.relations(music.customers, { invoices = d.many "invoices", support = d.one "customers" }),
  d.relations(music.invoices, { customer = d.one "customers" }),
}

local rows = { artists = {}, albums = {}, tracks = {}, playlists = {}, playlist_tracks = {},
  customers = {}, invoices = {} }
music.rows = rows

local NAMES = { "Ada Rivers", "Birch", "Cold Harbour", "Dune Choir", "Elm & Oak", "Fjord",
  "Glass Owl", "Harrow" }
local COUNTRIES = { "NO", "IS", "NO", nil, "FI" }
local GENRES = { "rock", "jazz", "folk" }
local CITIES = { "Oslo", "Turku", "Oslo", nil }

-- Artist i has (i * 3) % 4 albums, album a has 3 + a % 4 tracks; Harrow has none at all.
for i, name in ipairs(NAMES) do
  rows.artists[i] = { id = i, name = name, country = COUNTRIES[(i - 1) % 5 + 1] }
  for n = 1, (i * 3) % 4 do
    local album = #rows.albums + 1
    rows.albums[album] = { id = album, artist_id = i, title = name .. " " .. n,
      year = n ~= 3 and 1990 + (i * 7 + n * 5) % 30 or nil }
    for t = 1, 3 + album % 4 do
      local track = #rows.tracks + 1
      rows.tracks[track] = { id = track, album_id = album, title = ("Song %02d"):format(track),
        genre = t < 5 and GENRES[(album + t) % 3 + 1] or nil, seconds = 120 + (track * 37) % 240,
        price = track % 5 == 0 and 1.29 or 0.99, explicit = track % 7 == 0,
        tags = t == 1 and { "opener", "t" .. track } or nil }
    end
  end
end

for i = 1, 3 do
  rows.playlists[i] = { id = i, name = "Mix " .. i }
  for track = i, #rows.tracks, 4 + i do
    table.insert(rows.playlist_tracks, { playlist_id = i, track_id = track })
  end
end

for i = 1, 12 do
  rows.customers[i] = { id = i, name = "Customer " .. i, email = ("c%d@shop.example"):format(i),
    city = CITIES[(i - 1) % 4 + 1], support_id = i > 3 and (i - 1) % 3 + 1 or nil }
  for n = 1, i % 4 do
    table.insert(rows.invoices, { id = #rows.invoices + 1, customer_id = i,
      issued_at = 1600000000 + i * 86400 + n * 3600, total = i * 1.5 + n * 0.25 })
  end
end

local ORDER = { "artists", "albums", "tracks", "playlists", "playlist_tracks", "customers",
  "invoices" }

--- Fills an open database that has the schema.
function music.fill(db)
  db:transaction(function(tx)
    for _, name in ipairs(ORDER) do
      tx:insert(music[name]):values(rows[name]):run()
    end
  end)
end

--- A filled database, in memory unless a path is given.
---@param path? string
---@param options? table
function music.open(path, options)
  local given = { schema = music.schema }
  for key, value in pairs(options or {}) do
    given[key] = value
  end
  local db = d.open(path or ":memory:", given)
  db:create(music.schema)
  music.fill(db)
  return db
end

return music
