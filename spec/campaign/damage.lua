-- Damaged files, one after the other. See damage.
--
--   dbscript damage.lua FOLDER COUNT SEED
--
-- COUNT is how many files get random bytes in each of their kinds. It ends with a line of two
-- numbers: how many files were good, and how many were not.
--
-- The log carries checksums, so whatever is done to it the file must open as it was after some
-- commit, whole. A database or a journal carries none: there a change may pass unseen. What must
-- never happen is a crash, an endless loop, an error without its code, or a file that stays locked.
local d = require("dbcore")
local native = require("dbcore.native")
local files = require("spec.support.files")

local folder, count, seed = arg[1], math.tointeger(arg[2]), math.tointeger(arg[3])
local path = folder .. "/damaged.db"

local HEADER = 100                      -- bytes before the first page's own
local COMMITS_IN_FILE, COMMITS = 5, 20  -- before the log is left as it is; in all
local ROWS_A_COMMIT = 25
local FRAME_HEADER, LOG_HEADER, PAGE = 24, 32, 4096
local SLOWEST = 20                      -- seconds one file may take

local items = d.table("items", {
  d.integer "id" :primary_key(),
  d.text "name" :not_null():unique(),
  d.integer "made_in" :not_null(),      -- the commit
  d.blob "data" :not_null(),
})
local notes = d.table("notes", {
  d.integer "id" :primary_key(),
  d.integer "item_id" :not_null():references("items.id", { on_delete = "cascade" }),
  d.text "body",
  d.index "notes_item" :on("item_id"),
})
local schema = d.schema { items, notes }

-- --------------------------------------------------------------------------------------- files

-- The files of a database, as bytes by suffix.
local function take(name)
  return { [""] = files.read(name), ["-wal"] = files.read(name .. "-wal"),
    ["-journal"] = files.read(name .. "-journal") }
end

local function lay(parts)
  for _, suffix in ipairs { "", "-wal", "-shm", "-journal" } do
    os.remove(path .. suffix)
    if parts[suffix] then
      files.write(path .. suffix, parts[suffix])
    end
  end
end

-- ------------------------------------------------------------------------------ what is damaged

local function commit(db, number)
  db:transaction(function(tx)
    local list = {}
    for i = 1, ROWS_A_COMMIT do
      local id = (number - 1) * ROWS_A_COMMIT + i
      list[i] = { id = id, name = "item " .. id, made_in = number, data = (id .. ";"):rep(60) }
    end
    tx:insert(items):values(list):run()
    for i = 1, ROWS_A_COMMIT do
      list[i] = { item_id = list[i].id, body = "about " .. list[i].name }
    end
    tx:insert(notes):values(list):run()
  end)
end

-- A database with a log that nobody has copied back.
local function with_log(name)
  local db <close> = d.open(name, { schema = schema })
  db:create(schema)
  for number = 1, COMMITS_IN_FILE do
    commit(db, number)
  end
  db:checkpoint("truncate")
  for number = COMMITS_IN_FILE + 1, COMMITS do
    commit(db, number)
  end
  return take(name)
end

-- One whose writer was stopped in the middle: the journal says how to go back.
local function with_journal(name)
  local db <close> = d.open(name, { schema = schema,
    pragmas = { journal_mode = "delete", cache_size = 10 } })
  db:create(schema)
  for number = 1, COMMITS do
    commit(db, number)
  end
  local tx = db:begin()
  tx:update(items):set { data = ("x"):rep(900) }:everywhere():run()
  local parts = take(name)
  tx:rollback()
  return parts
end

local function plain(name)
  local db <close> = d.open(name, { schema = schema })
  db:create(schema)
  for number = 1, COMMITS do
    commit(db, number)
  end
  db:checkpoint("truncate")
  return { [""] = files.read(name) }
end

-- ----------------------------------------------------------------------------------- the work

local CODES = {
  corrupt = true, cannot_open = true, io = true, full = true, limit = true, no_memory = true,
  database = true, syntax = true, unsupported = true, broken = true, drift = true,
  validation = true, readonly = true, timeout = true, schema = true,
}

-- Whether an error is one that a damaged file may give: a code, one clear line.
local function judge(err)
  if type(err) ~= "table" or not err.code then
    return "an error that is none: " .. tostring(err)
  end
  if not CODES[err.code] and not err.code:find("^constraint") then
    return ("an error of the wrong kind: %s: %s"):format(err.code, err.message)
  end
  if err.message == "" or err.message:find("\n") then
    return "an error that is not one line: " .. err.message
  end
end

local WORK = {
  function(db) return db:from(items):all() end,
  function(db)
    return db:from(items):join(notes, notes.item_id:eq(items.id)):order_by(items.name:desc())
      :select(items.name, notes.body):all()
  end,
  function(db) return db:from(items):where(items.name:eq("item 77")):one() end,
  function(db)
    db:insert(items):values { id = 100000, name = "new", made_in = 0, data = "new" }:run()
  end,
  function(db)
    db:update(items):set { data = ("y"):rep(3000) }:where(items.id:between(40, 60)):run()
  end,
  function(db) db:delete(items):where(items.id:gt(300)):run() end,
  function(db) db:vacuum() end,
}

-- Does all that is done with a database. Returns what is wrong, or nil and how far it got.
local function work()
  local opened, db = pcall(d.open, path, { schema = schema })
  if not opened then
    return judge(db), "refused when it is opened"
  end
  local noticed
  local checked, sound = pcall(db.integrity_check, db)
  local wrong = not checked and judge(sound) or nil
  if not checked or not sound then
    noticed = "found by the check"
  end
  for _, step in ipairs(WORK) do
    local good, err = pcall(step, db)
    if not good then
      wrong = wrong or judge(err)
      noticed = noticed or "found at work"
    end
  end
  local closed, err = pcall(db.close, db)
  if not closed then
    wrong = wrong or judge(err)
  end
  return wrong, noticed or "not noticed"
end

-- For a log: the file is as it was after some commit, and sound.
local function work_on_prefix()
  local opened, db = pcall(d.open, path, { schema = schema })
  if not opened then
    return "it does not open: " .. tostring(db), "refused"
  end
  local _ <close> = db
  local last = db:from(items):select(d.max(items.made_in)):value() or 0
  if last < COMMITS_IN_FILE then
    return "commits of the file itself are gone", "short"
  end
  if db:from(items):count() ~= last * ROWS_A_COMMIT
    or db:from(notes):count() ~= last * ROWS_A_COMMIT then
    return ("half a commit behind the %dth"):format(last), "half"
  end
  local sound, problems = db:integrity_check()
  if not sound then
    return "it is not sound: " .. problems[1], "unsound"
  end
  commit(db, last + 1)
  return nil, last == COMMITS and "whole" or "as after an earlier commit"
end

-- ---------------------------------------------------------------------------------- the damage

local function with_byte(bytes, at, byte)
  return bytes:sub(1, at - 1) .. string.char(byte) .. bytes:sub(at + 1)
end

local function with_random_bytes(bytes)
  for _ = 1, math.random(1, 8) do
    bytes = with_byte(bytes, math.random(#bytes), math.random(0, 255))
  end
  return bytes
end

local good, bad = 0, 0
local seen = {}

local function try(kind, parts, job)
  lay(parts)
  local started = native.clock()
  local ran, wrong, how = pcall(job)
  if not ran then
    wrong, how = judge(wrong) or tostring(wrong), "failed"
  elseif native.clock() - started > SLOWEST then
    wrong = "it took long"
  end
  if wrong then
    bad = bad + 1
    print(("   wrong (%s, seed %d, file %d): %s"):format(kind, seed, good + bad, wrong))
  else
    good = good + 1
  end
  seen[kind] = seen[kind] or {}
  seen[kind][how] = (seen[kind][how] or 0) + 1
end

local function show(kind)
  local words = {}
  for how, times in pairs(seen[kind]) do
    words[#words + 1] = ("%d %s"):format(times, how)
  end
  table.sort(words)
  print(("%s: %s"):format(kind, table.concat(words, ", ")))
end

local function damage_header(parts, per_byte)
  for at = 1, HEADER do
    for _ = 1, per_byte do
      local byte = ({ 0, 255, math.random(0, 255) })[math.random(3)]
      try("a byte of the header", { [""] = with_byte(parts[""], at, byte) }, work)
    end
  end
  show("a byte of the header")
end

local function damage_part(kind, parts, suffix, job)
  for _ = 1, count do
    local copy = { [""] = parts[""], ["-wal"] = parts["-wal"], ["-journal"] = parts["-journal"] }
    copy[suffix] = with_random_bytes(copy[suffix])
    try(kind, copy, job)
  end
  show(kind)
end

-- At each border between two frames, and somewhere inside of each.
local function cut_log(parts)
  local log = parts["-wal"]
  local step = FRAME_HEADER + PAGE
  for border = LOG_HEADER, #log, step do
    for _, at in ipairs { border, border + math.random(step - 1) } do
      try("a log that was cut", { [""] = parts[""], ["-wal"] = log:sub(1, at) }, work_on_prefix)
    end
  end
  show("a log that was cut")
end

math.randomseed(seed)
print("seed " .. seed)
local base = plain(folder .. "/plain.db")
damage_header(base, math.max(1, count // 80))
damage_part("bytes of the file", base, "", work)
local logged = with_log(folder .. "/logged.db")
assert(logged["-wal"] and #logged["-wal"] > 20 * PAGE, "the log is short")
damage_part("bytes of the log", logged, "-wal", work_on_prefix)
cut_log(logged)
local journaled = with_journal(folder .. "/journaled.db")
assert(journaled["-journal"] and #journaled["-journal"] > PAGE, "there is no hot journal")
damage_part("bytes of a hot journal", journaled, "-journal", work)
print(("%d %d"):format(good, bad))
