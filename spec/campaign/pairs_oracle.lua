-- What a migration has to come to, found without the engine that migrates: a fresh database has the
-- wanted schema, and the rows of the old one are copied into it by plain SQL. Whatever does not
-- go in, or would be lost, is why the engine has to refuse.
local native = require("dbcore.native")
local schema = require("pairs_schema")
local writer = require("pairs_writer")

local oracle = {}

local quote = writer.quote

local function query(conn, sql)
  return conn:query(sql):all()
end

-- ----------------------------------------------------------------------------------- what there is

-- The value of a column as an SQL literal. quote() ends a text where it has a NUL.
local function as_literal(column)
  local text = [[CASE WHEN typeof($) = 'text' AND instr(CAST($ AS BLOB), x'00') THEN
    'CAST(x''' || hex($) || ''' AS TEXT)' ELSE quote($) END]]
  return (text:gsub("%$", { ["$"] = quote(column.name) }))
end

-- The rows of a table as SQL literals: by the column's place, and 0 is the rowid.
local function rows_of(conn, tbl)
  local parts, rowid = {}, schema.rowid_of(tbl)
  for i, column in ipairs(tbl.columns) do
    parts[i] = as_literal(column) .. " AS c" .. i
  end
  parts[#parts + 1] = (rowid or "NULL") .. " AS c0"
  local rows = query(conn, "SELECT " .. table.concat(parts, ", ") .. " FROM " .. quote(tbl.name))
  for at, row in ipairs(rows) do
    local list = { [0] = row.c0 and tostring(row.c0) or "NULL" }
    for i = 1, #tbl.columns do
      list[i] = row["c" .. i]
    end
    rows[at] = list
  end
  return rows
end

-- How far the numbers of AUTOINCREMENT are.
local function sequence_of(conn, name)
  if #query(conn, "SELECT 1 FROM sqlite_master WHERE name = 'sqlite_sequence'") == 0 then
    return nil
  end
  return conn:query("SELECT seq FROM sqlite_sequence WHERE name = ?", name):value()
end

local function orphans_of(conn)
  return #query(conn, "SELECT 1 FROM pragma_foreign_key_check")
end

--- Whether two lists of rows hold the same values, in whatever order.
function oracle.same_rows(tbl, ...)
  local texts = {}
  for side, rows in ipairs({ ... }) do
    local lines = {}
    for i, row in ipairs(rows) do
      lines[i] = table.concat(row, ", ", 1, #tbl.columns)
    end
    table.sort(lines)
    texts[side] = table.concat(lines, "\n")
  end
  return texts[1] == texts[2]
end

--- All rows, before anything is done.
function oracle.look(conn, s)
  local seen = { rows = {}, sequence = {}, orphans = orphans_of(conn) }
  for _, tbl in ipairs(s.tables) do
    seen.rows[tbl] = rows_of(conn, tbl)
    seen.sequence[tbl] = sequence_of(conn, tbl.name)
  end
  return seen
end

--- Everything that can be seen of a database, as one text.
function oracle.dump(conn)
  local out = {}
  for _, object in ipairs(query(conn, "SELECT * FROM sqlite_master")) do
    out[#out + 1] = ("%s %s %s %s %s"):format(object.type, object.name, object.tbl_name,
      object.rootpage, object.sql)
    if object.type == "table" then
      for _, row in ipairs(query(conn, "SELECT * FROM " .. quote(object.name))) do
        local keys = {}
        for key in next, row do
          keys[#keys + 1] = key
        end
        table.sort(keys)
        for _, key in ipairs(keys) do
          out[#out + 1] = key .. "=" .. (math.type(row[key]) or type(row[key])) .. ":"
            .. tostring(row[key])
        end
      end
    end
  end
  return table.concat(out, "\n")
end

-- ------------------------------------------------------------------------------------ the new rows

-- Whether a value is another one than before, by more than the way it is stored.
local function is_lossy(old, new)
  if old == new then
    return false
  end
  local text = old:match("^'(.*)'$")
  local number = tonumber(new)
  if text and number then
    local whole = math.tointeger(number)
    return text ~= new and not (whole and text == ("%d"):format(whole))
  end
  text = new:match("^'(.*)'$")
  if text and tonumber(old) then
    return text ~= old
  end
  return not (number and tonumber(old) and number == tonumber(old))
end

-- A copy of a table's rows as they were, under the names they had, without any rules.
local function lay_out(conn, name, tbl, rows)
  local columns = { '"the n" INTEGER PRIMARY KEY', '"the rowid"' }
  for i, column in ipairs(tbl.columns) do
    columns[i + 2] = quote(column.name)
  end
  conn:exec("CREATE TEMP TABLE " .. name .. " (" .. table.concat(columns, ", ") .. ")")
  for _, row in ipairs(rows) do
    conn:exec("INSERT INTO " .. name .. " VALUES (NULL, " .. row[0] .. ", "
      .. table.concat(row, ", ") .. ")")
  end
end

-- What a column of the new table is filled with.
local function filling(to, column, source, hints)
  local past = source[column]
  local fill = hints.copy[column]
  if fill then
    return fill
  end
  fill = hints.backfill[column]
  if past then
    return fill and "coalesce(" .. quote(past.name) .. ", " .. fill .. ")" or quote(past.name)
  elseif fill then
    return fill
  elseif schema.alias_of(to) == column then
    return '"the rowid"'
  end
  return column.default or "NULL"
end

-- The new values of all rows, whatever the rules of the table say about them.
local function convert(conn, from_name, to, source, hints)
  local twin, names, fills = { '"the n" INTEGER PRIMARY KEY' }, {}, {}
  for _, column in ipairs(to.columns) do
    local text = quote(column.name) .. " " .. column.type
      .. (column.collate and " COLLATE " .. column.collate or "")
    if column.generated then
      text = text .. " AS (" .. writer.text(column.generated.expression) .. ")"
    else
      names[#names + 1] = quote(column.name)
      fills[#fills + 1] = filling(to, column, source, hints)
    end
    twin[#twin + 1] = text
  end
  conn:exec("CREATE TEMP TABLE twin (" .. table.concat(twin, ", ") .. ")"
    .. (to.strict and " STRICT" or ""))
  local fine, err = pcall(conn.exec, conn,
    ('INSERT INTO twin (%s) SELECT %s FROM %s ORDER BY "the n"'):format(table.concat(names, ", "),
      table.concat(fills, ", "), from_name))
  local rows = fine and rows_of(conn, { name = "twin", columns = to.columns })
  conn:exec("DROP TABLE twin")
  return rows, err
end

local function note(verdict, list, code, where)
  list[#list + 1] = code .. " " .. where
  verdict.is_exact = false
end

-- What the values of a table become, and which are not what they were.
local function judge_values(verdict, tbl, past, old, new, source, hints)
  local place = {}
  for i, column in ipairs(past.columns) do
    place[column] = i
  end
  for i, column in ipairs(tbl.columns) do
    local was = source[column]
    -- What a default fills in now may have been NULL once.
    for at = 1, was and 0 or #new do
      if not column.generated and new[at][i] ~= "NULL" then
        verdict.is_exact = false
      end
    end
    for at = 1, was and #old or 0 do
      local a, b = old[at][place[was]], new[at][i]
      local where = ("%s.%s: %s becomes %s"):format(tbl.name, column.name, a, b)
      if a ~= b then
        verdict.is_exact = false
      end
      if a == "NULL" and b == "NULL" and schema.alias_of(tbl) == column then
        note(verdict, verdict.unfit, "no key", where)
      elseif column.generated and not was.generated and is_lossy(a, b) then
        note(verdict, verdict.lost, "generated", where)
      elseif not column.generated and not hints.copy[column] and a ~= "NULL" and is_lossy(a, b) then
        note(verdict, verdict.lost, "changed", where)
      end
    end
  end
end

-- What is nowhere afterwards.
local function judge_losses(verdict, from, seen, source)
  local kept = {}
  for _, past in next, source do
    kept[past] = true
  end
  for _, tbl in ipairs(from.tables) do
    local rows = seen.rows[tbl]
    if not kept[tbl] and #rows > 0 then
      note(verdict, verdict.lost, "table", tbl.name)
    end
    for i, column in ipairs(kept[tbl] and tbl.columns or {}) do
      for _, row in ipairs(kept[column] and {} or rows) do
        if row[i] ~= "NULL" and not column.generated then
          note(verdict, verdict.lost, "column", tbl.name .. "." .. column.name)
          break
        end
      end
    end
  end
end

--- Whether a table has a rowid nobody sees, before and after: then it has to be the same.
local function keeps_rowid(tbl, past)
  return past and schema.rowid_of(tbl) and schema.rowid_of(past) and not schema.alias_of(tbl)
    and not schema.alias_of(past)
end

local function fill_table(verdict, conn, number, tbl, past, seen, source, hints)
  local name, names, fills = "temp.old" .. number, {}, {}
  lay_out(conn, name, past, seen.rows[past])
  for _, column in ipairs(tbl.columns) do
    if not column.generated then
      names[#names + 1] = quote(column.name)
      fills[#fills + 1] = filling(tbl, column, source, hints)
    end
  end
  if keeps_rowid(tbl, past) then
    names[#names + 1], fills[#fills + 1] = schema.rowid_of(tbl), '"the rowid"'
  end
  local new, err = convert(conn, name, tbl, source, hints)
  if new then
    judge_values(verdict, tbl, past, seen.rows[past], new, source, hints)
    local insert = "INSERT OR ABORT INTO main.%s (%s) SELECT %s FROM %s"
    new, err = pcall(conn.exec, conn, insert:format(quote(tbl.name),
      table.concat(names, ", "), table.concat(fills, ", "), name))
  end
  if not new then
    note(verdict, verdict.unfit, "rows", tostring(err))
  end
  conn:exec("DROP TABLE " .. name)
  local mark = seen.sequence[past]
  local counts = tbl.key and tbl.key.autoincrement
  if new and mark and counts and mark > (sequence_of(conn, tbl.name) or -1) then
    conn:exec("DELETE FROM sqlite_sequence WHERE name = ?", tbl.name)
    conn:exec("INSERT INTO sqlite_sequence VALUES (?, ?)", tbl.name, mark)
  end
end

--- The database that has to come out of it, and what speaks against it: `lost` needs consent,
--- `unfit` has to be refused whatever was said, `doubtful` may be.
function oracle.expect(from, to, source, seen, hints)
  local conn = native.open(":memory:", { pragmas = { foreign_keys = false } })
  local verdict = { conn = conn, lost = {}, unfit = {}, is_exact = true }
  local holding, speaking = writer.statements(to)
  for _, sql in ipairs(holding) do
    conn:exec(sql)
  end
  for i, tbl in ipairs(to.tables) do
    if source[tbl] then
      fill_table(verdict, conn, i, tbl, source[tbl], seen, source, hints)
    end
  end
  judge_losses(verdict, from, seen, source)
  local orphans = orphans_of(conn)
  if orphans > 0 and seen.orphans == 0 then
    note(verdict, verdict.unfit, "orphans", tostring(orphans))
  end
  verdict.doubtful = orphans > 0
  for _, sql in ipairs(speaking) do
    conn:exec(sql)
  end
  return verdict
end

-- ------------------------------------------------------------------------------------- comparing

-- A statement without what means nothing: blanks, case and quotes outside of literals.
local function normalize(sql)
  local out, at = {}, 1
  while at <= #sql do
    local literal = sql:match("^'[^']*'", at)
    local name = not literal and sql:match('^"[^"]*"', at)
    if literal or name then
      out[#out + 1] = literal or name:sub(2, -2)
      at = at + #(literal or name)
    else
      local char = sql:sub(at, at)
      out[#out + 1] = char:match("%s") and "" or char:lower()
      at = at + 1
    end
  end
  -- What a foreign key does without being told.
  return (table.concat(out):gsub("ondeletenoaction", ""):gsub("onupdatenoaction", ""))
end

-- Rows of an answer as texts. In a text that speaks of a name its letters' case means nothing.
local function answer(conn, sql, as_written)
  local lines = {}
  for _, row in ipairs(query(conn, sql)) do
    local keys, parts = {}, {}
    for key in next, row do
      keys[#keys + 1] = key
    end
    table.sort(keys)
    for i, key in ipairs(keys) do
      local value = key == "sql" and normalize(row.sql) or row[key]
      parts[i] = key .. "=" .. (math.type(value) or type(value)) .. ":" .. tostring(value)
    end
    local line = table.concat(parts, " ")
    lines[#lines + 1] = as_written and line or schema.fold(line)
  end
  table.sort(lines)
  return table.concat(lines, "\n")
end

local QUESTIONS = {
  "SELECT type, name, tbl_name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite$_%' ESCAPE '$'"
    .. " OR name LIKE 'sqlite$_auto%' ESCAPE '$'",
  "SELECT name, type, ncol, wr, strict FROM pragma_table_list WHERE schema = 'main'"
    .. " AND name <> 'sqlite_sequence'",
  'SELECT m.name AS t, x.cid, x.name, x.type, x."notnull", x.dflt_value, x.pk, x.hidden FROM'
    .. " sqlite_master AS m JOIN pragma_table_xinfo(m.name) AS x WHERE m.type = 'table'"
    .. " AND m.name <> 'sqlite_sequence'",
  'SELECT m.name AS t, f."table", f."from", f."to", f.on_update, f.on_delete, f.seq FROM'
    .. " sqlite_master AS m JOIN pragma_foreign_key_list(m.name) AS f WHERE m.type = 'table'",
  'SELECT m.name AS t, l.name AS i, l.origin, l."unique", l.partial, x.seqno, x.name, x."desc",'
    .. " x.coll FROM sqlite_master AS m JOIN pragma_index_list(m.name) AS l"
    .. " JOIN pragma_index_xinfo(l.name) AS x WHERE m.type = 'table' AND x.key",
}

local NAMES = "SELECT m.name AS t, x.cid, x.name FROM sqlite_master AS m"
  .. " JOIN pragma_table_xinfo(m.name) AS x WHERE m.type = 'table' AND m.name <> 'sqlite_sequence'"

local function compare(found, wanted, sql, what, as_written)
  local a, b = answer(found, sql, as_written), answer(wanted, sql, as_written)
  if a ~= b then
    error(("%s\n-- is\n%s\n-- should be\n%s"):format(what, a, b), 0)
  end
end

local function compare_rows(found, wanted, tbl, past)
  local parts = {}
  for i, column in ipairs(tbl.columns) do
    parts[i] = as_literal(column) .. " AS c" .. i
  end
  if keeps_rowid(tbl, past) then
    parts[#parts + 1] = schema.rowid_of(tbl) .. " AS r"
  end
  compare(found, wanted, "SELECT " .. table.concat(parts, ", ") .. " FROM " .. quote(tbl.name),
    "the rows of " .. tbl.name, true)
end

--- Raises what differs between a database and what it should be.
function oracle.compare(found, wanted, to, source)
  for _, sql in ipairs(QUESTIONS) do
    compare(found, wanted, sql, "the schema")
  end
  compare(found, wanted, NAMES, "the names", true)
  for _, tbl in ipairs(to.tables) do
    compare_rows(found, wanted, tbl, source[tbl])
    local a, b = sequence_of(found, tbl.name) or 0, sequence_of(wanted, tbl.name) or 0
    if a ~= b then
      error(("the sequence of %s is %s and should be %s"):format(tbl.name, a, b), 0)
    end
  end
  for _, view in ipairs(to.views) do
    compare(found, wanted, "SELECT * FROM " .. quote(view.name), "the view " .. view.name)
  end
  compare(found, wanted, "PRAGMA integrity_check", "the integrity check")
end

return oracle
