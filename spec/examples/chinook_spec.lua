-- The answers of examples/chinook on its sample, against SQL written by hand.
package.path = "examples/chinook/?.lua;" .. package.path

-- Other examples have a schema of their own under the same name.
local before = { schema = package.loaded.schema, questions = package.loaded.questions }
package.loaded.schema, package.loaded.questions = nil, nil
local questions = require "questions"
local sample = require "sample"
package.loaded.schema, package.loaded.questions = before.schema, before.questions

local SQL = {}

SQL.albums = [[
WITH top AS (SELECT r.ArtistId, r.Name, count(*) AS n FROM Artist r JOIN Album USING (ArtistId)
  GROUP BY r.ArtistId ORDER BY n DESC, r.ArtistId LIMIT 3)
SELECT top.Name AS a, top.n AS b, l.Title AS c,
  (SELECT count(*) FROM Track WHERE AlbumId = l.AlbumId) AS d
FROM top JOIN Album l ON l.ArtistId = top.ArtistId ORDER BY top.n DESC, top.ArtistId, l.AlbumId]]

SQL.genres = [[
WITH longest AS (SELECT AlbumId FROM Track GROUP BY AlbumId ORDER BY sum(Milliseconds) DESC LIMIT 1)
SELECT r.Name AS a, l.Title AS b, g.Name AS c, count(*) AS d FROM longest
JOIN Album l USING (AlbumId) JOIN Artist r USING (ArtistId) JOIN Track t USING (AlbumId)
JOIN Genre g ON g.GenreId = t.GenreId GROUP BY g.GenreId ORDER BY g.Name]]

SQL.invoices = [[
SELECT a, b, c, d FROM (SELECT c.CustomerId AS id, c.Email AS a, i.InvoiceId AS b, i.Total AS c,
  (SELECT max(UnitPrice) FROM InvoiceLine WHERE InvoiceId = i.InvoiceId) AS d,
  row_number() OVER (PARTITION BY c.CustomerId ORDER BY i.Total DESC, i.InvoiceId) AS n
FROM Customer c JOIN Invoice i USING (CustomerId)) WHERE n <= 3 ORDER BY id, n]]

SQL.playlists = [[
SELECT a, b, c, d FROM (SELECT p.PlaylistId AS id, p.Name AS a,
  count(*) OVER (PARTITION BY p.PlaylistId) AS b, t.Name AS c, r.Name AS d,
  row_number() OVER (PARTITION BY p.PlaylistId ORDER BY t.Name, t.TrackId) AS n
FROM Playlist p JOIN PlaylistTrack USING (PlaylistId) JOIN Track t USING (TrackId)
JOIN Album l USING (AlbumId) JOIN Artist r USING (ArtistId)) WHERE n <= 2 ORDER BY id, n]]

SQL.unsold = [[
SELECT r.Name AS a, l.Title AS b FROM Album l JOIN Artist r USING (ArtistId)
WHERE l.AlbumId IN (SELECT AlbumId FROM Track) AND l.AlbumId NOT IN
  (SELECT AlbumId FROM Track JOIN InvoiceLine USING (TrackId)) ORDER BY l.AlbumId]]

SQL.staff = [[
SELECT b.LastName AS a, e.LastName AS b, e.Title AS c, count(c.CustomerId) AS d
FROM Employee e JOIN Employee b ON b.EmployeeId = e.ReportsTo
LEFT JOIN Customer c ON c.SupportRepId = e.EmployeeId
GROUP BY e.EmployeeId ORDER BY b.EmployeeId, e.EmployeeId]]

SQL.sellers = [[
SELECT t.Name AS a, l.Title AS b, r.Name AS c, sum(i.Quantity) AS d,
  (SELECT count(*) FROM PlaylistTrack p WHERE p.TrackId = t.TrackId) AS e
FROM Track t JOIN InvoiceLine i USING (TrackId) JOIN Album l USING (AlbumId)
JOIN Artist r USING (ArtistId) GROUP BY t.TrackId ORDER BY d DESC, t.TrackId LIMIT 5]]

SQL.lengths = [[
SELECT a, b, c FROM (SELECT g.GenreId AS id, g.Name AS a,
  CAST(avg(t.Milliseconds) OVER (PARTITION BY g.GenreId) AS INTEGER) AS b, t.Name AS c,
  row_number() OVER (PARTITION BY g.GenreId ORDER BY t.Milliseconds DESC, t.TrackId) AS n
FROM Genre g JOIN Track t USING (GenreId)) WHERE n = 1 ORDER BY id]]

SQL.rock = [[
WITH bought AS (SELECT i.CustomerId, g.Name FROM Invoice i JOIN InvoiceLine USING (InvoiceId)
  JOIN Track USING (TrackId) JOIN Genre g USING (GenreId))
SELECT c.LastName AS a, c.Country AS b, e.LastName AS c FROM Customer c
JOIN Employee e ON e.EmployeeId = c.SupportRepId
WHERE c.CustomerId IN (SELECT CustomerId FROM bought WHERE Name = 'Rock')
AND c.CustomerId NOT IN (SELECT CustomerId FROM bought WHERE Name = 'Jazz') ORDER BY c.CustomerId]]

SQL.last = [[
SELECT c.LastName AS a, coalesce(i.InvoiceDate, 'never') AS b,
  (SELECT count(*) FROM InvoiceLine l WHERE l.InvoiceId = i.InvoiceId) AS c
FROM Customer c LEFT JOIN Invoice i ON i.InvoiceId = (SELECT InvoiceId FROM Invoice o
  WHERE o.CustomerId = c.CustomerId ORDER BY InvoiceDate DESC, InvoiceId DESC LIMIT 1)
WHERE c.Country = 'USA' ORDER BY c.CustomerId]]

SQL.dearest = [[
SELECT t.Name AS a, l.InvoiceId AS b, c.Email AS c FROM Track t JOIN InvoiceLine l USING (TrackId)
JOIN Invoice i USING (InvoiceId) JOIN Customer c USING (CustomerId)
WHERE t.UnitPrice > 1 ORDER BY t.TrackId, l.InvoiceLineId]]

SQL.shared = [[
SELECT a, b, c FROM (SELECT t.TrackId AS id, t.Name AS a, count(*) AS b,
  group_concat(p.Name, '; ') AS c FROM Track t JOIN
  (SELECT TrackId, Name FROM PlaylistTrack JOIN Playlist USING (PlaylistId) ORDER BY PlaylistId) p
  USING (TrackId) GROUP BY t.TrackId ORDER BY b DESC, t.TrackId LIMIT 20)
WHERE b >= 3 ORDER BY b DESC, id]]

local KEYS = { "a", "b", "c", "d", "e" }

describe("The music shop", function()
  local db

  setup(function()
    db = sample.load("examples/chinook/sample.sql")
  end)
  teardown(function()
    db:close()
  end)

  for _, one in ipairs(questions) do
    it("answers: " .. one.title, function()
      local expected = {}
      for row in db:query(SQL[one.name]) do
        local line = {}
        for i, key in ipairs(KEYS) do
          line[i] = row[key]
        end
        expected[#expected + 1] = line
      end

      assert.is_true(#expected > 0)
      assert.same(expected, one.ask(db))
    end)
  end

  it("asks for each relation once", function()
    local asked = {}
    for _, one in ipairs(questions) do
      local count = 0
      db:on_query(function(event)
        count = count + (event.sql:find("^SELECT") and 1 or 0)
      end)
      one.ask(db)
      db:on_query(nil)
      asked[one.name] = count
    end

    for name, count in pairs(asked) do
      assert.is_true(count <= 5, name .. " asks " .. count .. " times")
    end
  end)
end)
