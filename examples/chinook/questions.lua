-- A dozen questions about the shop, each one deep query. An answer is a list of lists: what is
-- printed, line by line.
local d = require "dbcore"
local t = require "schema"

local questions = {}

local function question(name, title, ask)
  questions[#questions + 1] = { name = name, title = title, ask = ask }
end

question("albums", "Which three artists have the most albums, and how many tracks are on each?",
  function(db)
    local answer = {}
    local q = db:from(t.artists):with_count "albums"
      :with({ albums = d.from(t.albums):order_by(t.albums.AlbumId):with_count "tracks" })
      :order_by(d.raw '"albums_count" DESC', t.artists.ArtistId):limit(3)
    for artist in q:rows() do
      for _, album in ipairs(artist.albums) do
        answer[#answer + 1] = { artist.Name, artist.albums_count, album.Title, album.tracks_count }
      end
    end
    return answer
  end)

question("genres", "Of which genres are the tracks of the longest album?", function(db)
  local answer, seen = {}, {}
  local album = db:from(t.albums):with("artist", "tracks.genre")
    :with_sum("tracks", "Milliseconds", "length")
    :order_by(d.raw '"length" DESC', t.albums.AlbumId):one()
  for _, track in ipairs(album.tracks) do
    seen[track.genre.Name] = (seen[track.genre.Name] or 0) + 1
  end
  for name, count in pairs(seen) do
    answer[#answer + 1] = { album.artist.Name, album.Title, name, count }
  end
  table.sort(answer, function(a, b) return a[3] < b[3] end)
  return answer
end)

question("invoices", "What are the best three invoices of each customer, and what is the dearest "
  .. "line on them?", function(db)
  local answer = {}
  local best = d.from(t.invoices):order_by(t.invoices.Total:desc(), t.invoices.InvoiceId):limit(3)
    :with_max("lines", "UnitPrice", "dearest")
  for customer in db:from(t.customers):with({ invoices = best })
    :order_by(t.customers.CustomerId):rows() do
    for _, invoice in ipairs(customer.invoices) do
      answer[#answer + 1] = { customer.Email, invoice.InvoiceId, invoice.Total, invoice.dearest }
    end
  end
  return answer
end)

question("playlists", "How many tracks has each playlist, and which two come first by name?",
  function(db)
    local answer = {}
    local first = d.from(t.tracks):order_by(t.tracks.Name, t.tracks.TrackId):limit(2)
      :with "album.artist"
    for list in db:from(t.playlists):with({ tracks = first }):with_count "tracks"
      :order_by(t.playlists.PlaylistId):rows() do
      for _, track in ipairs(list.tracks) do
        answer[#answer + 1] = { list.Name, list.tracks_count, track.Name, track.album.artist.Name }
      end
    end
    return answer
  end)

question("unsold", "Which albums have tracks, and never sold one?", function(db)
  local answer = {}
  for album in db:from(t.albums):where(d.has "tracks", d.has_not "tracks.lines"):with "artist"
    :order_by(t.albums.AlbumId):rows() do
    answer[#answer + 1] = { album.artist.Name, album.Title }
  end
  return answer
end)

question("staff", "Who works for whom, and how many customers do they look after?", function(db)
  local answer = {}
  local reports = d.from(t.employees):order_by(t.employees.EmployeeId):with_count "customers"
  for boss in db:from(t.employees):where(d.has "reports"):with({ reports = reports })
    :order_by(t.employees.EmployeeId):rows() do
    for _, employee in ipairs(boss.reports) do
      answer[#answer + 1] = { boss.LastName, employee.LastName, employee.Title,
        employee.customers_count }
    end
  end
  return answer
end)

question("sellers", "Which five tracks were sold most often, and where are they to be heard?",
  function(db)
    local answer = {}
    local q = db:from(t.tracks):where(d.has "lines"):with("album.artist")
      :with_sum("lines", "Quantity", "sold"):with_count("playlists")
      :order_by(d.raw '"sold" DESC', t.tracks.TrackId):limit(5)
    for _, track in ipairs(q:all()) do
      answer[#answer + 1] = { track.Name, track.album.Title, track.album.artist.Name, track.sold,
        track.playlists_count }
    end
    return answer
  end)

question("lengths", "How long are the tracks of a genre on the whole, and which one is longest?",
  function(db)
    local answer = {}
    local longest = d.from(t.tracks):order_by(t.tracks.Milliseconds:desc(), t.tracks.TrackId)
      :limit(1)
    for genre in db:from(t.genres):where(d.has "tracks"):with({ tracks = longest })
      :with_avg("tracks", t.tracks.Milliseconds, "mean"):order_by(t.genres.GenreId):rows() do
      answer[#answer + 1] = { genre.Name, math.floor(genre.mean), genre.tracks[1].Name }
    end
    return answer
  end)

question("rock", "Which customers bought Rock but no Jazz?", function(db)
  local function of(name)
    return d.from(t.genres):where { Name = name }
  end
  local answer = {}
  for customer in db:from(t.customers)
    :where(d.has("invoices.lines.track.genre", of "Rock"))
    :where(d.has_not("invoices.lines.track.genre", of "Jazz"))
    :with "support":order_by(t.customers.CustomerId):rows() do
    answer[#answer + 1] = { customer.LastName, customer.Country, customer.support.LastName }
  end
  return answer
end)

question("last", "When was the last invoice of each customer of a country, and for how many lines?",
  function(db)
    local answer = {}
    local last = d.from(t.invoices):limit(1):with_count "lines"
      :order_by(t.invoices.InvoiceDate:desc(), t.invoices.InvoiceId:desc())
    local q = db:from(t.customers):where(t.customers.Country:eq(d.param "country"))
      :with({ invoices = last }):order_by(t.customers.CustomerId)
    for _, customer in ipairs(q:all { country = "USA" }) do
      local invoice = customer.invoices[1]
      answer[#answer + 1] = { customer.LastName, invoice and invoice.InvoiceDate or "never",
        invoice and invoice.lines_count or 0 }
    end
    return answer
  end)

question("dearest", "Which tracks cost more than a dollar, and in whose invoices are they?",
  function(db)
    local answer = {}
    for track in db:from(t.tracks):where(t.tracks.UnitPrice:gt(1))
      :with({ lines = d.from(t.lines):order_by(t.lines.InvoiceLineId):with "invoice.customer" })
      :order_by(t.tracks.TrackId):rows() do
      for _, line in ipairs(track.lines) do
        answer[#answer + 1] = { track.Name, line.InvoiceId, line.invoice.customer.Email }
      end
    end
    return answer
  end)

question("shared", "Which tracks are on three playlists or more?", function(db)
  local answer = {}
  local q = db:from(t.tracks):where(d.has "playlists"):with_count("playlists")
    :with({ playlists = d.from(t.playlists):order_by(t.playlists.PlaylistId) })
    :order_by(d.raw '"playlists_count" DESC', t.tracks.TrackId):limit(20)
  for _, track in ipairs(q:all()) do
    local names = {}
    for i, list in ipairs(track.playlists) do
      names[i] = list.Name
    end
    if #names >= 3 then
      answer[#answer + 1] = { track.Name, track.playlists_count, table.concat(names, "; ") }
    end
  end
  return answer
end)

return questions
