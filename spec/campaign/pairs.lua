-- Migrates random schemas into random others, and judges what comes out of it. See pairs.
--
--   dbscript pairs.lua FOLDER SEED COUNT [FIRST STEP]
--
-- Pair i has the seed SEED + i; only every STEP-th one from FIRST on is played. The last line is
-- the figures: passed, failed.
local native = require("dbcore.native")
local edit = require("pairs_edit")
local oracle = require("pairs_oracle")
local schema = require("pairs_schema")
local writer = require("pairs_writer")

local folder, seed, count = arg[1], tonumber(arg[2]), tonumber(arg[3])
local first, step = tonumber(arg[4] or 0), tonumber(arg[5] or 1)
local chance, pick, random = schema.chance, schema.pick, math.random

local figures = { passed = 0, failed = 0, migrated = 0, refused = 0, back = 0, exact = 0, rows = 0 }

-- --------------------------------------------------------------------------------------- the rows

local VALUES = {
  "1", "2", "3", "-5", "9007199254740993", "1.5", "3.0", "0.1 + 0.2", "'abc'", "'ABC'", "'007'",
  "'12'", "'1e3'", "'12.50'", "''", "'it''s'", "'tail  '", "x'00ff'", "NULL", "NULL", "'größe'",
  "'7.0'", "'a' || char(10)", "1e20",
}

local function value_for(tbl, column)
  for _, link in ipairs(tbl.links) do
    if link.columns[1] == column and chance(92) then
      return ("(SELECT %s FROM %s LIMIT 1 OFFSET %d)"):format(
        writer.quote(link.parents[1].name), writer.quote(link.parent.name), random(0, 3))
    end
  end
  if column.type == "INTEGER" and chance(60) then
    return tostring(random(1, 60))
  elseif column.type == "TEXT" and chance(50) then
    return ("'t%d'"):format(random(99))
  end
  return pick(VALUES)
end

-- Rows that the rules do not take are left out.
local function insert_rows(conn, tbl)
  local names = {}
  local plain = schema.plain_columns(tbl)
  for i, column in ipairs(plain) do
    names[i] = writer.quote(column.name)
  end
  for _ = 1, chance(12) and 0 or random(12) do
    local values = {}
    for i, column in ipairs(plain) do
      values[i] = value_for(tbl, column)
    end
    pcall(conn.exec, conn, ("INSERT OR IGNORE INTO %s (%s) VALUES (%s)"):format(
      writer.quote(tbl.name), table.concat(names, ", "), table.concat(values, ", ")))
  end
  -- Numbers that were given away are not given again.
  if tbl.key and tbl.key.autoincrement and chance(50) then
    local forget = ("DELETE FROM %s WHERE rowid > %d"):format(writer.quote(tbl.name), random(40))
    pcall(conn.exec, conn, forget)
  end
end

local function create(conn, s)
  local holding, speaking = writer.statements(s)
  for _, sql in ipairs(holding) do
    conn:exec(sql)
  end
  for _, tbl in ipairs(s.tables) do
    insert_rows(conn, tbl)
  end
  for _, sql in ipairs(speaking) do
    conn:exec(sql)
  end
end

-- -------------------------------------------------------------------------------------- the hints

-- Expressions over what the row was. They are said in the names it had.
local function add_fills(hints, tbl, past, source)
  for _, column in ipairs(tbl.columns) do
    local was = source[column]
    if not column.generated and not (tbl.key and schema.contains(tbl.key.columns, column)) then
      if not was and column.not_null and chance(50) then
        hints.backfill[column] = pick({ "7", "'x'", "1 + 1" })
        hints[#hints + 1] = { kind = "backfill", table = tbl.name, name = column.name,
          value = hints.backfill[column] }
      elseif was and column.type ~= was.type and chance(25) and past.name == tbl.name
        and was.name == column.name then
        hints.copy[column] = "CAST(" .. writer.quote(was.name) .. " AS TEXT)"
        hints[#hints + 1] = { kind = "copy", table = tbl.name, name = column.name,
          value = hints.copy[column] }
      end
    end
  end
end

local function add_renames(hints, tbl, past, source)
  if tbl.name ~= past.name then
    hints[#hints + 1] = { kind = "rename_table", table = past.name, value = tbl.name }
  end
  for _, column in ipairs(tbl.columns) do
    local was = source[column]
    if was and was.name ~= column.name then
      hints[#hints + 1] = { kind = "rename_column", table = past.name, name = was.name,
        value = column.name }
    end
  end
end

-- Tables and columns that two tables swapped cannot be spoken of by one name.
local function make_hints(to, source, allows, with_fills)
  local hints = { copy = {}, backfill = {}, allows = allows }
  for _, tbl in ipairs(to.tables) do
    if source[tbl] then
      add_renames(hints, tbl, source[tbl], source)
      if with_fills then
        add_fills(hints, tbl, source[tbl], source)
      end
    end
  end
  for _, index in ipairs(to.indexes) do
    local was = source[index]
    if was and was.name ~= index.name and with_fills then
      hints[#hints + 1] = { kind = "rename_index", name = was.name, value = index.name }
    end
  end
  if allows then
    hints[#hints + 1] = { kind = "allow_loss" }
  end
  return hints
end

-- ------------------------------------------------------------------------------------ a migration

local function check(good, what, ...)
  if not good then
    error(what:format(...), 0)
  end
end

local function refusals(plan)
  local out = {}
  for _, finding in ipairs(plan:findings()) do
    if finding.level == "refusal" then
      out[#out + 1] = finding.code .. " " .. finding.message
    end
  end
  return table.concat(out, "; ")
end

local function bytes_of(path)
  if path == ":memory:" then
    return nil
  end
  local file <close> = assert(io.open(path, "rb"))
  return file:read("a")
end

local function is_empty(conn, target)
  local plan = native.plan(conn, target)
  if #plan:steps() > 0 or #plan:differences() > 0 then
    local what = plan:differences()[1] or plan:steps()[1]
    error("the second plan is not empty: " .. (what.words or what.sql), 0)
  end
end

-- Migrates, and judges it: true when it was migrated, false when it was refused with reason.
local function migrate(conn, path, from, to, source, hints)
  local seen = oracle.look(conn, from)
  local verdict = oracle.expect(from, to, source, seen, hints)
  local wanted <close> = verdict.conn
  local reason = verdict.unfit[1] or not hints.allows and verdict.lost[1]
  local before, bytes = oracle.dump(conn), bytes_of(path)

  local target = native.catalog_of(conn, writer.sql(to))
  local planned, plan = pcall(native.plan, conn, target, { hints = hints })
  check(planned, "not planned: %s", tostring(plan))
  local fine, err = pcall(plan.apply, plan, conn)
  if not fine then
    check(type(err) == "table" and err.code == "refused", "failed instead of being refused: %s",
      tostring(err))
    check(before == oracle.dump(conn) and bytes == bytes_of(path), "a refusal changed the file")
    check(reason or verdict.doubtful, "refused without a reason: %s [%s]", tostring(err),
      refusals(plan))
    figures.refused = figures.refused + 1
    return false, verdict
  end
  check(not reason, "migrated although: %s", tostring(reason))
  oracle.compare(conn, wanted, to, source)
  is_empty(conn, target)
  figures.migrated = figures.migrated + 1
  return true, verdict
end

-- And back, and forth again.
local function there_and_back(conn, path, from, to, source, rows, is_exact)
  local back = edit.inverse(to, source)
  local fine, verdict = migrate(conn, path, to, from, back, make_hints(from, back, true, false))
  if not fine then
    return
  end
  figures.back = figures.back + 1
  if is_exact and verdict.is_exact then
    figures.exact = figures.exact + 1
    local now = oracle.look(conn, from).rows
    for _, tbl in ipairs(from.tables) do
      check(oracle.same_rows(tbl, rows[tbl], now[tbl]), "other rows of %s came back", tbl.name)
    end
  end
  migrate(conn, path, from, to, source, make_hints(to, source, true, false))
end

local function play(number, pair)
  math.randomseed(number)
  local path = number % 8 == 0 and folder .. "/pair.db" or ":memory:"
  os.remove(path)
  local conn <close> = native.open(path, { pragmas = { foreign_keys = chance(50),
    synchronous = "off",
    journal_mode = path ~= ":memory:" and "delete" or nil } })
  local from = schema.random()
  pair.from = writer.sql(from)
  create(conn, from)
  local to, source = edit.random(from)
  pair.to = writer.sql(to)
  pair.rows = oracle.dump(conn)
  local rows = oracle.look(conn, from).rows
  for _, list in next, rows do
    figures.rows = figures.rows + #list
  end
  pair.hints = make_hints(to, source, chance(60), true)
  local fine, verdict = migrate(conn, path, from, to, source, pair.hints)
  if not fine and not pair.hints.allows and not verdict.unfit[1] then
    pair.hints = make_hints(to, source, true, true)
    fine, verdict = migrate(conn, path, from, to, source, pair.hints)
  end
  if fine then
    there_and_back(conn, path, from, to, source, rows, verdict.is_exact)
  end
end

local function tell(number, pair, err)
  print(("pair %d failed: %s"):format(number, tostring(err)))
  print("-- from\n" .. tostring(pair.from))
  print("-- to\n" .. tostring(pair.to))
  for _, hint in ipairs(pair.hints or {}) do
    print("-- hint", hint.kind, hint.table, hint.name, hint.value)
  end
  if os.getenv("SHOW") then
    print("-- all\n" .. tostring(pair.rows))
  end
  print(("-- again: SEED=%d COUNT=1 spec/campaign/pairs"):format(number))
end

for number = seed + first, seed + count - 1, step do
  local pair = {}
  local fine, err = pcall(play, number, pair)
  if fine then
    figures.passed = figures.passed + 1
  else
    figures.failed = figures.failed + 1
    if figures.failed <= 5 then
      tell(number, pair, err)
    end
  end
end
print(("%d rows; %d migrations, %d refused with reason"):format(figures.rows, figures.migrated,
  figures.refused))
print(("%d there and back, %d of them without any loss"):format(figures.back, figures.exact))
print(("%d %d"):format(figures.passed, figures.failed))
