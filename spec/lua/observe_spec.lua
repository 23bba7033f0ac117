-- Section 3: statistics, on_query, slow statements, n+1.
local d = require("dbcore")
local expect = require("spec.support.expect")
local music = require("spec.support.music")

local tracks, albums = music.tracks, music.albums

describe("on_query", function()
  it("sees every statement with its duration, rows and shape", function()
    local db <close> = music.open()
    local seen = {}
    db:on_query(function(event) seen[#seen + 1] = event end)

    db:from(albums):where(albums.id:eq(1)):all()
    db:from(albums):where(albums.id:eq(2)):all()
    db:update(albums):set { year = 2001 }:where(albums.id:eq(1)):run()
    pcall(db.exec, db, "INSERT INTO artists (name) VALUES ('Birch')")

    assert.equal(4, #seen)
    assert.truthy(seen[1].sql:find('FROM "albums"', 1, true))
    assert.equal(1, seen[1].rows)
    assert.is_true(seen[1].seconds >= 0 and seen[1].seconds < 5)
    assert.equal(seen[1].shape, seen[2].shape)
    assert.are_not.equal(seen[1].shape, seen[3].shape)
    assert.is_nil(seen[1].code)
    assert.equal("constraint.unique", seen[4].code)
  end)

  it("ends with nil, and gives back who was there", function()
    local db <close> = music.open()
    local n = 0
    local function count() n = n + 1 end
    db:on_query(count)
    db:from(albums):one()

    assert.equal(count, db:on_query(nil))
    db:from(albums):one()

    assert.equal(1, n)
    expect.misuse("function", db.on_query, db, "loud")
  end)

  it("is not called for what the collector ends together with its connection", function()
    local calls = 0
    do
      local db = music.open()
      local tx = db:begin()
      db:on_query(function() calls = calls + 1 end)
      db:on_rollback(function() calls = calls + 1 end)
      tx:delete(albums):where(albums.id:eq(1)):run()
      local next_row, _, _, cursor = tx:from(albums):rows()
      next_row(cursor)
      calls = 0
    end

    collectgarbage()
    collectgarbage()

    assert.equal(0, calls)
  end)
end)

describe("Slow statements", function()
  it("are told from so many seconds on", function()
    local slow, seen = {}, 0
    local db <close> = music.open(nil, { slow = 0, on_slow = function(event)
      slow[#slow + 1] = event
    end })
    db:on_query(function() seen = seen + 1 end)
    local before = #slow

    db:from(tracks):all()

    assert.equal(before + 1, #slow)
    assert.truthy(slow[#slow].sql:find('"tracks"', 1, true))
    assert.equal(1, seen)
  end)

  it("are not told when they are fast", function()
    local slow = 0
    local db <close> = music.open(nil, { slow = 60, on_slow = function() slow = slow + 1 end })

    db:from(tracks):all()

    assert.equal(0, slow)
  end)

  it("are written to standard error when nobody else is told", function()
    local lines, stderr = {}, io.stderr
    io.stderr = { -- luacheck: ignore 122
      write = function(_, ...) lines[#lines + 1] = table.concat({ ... }) end,
    }
    local good, err = pcall(function()
      local db <close> = d.open(":memory:", { slow = 0 })
      lines = {}
      db:query("SELECT 7 AS lucky"):all()
    end)
    io.stderr = stderr -- luacheck: ignore 122

    assert.is_true(good, tostring(err))
    assert.equal(1, #lines)
    assert.truthy(lines[1]:find("^dbcore: slow: .*SELECT 7 AS lucky\n$"))
  end)
end)

describe("One query run over and over", function()
  local function opened(option)
    local told = {}
    local db = music.open(nil, { detect_n_plus_one = option,
      on_n_plus_one = function(report) told[#told + 1] = report end })
    for i = #told, 1, -1 do
      told[i] = nil
    end
    return db, told
  end

  it("is told once for each shape", function()
    local db, told = opened(true)
    for _ = 1, 3 do
      for album in db:from(albums):rows() do
        db:from(tracks):where(tracks.album_id:eq(album.id)):all()
      end
    end
    db:close()

    assert.equal(1, #told)
    assert.truthy(told[1].sql:find('FROM "tracks"', 1, true))
    assert.equal(10, told[1].runs)
  end)

  it("is not told below the threshold, nor for writes", function()
    local db, told = opened { threshold = 20 }
    for i = 1, 15 do
      db:from(tracks):where(tracks.id:eq(i)):one()
    end
    for i = 1, 40 do
      db:update(tracks):set { seconds = i }:where(tracks.id:eq(i)):run()
    end
    db:close()

    assert.same({}, told)
  end)

  it("is not told when other work lies between", function()
    local db, told = opened { threshold = 5 }
    for i = 1, 50 do
      db:from(tracks):where(tracks.id:eq(i)):one()
      db:exec("UPDATE albums SET year = 1999 WHERE id = 1")
      db:exec("UPDATE albums SET year = 2000 WHERE id = 1")
      db:exec("UPDATE albums SET year = 2001 WHERE id = 1")
    end
    db:close()

    assert.same({}, told)
  end)

  it("takes true, false or a threshold", function()
    expect.misuse("threshold", d.open, ":memory:", { detect_n_plus_one = "yes" })
    expect.misuse('did you mean "threshold"', d.open, ":memory:",
      { detect_n_plus_one = { treshold = 3 } })
    expect.misuse("", d.open, ":memory:", { detect_n_plus_one = { threshold = 1 } })
    expect.misuse("", d.open, ":memory:", { slow = "1" })
    expect.misuse("", d.open, ":memory:", { slow = -1 })
    local db <close> = d.open(":memory:", { detect_n_plus_one = false })
    assert.is_true(db:is_open())
  end)
end)
