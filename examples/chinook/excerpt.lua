-- Made the sample: dbscript excerpt.lua CHINOOK.DB > sample.sql
--
-- All tracks of every ninth artist and of some of the best known ones, the lines of invoices with
-- those tracks, those invoices, their customers, the playlists with those tracks, all employees.
-- Rows are as they are; columns that the schema does not name are left out.
local d = require "dbcore"

local db <close> = d.open(arg[1], { readonly = true })

local ARTISTS = "(ArtistId % 9 = 0 OR ArtistId IN (1, 2, 22, 90, 149, 150))"
local ALBUMS = "AlbumId IN (SELECT AlbumId FROM Album WHERE " .. ARTISTS .. ")"
local TRACKS = "TrackId IN (SELECT TrackId FROM Track WHERE " .. ALBUMS .. ")"
local INVOICES = "InvoiceId IN (SELECT InvoiceId FROM InvoiceLine WHERE " .. TRACKS .. ")"

local PARTS = {
  { "Artist", "ArtistId, Name", ARTISTS },
  { "Album", "AlbumId, Title, ArtistId", ALBUMS },
  { "Genre", "GenreId, Name", "1" },
  { "Track", "TrackId, Name, AlbumId, GenreId, Milliseconds, UnitPrice", TRACKS },
  { "Playlist", "PlaylistId, Name", "1" },
  { "PlaylistTrack", "PlaylistId, TrackId", TRACKS },
  { "Employee", "EmployeeId, LastName, FirstName, Title, ReportsTo", "1" },
  { "Customer", "CustomerId, FirstName, LastName, Country, Email, SupportRepId", "1" },
  { "Invoice", "InvoiceId, CustomerId, InvoiceDate, Total", INVOICES },
  { "InvoiceLine", "InvoiceLineId, InvoiceId, TrackId, UnitPrice, Quantity", TRACKS },
}

for _, part in ipairs(PARTS) do
  local name, columns, condition = table.unpack(part)
  local quoted = columns:gsub("%w+", "quote(%0)"):gsub(", ", " || ',' || ")
  local rows = db:query(("SELECT %s AS line FROM %s WHERE %s ORDER BY 1"):format(quoted, name,
    condition)):list()
  for i = 1, #rows, 400 do
    local some = table.move(rows, i, math.min(i + 399, #rows), 1, {})
    print(("INSERT INTO %s (%s) VALUES\n(%s);"):format(name, columns, table.concat(some, "),\n(")))
  end
end
