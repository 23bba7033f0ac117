-- The parts of spec/campaign/migrate, one a call:
--
--   prepare DATABASE MODE        a file in journal mode MODE, at version 1, with rows
--   folder PATH                  the migrations
--   run DATABASE FOLDER          migrates to the end; exits 1 with "code: message" when it fails
--   judge DATABASE               prints before, after, or what is wrong
--   count DATABASE               prints how often each migration was applied, and what is wrong
local d = require("dbcore")

local ROWS = 300

local FIRST = [[
CREATE TABLE users (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL, gone TEXT);
CREATE TABLE posts (id INTEGER PRIMARY KEY, author INTEGER REFERENCES users ON DELETE CASCADE,
  title TEXT);
CREATE INDEX users_name ON users (name);
CREATE VIEW names AS SELECT name FROM users;
CREATE TRIGGER users_in AFTER INSERT ON users BEGIN SELECT 1; END;
]]

-- A table is copied, which its children, a view and a trigger must survive; and rows change.
local SECOND = [[
return {
  up = function(m)
    m:rebuild("users", function(t)
      t:drop_column "gone"
      t:change(d.text "name" :not_null() :collate "nocase")
      t:add(d.text "role" :not_null() :default "reader")
    end)
    m:execute "UPDATE posts SET title = upper(title)"
  end,
}
]]

local function write(path, text)
  local file = assert(io.open(path, "w"))
  file:write(text)
  file:close()
end

local parts = {}

function parts.folder(path)
  write(path .. "/0001_first.sql", FIRST)
  write(path .. "/0002_second.lua", SECOND)
end

function parts.prepare(path, mode)
  local db <close> = d.open(path, { pragmas = { journal_mode = mode } })
  d.migrator(db, { migrations = { { version = "0001", name = "first", sql = FIRST } } }):up()
  db:exec("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < " .. ROWS
    .. ") INSERT INTO users (id, name, gone) SELECT i, 'name ' || i, hex(zeroblob(40)) FROM n")
  db:exec "INSERT INTO posts SELECT id, id, 'title ' || id FROM users"
end

function parts.run(path, folder)
  local good, err = pcall(function()
    local db <close> = d.open(path)
    d.migrator(db, { dir = folder, backup = false, lock_timeout = 60 }):up()
  end)
  if not good then
    print(type(err) == "table" and ("%s: %s"):format(err.code, err.message) or tostring(err))
    os.exit(1)
  end
end

-- What should be there at a version: column names, a sum over the rows, children.
local STATES = {
  before = { columns = "id name gone", upper = 0 },
  after = { columns = "id name role", upper = ROWS },
}

local function state_of(db)
  local columns = db:query("SELECT group_concat(name, ' ') FROM pragma_table_info('users')"):value()
  local upper = db:query("SELECT count(*) FROM posts WHERE title GLOB 'TITLE *'"):value()
  local applied = db:query("SELECT count(*) FROM dbcore_migrations WHERE direction = 'up'"):value()
  for _, name in ipairs { "before", "after" } do
    local state = STATES[name]
    if columns == state.columns and upper == state.upper
      and applied == (name == "before" and 1 or 2) then
      return name
    end
  end
  return ("neither: columns %s, %d titles, %d applied"):format(columns, upper, applied)
end

local function problems_of(db)
  local sound, list = db:integrity_check()
  if not sound then
    return list[1]
  end
  for sql, due in pairs {
    ["SELECT count(*) FROM users"] = ROWS,
    ["SELECT count(*) FROM posts"] = ROWS,
    ["SELECT count(*) FROM names"] = ROWS,
    ["SELECT count(*) FROM sqlite_master WHERE name IN ('users_name', 'users_in', 'names')"] = 3,
    ["SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'"] = 3,
    ["SELECT seq FROM sqlite_sequence WHERE name = 'users'"] = ROWS,
  } do
    local found = db:query(sql):value()
    if found ~= due then
      return ("%s gives %s, not %d"):format(sql, tostring(found), due)
    end
  end
  return nil
end

function parts.judge(path)
  local db <close> = d.open(path)
  print(problems_of(db) or state_of(db))
end

function parts.count(path)
  local db <close> = d.open(path)
  local counts = db:query("SELECT group_concat(n, ' ') FROM (SELECT count(*) AS n FROM "
    .. "dbcore_migrations WHERE direction = 'up' GROUP BY version ORDER BY version)"):value()
  local claims = db:query("SELECT count(*) FROM dbcore_migrations WHERE direction = 'running'")
    :value()
  print(counts .. (claims > 0 and ", claims left" or "")
    .. ((db:integrity_check()) and "" or ", damaged"))
end

parts[arg[1]](table.unpack(arg, 2))
