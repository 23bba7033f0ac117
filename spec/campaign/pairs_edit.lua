-- Random edits: a second schema is made from the first, and for each of its tables, columns and
-- indexes it is known what it was before.
local schema = require("pairs_schema")

local edit = {}

local chance, pick, random = schema.chance, schema.pick, math.random

-- What stands for a table, a column or an index: of these it matters what they were.
local function has_past(object)
  return object.is_table or object.is_column or object.is_index
end

local function copy(object, seen, source)
  if type(object) ~= "table" then
    return object
  end
  if not seen[object] then
    local new = {}
    seen[object] = new
    for key, value in next, object do
      new[key] = copy(value, seen, source)
    end
    if has_past(object) then
      source[new] = object
    end
  end
  return seen[object]
end

-- Names that something new may not have, or it would be taken for what had them.
local function past_names(list, source, past, taken)
  local kept = {}
  for _, object in ipairs(list) do
    if source[object] and schema.fold(source[object].name) ~= schema.fold(object.name) then
      kept[source[object]] = true
    end
  end
  for _, object in ipairs(past) do
    if not kept[object] then
      taken[schema.fold(object.name)] = true
    end
  end
  return taken
end

-- Gives an object the name of another one, which gets its own; or its own in another case; or a
-- new one.
local function rename(object, other, source, new_name)
  if other then
    if source[object] and source[other] then
      object.name, other.name = other.name, object.name
    end
  elseif chance(15) then
    object.name = object.name:gsub("%l", string.upper, 1)
  else
    object.name = new_name()
  end
end

-- What is new takes no name of what was there.
local function rename_table(s, source, from)
  local tbl = pick(s.tables)
  local taken = schema.taken_objects(s)
  if not source[tbl] then
    past_names(s.tables, source, from.tables, taken)
  end
  rename(tbl, #s.tables > 1 and chance(15) and pick(s.tables), source, function()
    return schema.table_name(taken)
  end)
end

local function rename_column(s, source)
  local tbl = pick(s.tables)
  local column = pick(tbl.columns)
  local taken = schema.taken_columns(tbl)
  if not source[column] and source[tbl] then
    past_names(tbl.columns, source, source[tbl].columns, taken)
  end
  rename(column, chance(20) and pick(tbl.columns), source, function()
    return schema.column_name(taken)
  end)
end

local function add_column(s, source)
  local tbl = pick(s.tables)
  local past = source[tbl] and source[tbl].columns or {}
  local taken = past_names(tbl.columns, source, past, schema.taken_columns(tbl))
  local column = schema.add_column(tbl, schema.column_name(taken))
  if column.not_null and not column.default and chance(70) then
    column.default = schema.random_default(tbl, column)
    if column.default == "NULL" then
      column.default = "'x'"
    end
  end
  if chance(30) then
    table.insert(tbl.columns, random(#tbl.columns), table.remove(tbl.columns))
  end
end

local function drop_column(s)
  local tbl = pick(s.tables)
  local column = pick(tbl.columns)
  local plain = schema.plain_columns(tbl)
  if #plain > 1 or column.generated then
    column.dead = true
  end
end

local function add_table(s, source, from)
  local taken = past_names(s.tables, source, from.tables, schema.taken_objects(s))
  schema.add_table(s, schema.table_name(taken))
end

local function drop_table(s)
  if #s.tables > 1 then
    pick(s.tables).dead = true
  end
end

local function is_in_key(tbl, column)
  return tbl.key and schema.contains(tbl.key.columns, column)
end

local function change_type(s)
  local tbl = pick(s.tables)
  local column = pick(tbl.columns)
  if not column.generated and not is_in_key(tbl, column) then
    column.type = schema.random_type(tbl)
    if tbl.strict and column.default then
      column.default = schema.random_default(tbl, column)
    end
  end
end

local function change_column(s)
  local tbl = pick(s.tables)
  local column = pick(tbl.columns)
  if column.generated or is_in_key(tbl, column) then
    return
  end
  local what = random(6)
  if what == 1 then
    column.not_null = not column.not_null and {} or nil
  elseif what == 2 then
    column.unique = not column.unique and {} or nil
  elseif what == 3 then
    column.default = not column.default and schema.random_default(tbl, column) or nil
  elseif what == 4 then
    column.collate = not column.collate and "NOCASE" or nil
  elseif what == 5 then
    column.check = not column.check and schema.random_check(column) or nil
  else
    local rule = column.not_null or column.unique
    if rule then
      rule.conflict = not rule.conflict and pick({ "IGNORE", "REPLACE", "FAIL" }) or nil
    end
  end
end

-- A column with values comes to be computed, or one that was computed to have its own.
local function change_generated(s)
  local tbl = pick(s.tables)
  local column = pick(tbl.columns)
  local plain = schema.plain_columns(tbl)
  if column.generated then
    if chance(50) then
      column.generated.stored = not column.generated.stored
    else
      column.generated = nil
    end
    return
  end
  if is_in_key(tbl, column) or #plain < 2 then
    return
  end
  for _, link in ipairs(tbl.links) do
    if schema.contains(link.columns, column) then
      return
    end
  end
  for _, trigger in ipairs(s.triggers) do
    if schema.contains(trigger.body, column) then
      return
    end
  end
  local of = pick(plain)
  for _, other in ipairs(tbl.columns) do
    if of == column or other.generated then
      return
    end
  end
  schema.generate(column, of)
end

local function change_strict(s)
  local tbl = pick(s.tables)
  tbl.strict = not tbl.strict
  if tbl.strict then
    for _, column in ipairs(tbl.columns) do
      local type = column.type
      column.type = (type == "" or type == "NUMERIC") and "ANY" or type:find("DEC") and "REAL"
        or (type:find("CHAR") or type:find("DATE")) and "TEXT" or type
      if column.default then
        column.default = schema.random_default(tbl, column)
      end
    end
  end
end

local function change_options(s)
  local tbl = pick(s.tables)
  local key = tbl.key
  if not key then
    return
  end
  if chance(40) and key.is_rowid and not tbl.without_rowid and not key.desc then
    key.autoincrement = not key.autoincrement
  elseif not key.autoincrement and not key.desc then
    tbl.without_rowid = not tbl.without_rowid
  end
end

local function change_key(s, source)
  local tbl = pick(s.tables)
  local past = source[tbl]
  if chance(40) and not tbl.key and past and schema.rowid_of(past) then
    local taken = past_names(tbl.columns, source, past.columns, schema.taken_columns(tbl))
    if not taken.id and not taken.rowid then
      local column = { is_column = true, name = "id", type = "INTEGER" }
      table.insert(tbl.columns, 1, column)
      tbl.key = { columns = { column }, is_rowid = true }
    end
  elseif tbl.key and chance(50) then
    tbl.key, tbl.without_rowid = nil, false
  elseif chance(50) then
    local first = schema.plain_columns(tbl)[1]
    local saved = { first.type, first.collate }
    schema.random_key(tbl)
    first.collate = saved[2]
  end
end

local function change_rule(s)
  local tbl = pick(s.tables)
  if #tbl.rules > 0 and chance(50) then
    table.remove(tbl.rules, random(#tbl.rules))
  else
    schema.add_rule(tbl)
  end
end

local function change_link(s)
  local tbl = pick(s.tables)
  local link = #tbl.links > 0 and pick(tbl.links)
  if not link then
    schema.add_link(s, tbl)
  elseif chance(60) then
    link.on_delete = not link.on_delete and "CASCADE" or nil
  else
    table.remove(tbl.links)
  end
end

local function change_index(s, _, from)
  local index = #s.indexes > 0 and pick(s.indexes)
  local what = random(4)
  if what == 1 or not index then
    local taken = schema.taken_objects(s)
    for _, past in ipairs(from.indexes) do
      taken[schema.fold(past.name)] = true
    end
    local name
    repeat
      name = "index " .. random(99)
    until not taken[name]
    schema.add_index(s, name)
  elseif what == 2 then
    index.dead = true
  elseif what == 3 then
    index.name = index.name .. "x"
  else
    index.unique = not index.unique
  end
end

local function change_view(s)
  if #s.views > 0 and chance(50) then
    pick(s.views).dead = true
  else
    schema.add_view(s, "more views " .. #s.views .. random(99))
  end
end

local function change_trigger(s)
  if #s.triggers > 0 and chance(50) then
    pick(s.triggers).dead = true
  else
    schema.add_trigger(s, "more triggers " .. #s.triggers .. random(99))
  end
end

local function reorder(s)
  local columns = pick(s.tables).columns
  table.insert(columns, random(#columns), table.remove(columns, random(#columns)))
end

local EDITS = {
  rename_table, rename_column, rename_column, add_column, add_column, drop_column, add_table,
  drop_table, change_type, change_type, change_column, change_column, change_generated,
  change_strict, change_options, change_key, change_rule, change_link, change_index, change_view,
  change_trigger, reorder,
}

-- Columns of a table may have come to clash through edits; then the key gives way.
local function settle(s)
  for _, tbl in ipairs(s.tables) do
    local key = tbl.key
    if key and not key.is_rowid and #key.columns == 1 and key.columns[1].type == "INTEGER" then
      key.is_rowid, key.conflict = true, nil
    end
  end
end

-- What was dropped again has no past.
local function forget_dead(s, source)
  local live = {}
  for _, tbl in ipairs(s.tables) do
    live[tbl] = source[tbl]
    for _, column in ipairs(tbl.columns) do
      live[column] = source[column]
    end
  end
  for _, index in ipairs(s.indexes) do
    live[index] = source[index]
  end
  return live
end

--- The second schema, and what was what: a column of the second has its column of the first.
function edit.random(from)
  local source = {}
  local to = copy(from, {}, source)
  for _ = 1, random(6) do
    pick(EDITS)(to, source, from)
    schema.sweep(to)
  end
  settle(to)
  return to, forget_dead(to, source)
end

--- The way back.
function edit.inverse(to, source)
  local back = {}
  for _, tbl in ipairs(to.tables) do
    if source[tbl] then
      back[source[tbl]] = tbl
    end
    for _, column in ipairs(tbl.columns) do
      if source[column] then
        back[source[column]] = column
      end
    end
  end
  for _, index in ipairs(to.indexes) do
    if source[index] then
      back[source[index]] = index
    end
  end
  return back
end

return edit
