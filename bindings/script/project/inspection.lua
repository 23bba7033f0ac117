-- What a database holds, asked from the database itself: tables with their columns, keys and
-- indexes, views, triggers. It knows more than a description, since whoever looks for mistakes or
-- draws a picture must see what is there and not what was meant.
local token = require("dbcore.token")

local inspection = {}

-- The table of the migrations' history, which is nobody's business.
local INTERNAL = { dbcore_migrations = true }

---@class dbscript.Inspection
---@field tables dbscript.InspectedTable[] in the order of creation; also virtual tables
---@field by_name table<string, dbscript.InspectedTable> by lower-case name
---@field indexes table[] of CREATE INDEX: { name, table, sql }
---@field views table[] { name, sql, columns }
---@field views_by_name table<string, table> by lower-case name
---@field triggers table[] { name, table, sql }

---@class dbscript.InspectedTable
---@field name string
---@field kind "table"|"virtual"
---@field sql string
---@field strict boolean
---@field without_rowid boolean
---@field columns table[] { name, type, not_null, default, key (place in the primary key or 0),
--- hidden (0, 1 hidden, 2 virtual, 3 stored) }
---@field indexes table[] { name, unique, origin ("c", "u", "pk"), partial, columns (name or false
--- for an expression), collations, descending, text (what it is over) and where (its condition, or
--- nil) in one form for all layouts }
---@field foreign_keys table[] { id, table, columns, to (empty: its primary key), on_delete,
--- on_update }

local function fold(name)
  return (name:gsub("%u", string.lower))
end

inspection.fold = fold

local function read_objects(db, self)
  local place = {}
  for row in db:query("SELECT rowid AS place, type, name, tbl_name, sql FROM sqlite_schema "
    .. "ORDER BY rowid") do
    place[row.name] = place[row.name] or row.place
    if INTERNAL[row.tbl_name] or fold(row.name):find("^sqlite_") then
      goto continue
    elseif row.type == "index" then
      table.insert(self.indexes, { name = row.name, table = row.tbl_name, sql = row.sql })
    elseif row.type == "view" then
      local view = { name = row.name, sql = row.sql }
      table.insert(self.views, view)
      self.views_by_name[fold(row.name)] = view
    elseif row.type == "trigger" then
      table.insert(self.triggers, { name = row.name, table = row.tbl_name, sql = row.sql })
    end
    ::continue::
  end
  return place
end

local function read_tables(db, self)
  for row in db:query([[
    SELECT l.name, l.type, l.wr, l.strict, s.sql
    FROM pragma_table_list AS l
    JOIN sqlite_schema AS s ON s.name = l.name AND s.type = 'table'
    WHERE l.schema = 'main' AND l.type IN ('table', 'virtual')
    ORDER BY s.rowid]]) do
    if not INTERNAL[row.name] and not fold(row.name):find("^sqlite_") then
      local one = { name = row.name, kind = row.type, sql = row.sql, strict = row.strict == 1,
        without_rowid = row.wr == 1, columns = {}, indexes = {}, foreign_keys = {} }
      table.insert(self.tables, one)
      self.by_name[fold(row.name)] = one
    end
  end
end

-- A module that is not there, or a broken definition, hides the columns of one table only.
local function rows_of(db, sql, name)
  local ok, rows = pcall(function()
    return db:query(sql, name):all()
  end)
  return ok and rows or {}
end

local function read_columns(db, one)
  for _, row in ipairs(rows_of(db, "SELECT * FROM pragma_table_xinfo(?) ORDER BY cid", one.name)) do
    if row.hidden ~= 1 then
      table.insert(one.columns, { name = row.name, type = row.type, not_null = row.notnull == 1,
        default = row.dflt_value, key = row.pk, hidden = row.hidden })
    end
  end
end

-- What an index is over and under which condition, in words that layout and case do not change.
local function read_text(sql)
  local parts, where, depth = {}, nil, 0
  for kind, word in token.each(sql or "") do
    depth = depth + (word == "(" and 1 or word == ")" and -1 or 0)
    if kind == "word" and depth == 0 and where == nil and fold(word) == "where" then
      where = {}
    elseif kind ~= "space" and kind ~= "comment" then
      local plain = kind == "name" and fold(token.unquote(word)) or kind == "word" and fold(word)
        or word
      table.insert(where or parts, plain)
    end
  end
  local text = table.concat(parts, " ")
  return text:sub((text:find("(", 1, true) or 1)), where and table.concat(where, " ")
end

local function read_index(db, row, sql)
  local index = { name = row.name, unique = row.unique == 1, origin = row.origin,
    partial = row.partial == 1, columns = {}, collations = {}, descending = {} }
  index.text, index.where = read_text(sql)
  for _, part in ipairs(rows_of(db,
    'SELECT name, "desc", coll FROM pragma_index_xinfo(?) WHERE key = 1 ORDER BY seqno',
    row.name)) do
    table.insert(index.columns, part.name or false)
    table.insert(index.collations, part.coll)
    table.insert(index.descending, part.desc == 1)
  end
  return index
end

local function read_indexes(db, one, texts)
  for _, row in ipairs(rows_of(db,
    'SELECT name, "unique", origin, partial FROM pragma_index_list(?) ORDER BY seq DESC',
    one.name)) do
    table.insert(one.indexes, read_index(db, row, texts[row.name]))
  end
end

local function read_foreign_keys(db, one)
  local by_id = {}
  for _, row in ipairs(rows_of(db, [[
    SELECT id, seq, "table" AS target, "from" AS own, "to" AS other, on_update, on_delete
    FROM pragma_foreign_key_list(?) ORDER BY id DESC, seq]], one.name)) do
    local key = by_id[row.id]
    if not key then
      key = { id = row.id, table = row.target, columns = {}, to = {}, on_delete = row.on_delete,
        on_update = row.on_update }
      by_id[row.id] = key
      table.insert(one.foreign_keys, key)
    end
    table.insert(key.columns, row.own)
    table.insert(key.to, row.other)
  end
end

--- Reads everything.
---@param db dbcore.Conn
---@return dbscript.Inspection
function inspection.read(db)
  local self = { tables = {}, by_name = {}, indexes = {}, views = {}, views_by_name = {},
    triggers = {} }
  read_objects(db, self)
  read_tables(db, self)
  local texts = {}
  for _, index in ipairs(self.indexes) do
    texts[index.name] = index.sql
  end
  for _, view in ipairs(self.views) do
    view.columns = {}
    read_columns(db, view)
  end
  for _, one in ipairs(self.tables) do
    read_columns(db, one)
    read_indexes(db, one, texts)
    read_foreign_keys(db, one)
  end
  return self
end

--- The column of a table with that name, or nil.
---@param one dbscript.InspectedTable
---@param name string
---@return table?
function inspection.column(one, name)
  for _, column in ipairs(one.columns) do
    if fold(column.name) == fold(name) then
      return column
    end
  end
end

--- The names of the columns of a table's primary key, in its order.
---@param one dbscript.InspectedTable
---@return string[]
function inspection.primary_key(one)
  local names = {}
  for _, column in ipairs(one.columns) do
    if column.key > 0 then
      names[column.key] = column.name
    end
  end
  return names
end

-- Whether `list` begins with `names`, in any order of these.
local function begins_with(list, names)
  local wanted = {}
  for _, name in ipairs(names) do
    wanted[fold(name)] = true
  end
  for i = 1, #names do
    if not list[i] or not wanted[fold(list[i])] then
      return false
    end
  end
  return true
end

--- Whether rows are found by these columns without reading the whole table.
---@param one dbscript.InspectedTable
---@param names string[]
---@return boolean
function inspection.is_indexed(one, names)
  if begins_with(inspection.primary_key(one), names) then
    return true
  end
  for _, index in ipairs(one.indexes) do
    -- A value that is looked for is not NULL.
    local is_whole = not index.partial
      or #names == 1 and index.where == fold(names[1]) .. " is not null"
    if is_whole and begins_with(index.columns, names) then
      return true
    end
  end
  return false
end

--- Whether no two rows can have the same values in these columns: what a foreign key may point to.
---@param one dbscript.InspectedTable
---@param names string[]
---@return boolean
function inspection.is_unique(one, names)
  local key = inspection.primary_key(one)
  if #key == #names and begins_with(key, names) then
    return true
  end
  for _, index in ipairs(one.indexes) do
    if index.unique and not index.partial and #index.columns == #names
      and begins_with(index.columns, names) then
      return true
    end
  end
  return false
end

-- Whether index `a` finds all that `b` finds: b's parts are the first of a.
local function covers(a, b)
  local is_same = a.text ~= "" and a.text == b.text and a.where == b.where
  if is_same or a.partial or b.partial or #a.columns < #b.columns then
    return is_same
  end
  for i, name in ipairs(b.columns) do
    if not name or not a.columns[i] or fold(a.columns[i]) ~= fold(name)
      or a.collations[i] ~= b.collations[i] or a.descending[i] ~= b.descending[i] then
      return false
    end
  end
  return true
end

-- Whether rows are kept in the order of that index anyway: by an integer that is their rowid.
local function is_rowid(one, index)
  local key = inspection.primary_key(one)
  local column = #key == 1 and not one.without_rowid and inspection.column(one, key[1])
  return column and fold(column.type) == "integer" and #index.columns == 1 and index.columns[1]
    and fold(index.columns[1]) == fold(column.name) and index.origin == "c"
    and not index.partial
end

--- Indexes that another one makes needless, each with that one, or the key of the table.
---@param one dbscript.InspectedTable
---@return { index: table, by: table? }[] found without `by` it is the key
function inspection.redundant_indexes(one)
  local found = {}
  for _, index in ipairs(one.indexes) do
    if is_rowid(one, index) then
      found[#found + 1] = { index = index }
    end
  end
  for i, index in ipairs(one.indexes) do
    for j, other in ipairs(one.indexes) do
      local is_same_length = #other.columns == #index.columns
      local is_needless = index.origin == "c" and i ~= j and covers(other, index)
        and (not index.unique or other.unique and is_same_length)
        -- Of two equal ones the later is needless.
        and not (is_same_length and other.origin == "c" and other.unique == index.unique
          and j > i)
      if is_needless then
        found[#found + 1] = { index = index, by = other }
        break
      end
    end
  end
  return found
end

return inspection
