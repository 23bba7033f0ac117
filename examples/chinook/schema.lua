-- The Chinook database, a shop of digital music: the tables and columns that the questions need,
-- and what leads from where to where.
local d = require "dbcore"

local tables = {}

tables.artists = d.table("Artist", {
  d.integer "ArtistId" :primary_key(),
  d.text "Name",
})

tables.albums = d.table("Album", {
  d.integer "AlbumId" :primary_key(),
  d.text "Title" :not_null(),
  d.integer "ArtistId" :not_null() :references "Artist.ArtistId",
  d.index "AlbumArtist" :on "ArtistId",
})

tables.genres = d.table("Genre", {
  d.integer "GenreId" :primary_key(),
  d.text "Name",
})

tables.tracks = d.table("Track", {
  d.integer "TrackId" :primary_key(),
  d.text "Name" :not_null(),
  d.integer "AlbumId" :references "Album.AlbumId",
  d.integer "GenreId" :references "Genre.GenreId",
  d.integer "Milliseconds" :not_null(),
  d.numeric "UnitPrice" :not_null(),
  d.index "TrackAlbum" :on "AlbumId",
  d.index "TrackGenre" :on "GenreId",
})

tables.playlists = d.table("Playlist", {
  d.integer "PlaylistId" :primary_key(),
  d.text "Name",
})

tables.playlist_tracks = d.table("PlaylistTrack", {
  d.integer "PlaylistId" :not_null() :references "Playlist.PlaylistId",
  d.integer "TrackId" :not_null() :references "Track.TrackId",
  d.primary_key("PlaylistId", "TrackId"),
  d.index "PlaylistTrackTrack" :on "TrackId",
})

tables.employees = d.table("Employee", {
  d.integer "EmployeeId" :primary_key(),
  d.text "LastName" :not_null(),
  d.text "FirstName" :not_null(),
  d.text "Title",
  d.integer "ReportsTo" :references "Employee.EmployeeId",
  d.index "EmployeeReportsTo" :on "ReportsTo",
})

tables.customers = d.table("Customer", {
  d.integer "CustomerId" :primary_key(),
  d.text "FirstName" :not_null(),
  d.text "LastName" :not_null(),
  d.text "Country",
  d.text "Email" :not_null(),
  d.integer "SupportRepId" :references "Employee.EmployeeId",
  d.index "CustomerSupport" :on "SupportRepId",
})

tables.invoices = d.table("Invoice", {
  d.integer "InvoiceId" :primary_key(),
  d.integer "CustomerId" :not_null() :references "Customer.CustomerId",
  d.datetime "InvoiceDate" :not_null(),
  d.numeric "Total" :not_null(),
  d.index "InvoiceCustomer" :on "CustomerId",
})

tables.lines = d.table("InvoiceLine", {
  d.integer "InvoiceLineId" :primary_key(),
  d.integer "InvoiceId" :not_null() :references "Invoice.InvoiceId",
  d.integer "TrackId" :not_null() :references "Track.TrackId",
  d.numeric "UnitPrice" :not_null(),
  d.integer "Quantity" :not_null(),
  d.index "InvoiceLineInvoice" :on "InvoiceId",
  d.index "InvoiceLineTrack" :on "TrackId",
})

tables.schema = d.schema {
  tables.artists, tables.albums, tables.genres, tables.tracks, tables.playlists,
  tables.playlist_tracks, tables.employees, tables.customers, tables.invoices, tables.lines,
  d.relations("Artist", { albums = d.many "Album" }),
  d.relations("Album", { artist = d.one "Artist", tracks = d.many "Track" }),
  d.relations("Genre", { tracks = d.many "Track" }),
  d.relations("Track", {
    album = d.one "Album",
    genre = d.one "Genre",
    lines = d.many "InvoiceLine",
    playlists = d.many "Playlist" :through "PlaylistTrack",
  }),
  d.relations("Playlist", { tracks = d.many "Track" :through "PlaylistTrack" }),
  d.relations("Employee", {
    boss = d.one("Employee", { from = "ReportsTo", to = "EmployeeId" }),
    reports = d.many("Employee", { from = "EmployeeId", to = "ReportsTo" }),
    customers = d.many "Customer",
  }),
  d.relations("Customer", { invoices = d.many "Invoice", support = d.one "Employee" }),
  d.relations("Invoice", { customer = d.one "Customer", lines = d.many "InvoiceLine" }),
  d.relations("InvoiceLine", { invoice = d.one "Invoice", track = d.one "Track" }),
}

return tables
