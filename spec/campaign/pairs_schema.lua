-- Random schemas. A schema is a model of tables: what stands in an expression is a list of texts
-- and of the columns and tables that it speaks of, so that a rename reaches every text by itself
-- and what a column takes along when it goes can be found. pairs_writer makes SQL of it.
local schema = {}

local random = math.random

function schema.chance(percent)
  return random(100) <= percent
end

function schema.pick(list)
  return list[random(#list)]
end

local chance, pick = schema.chance, schema.pick

local CONFLICTS = { "ABORT", "FAIL", "IGNORE", "REPLACE", "ROLLBACK" }
local ACTIONS = { "CASCADE", "SET NULL", "SET DEFAULT", "RESTRICT", "NO ACTION" }
local LOOSE = {
  "INTEGER", "INT", "TEXT", "TEXT", "VARCHAR(20)", "REAL", "NUMERIC", "BLOB", "", "DATETIME",
  "DECIMAL(5, 2)",
}
local STRICT = { "INTEGER", "INT", "TEXT", "TEXT", "REAL", "BLOB", "ANY" }
local COLLATIONS = { "NOCASE", "RTRIM", "BINARY" }
local NAMES = {
  "name", "Title", "order", "a b", 'say "hi"', "x.y", "group", "größe", "it's", "select", "rowid",
  "value", "kind", "new", "old", "[b]", "size%", "note", "tag", "_rowid_", "length",
}
local TABLES = {
  "users", "Posts", "order", "tags x", 'the "best"', "sqlitefoo", "v.w", "group", "ämter", "isn't",
  "log", "items", "_dbc", "table",
}

-- ------------------------------------------------------------------------------------ the names

--- Names are one when the database takes them for one.
function schema.fold(name)
  return (name:gsub("%u", string.lower))
end

function schema.fresh_name(list, taken, prefix)
  for _ = 1, 5 do
    local name = pick(list)
    if not taken[schema.fold(name)] then
      return name
    end
  end
  local name
  repeat
    name = prefix .. random(999)
  until not taken[name]
  return name
end

function schema.taken_columns(tbl)
  local taken = {}
  for _, column in ipairs(tbl.columns) do
    taken[schema.fold(column.name)] = true
  end
  return taken
end

function schema.taken_objects(s)
  local taken = {}
  for _, list in ipairs({ s.tables, s.indexes, s.views, s.triggers }) do
    for _, object in ipairs(list) do
      taken[schema.fold(object.name)] = true
    end
  end
  return taken
end

function schema.table_name(taken)
  return schema.fresh_name(TABLES, taken, "t")
end

function schema.column_name(taken)
  return schema.fresh_name(NAMES, taken, "c")
end

-- ---------------------------------------------------------------------------------- what there is

function schema.contains(list, wanted)
  for _, item in ipairs(list or {}) do
    if item == wanted then
      return true
    end
  end
  return false
end

--- Columns that hold a value of their own.
function schema.plain_columns(tbl)
  local plain = {}
  for _, column in ipairs(tbl.columns) do
    if not column.generated then
      plain[#plain + 1] = column
    end
  end
  return plain
end

--- The column that is another name of the rowid, or nil.
function schema.alias_of(tbl)
  local key = tbl.key
  if key and key.is_rowid and not key.desc and not tbl.without_rowid then
    return key.columns[1]
  end
end

--- A name for the rowid that no column of the table takes, or nil.
function schema.rowid_of(tbl)
  if tbl.without_rowid then
    return nil
  end
  local taken = schema.taken_columns(tbl)
  for _, name in ipairs({ "rowid", "_rowid_", "oid" }) do
    if not taken[name] then
      return name
    end
  end
end

--- Lists of columns that a foreign key can point to.
function schema.parents(tbl)
  local found = {}
  if tbl.key then
    found[1] = tbl.key.columns
  end
  for _, column in ipairs(tbl.columns) do
    if column.unique and not column.generated then
      found[#found + 1] = { column }
    end
  end
  for _, rule in ipairs(tbl.rules) do
    if rule.kind == "unique" then
      found[#found + 1] = rule.columns
    end
  end
  return found
end

local function same_list(a, b)
  for i = 1, math.max(#a, #b) do
    if a[i] ~= b[i] then
      return false
    end
  end
  return true
end

local function is_parent(tbl, columns)
  for _, list in ipairs(schema.parents(tbl)) do
    if same_list(list, columns) then
      return true
    end
  end
  return false
end

-- ----------------------------------------------------------------------------------------- making

local function conflict()
  return chance(20) and pick(CONFLICTS) or nil
end

function schema.random_type(tbl)
  return pick(tbl.strict and STRICT or LOOSE)
end

--- A default that goes with most types.
function schema.random_default(tbl, column)
  local strict = tbl.strict and column.type
  if strict == "INTEGER" or strict == "INT" then
    return pick({ "0", "-7", "(abs(-3))" })
  elseif strict == "BLOB" then
    return "X'00ff'"
  elseif strict == "REAL" then
    return pick({ "1.5", "0" })
  end
  return pick({ "'it''s'", "'007'", "''", "5", "-1.25", "(1 + 1)", "NULL", "'x y'" })
end

function schema.random_check(column)
  return pick({
    { column, " IS NULL OR length(", column, ") < 30" },
    { "typeof(", column, ") <> 'real'" },
    { column, " <> 'abc'" },
    { "coalesce(", column, ", '') NOT LIKE '%z'" },
    { column, " > '0' OR ", column, " <= '0' OR ", column, " IS NULL" },
    { column, " <> 12 AND ", column, " <> '3'" },
    { column, " NOT IN ('ABC', 1.5)" },
  })
end

--- An expression over a column, with its strict type.
function schema.random_expression(column)
  if chance(50) then
    return { "length(", column, ")" }, "INTEGER"
  end
  return { "coalesce(", column, ", 'none') || '!'" }, "TEXT"
end

function schema.generate(column, source)
  local expression, of = schema.random_expression(source)
  column.generated = { expression = expression, stored = chance(50) }
  column.type = of
  column.default = nil
end

function schema.add_column(tbl, name)
  local column = { is_column = true, name = name, type = schema.random_type(tbl) }
  local plain = schema.plain_columns(tbl)
  tbl.columns[#tbl.columns + 1] = column
  if chance(15) then
    column.collate = pick(COLLATIONS)
  end
  if chance(10) and #plain > 0 then
    schema.generate(column, pick(plain))
    return column
  end
  if chance(35) then
    column.default = schema.random_default(tbl, column)
  end
  if chance(20) then
    column.not_null = { conflict = conflict() }
  end
  if chance(10) then
    column.unique = { conflict = conflict() }
  end
  if chance(12) then
    column.check = schema.random_check(column)
    if chance(20) and column.check[1] == column then
      table.insert(column.check, 1, ".")
      table.insert(column.check, 1, tbl)
    end
  end
  return column
end

function schema.random_key(tbl)
  local plain = schema.plain_columns(tbl)
  local kind = random(10)
  tbl.key, tbl.without_rowid = nil, false
  if kind <= 5 then
    local column = plain[1]
    column.type, column.default, column.references = "INTEGER", nil, nil
    column.not_null, column.unique, column.check = nil, nil, nil
    tbl.key = { columns = { column }, is_rowid = true, autoincrement = chance(30) }
    tbl.key.desc = not tbl.key.autoincrement and chance(6)
  elseif kind <= 7 then
    tbl.key = { columns = { pick(plain) }, conflict = conflict() }
  elseif kind <= 8 and #plain > 1 then
    tbl.key = { columns = { plain[2], plain[1] }, conflict = conflict(), is_apart = true }
  end
  local key = tbl.key
  if key and not key.is_rowid and #key.columns == 1 and key.columns[1].type == "INTEGER" then
    key.is_rowid, key.autoincrement, key.conflict = true, false, nil
  end
  if key and not key.autoincrement and not key.desc and chance(25) then
    tbl.without_rowid = true
  end
end

function schema.add_table(s, name)
  local tbl = { is_table = true, name = name, columns = {}, rules = {}, links = {} }
  tbl.strict = chance(20)
  for _ = 1, random(2, 6) do
    schema.add_column(tbl, schema.column_name(schema.taken_columns(tbl)))
  end
  schema.random_key(tbl)
  if chance(20) then
    schema.add_rule(tbl)
  end
  s.tables[#s.tables + 1] = tbl
  return tbl
end

function schema.add_rule(tbl)
  local plain = schema.plain_columns(tbl)
  local rule = { kind = chance(50) and "unique" or "check" }
  if chance(40) then
    rule.name = "rule" .. random(99)
  end
  if rule.kind == "check" then
    rule.expression = schema.random_check(pick(tbl.columns))
  else
    rule.columns = { pick(plain) }
    local second = pick(plain)
    if second ~= rule.columns[1] then
      rule.columns[2] = second
    end
    rule.conflict = conflict()
  end
  tbl.rules[#tbl.rules + 1] = rule
end

--- Columns of the table come to point to a key of another one, or of itself.
function schema.add_link(s, tbl)
  local parent = pick(s.tables)
  local keys = schema.parents(parent)
  if #keys == 0 then
    return
  end
  local key, columns = pick(keys), {}
  for i, target in ipairs(key) do
    local column
    repeat
      column = pick(tbl.columns)
    until not column.generated
    if schema.contains(columns, column) or column == target then
      return
    end
    columns[i] = column
  end
  tbl.links[#tbl.links + 1] = {
    columns = columns, parent = parent, parents = key,
    on_delete = chance(50) and pick(ACTIONS) or nil,
    on_update = chance(30) and pick(ACTIONS) or nil,
    deferred = chance(15), is_inline = #columns == 1 and chance(60),
  }
end

function schema.add_index(s, name)
  local tbl = pick(s.tables)
  local index = { is_index = true, name = name, table = tbl, terms = {}, unique = chance(20) }
  for _ = 1, random(2) do
    local column = pick(tbl.columns)
    local term
    if chance(25) then
      term = { "lower(", column, ")" }
    else
      term = { column }
      if chance(15) then
        term[2] = " COLLATE " .. pick(COLLATIONS)
      end
    end
    if chance(25) then
      term[#term + 1] = " DESC"
    end
    index.terms[#index.terms + 1] = term
  end
  if chance(25) then
    index.where = { pick(tbl.columns), " IS NOT NULL" }
  end
  s.indexes[#s.indexes + 1] = index
end

function schema.add_view(s, name)
  local tbl = pick(s.tables)
  local text
  local column = pick(tbl.columns)
  local kind = random(5)
  if kind == 1 then
    text = { "SELECT * FROM ", tbl }
  elseif kind == 2 then
    text = { "SELECT ", column, ", 'lit  eral' AS lit FROM ", tbl, " WHERE ", column, " NOTNULL" }
  elseif kind == 3 and #s.views > 0 then
    text = { "SELECT count(*) AS n FROM ", pick(s.views) }
  elseif kind == 4 then
    local other = pick(s.tables)
    text = { "SELECT a.", column, " AS x, count(*) AS n FROM ", tbl, " AS a LEFT JOIN ", other,
      " AS b ON a.", column, " = b.", pick(other.columns), " GROUP BY 1" }
  else
    text = { "SELECT ", tbl, ".", column, " AS \"the x\" FROM ", tbl }
  end
  s.views[#s.views + 1] = { is_view = true, name = name, text = text }
end

function schema.add_trigger(s, name)
  local tbl, other = pick(s.tables), pick(s.tables)
  local set = pick(schema.plain_columns(other))
  local trigger = { name = name, on = tbl, event = pick({ "INSERT", "UPDATE", "DELETE" }) }
  local row = trigger.event == "DELETE" and "OLD." or "NEW."
  trigger.time = pick({ "AFTER", "BEFORE" })
  if #s.views > 0 and chance(15) then
    trigger.on, trigger.time = pick(s.views), "INSTEAD OF"
    trigger.body = { "DELETE FROM ", other, " WHERE ", set, " = 'never'" }
  else
    if trigger.event == "UPDATE" and chance(50) then
      trigger.of = pick(tbl.columns)
    end
    if chance(30) then
      trigger.when = { row, pick(tbl.columns), " IS NOT NULL" }
    end
    trigger.body = chance(50)
        and { "INSERT INTO ", other, " (", set, ") VALUES (", row, pick(tbl.columns), ")" }
      or { "UPDATE ", other, " SET ", set, " = ", row, pick(tbl.columns), " WHERE ", set,
        " = 'it''s'" }
  end
  s.triggers[#s.triggers + 1] = trigger
end

function schema.random()
  local s = { tables = {}, indexes = {}, views = {}, triggers = {} }
  for _ = 1, random(1, 4) do
    schema.add_table(s, schema.table_name(schema.taken_objects(s)))
  end
  for _ = 1, random(0, 3) do
    schema.add_link(s, pick(s.tables))
  end
  for i = 1, random(0, 3) do
    schema.add_index(s, "index " .. i)
  end
  for i = 1, random(0, 2) do
    schema.add_view(s, "view" .. i)
  end
  for i = 1, random(0, 2) do
    schema.add_trigger(s, "trigger" .. i)
  end
  schema.sweep(s)
  return s
end

-- ------------------------------------------------------------------------------------- what goes

-- Whether an expression, or a list of columns, speaks of something that is gone.
local function is_stale(list)
  for _, part in ipairs(list or {}) do
    if type(part) == "table" and part.dead then
      return true
    end
  end
  return false
end

local function filter(list, keep)
  local changed = false
  for i = #list, 1, -1 do
    if not keep(list[i]) then
      list[i].dead = true
      table.remove(list, i)
      changed = true
    end
  end
  return changed
end

-- Two keys over the same columns are one, and cannot say two things about a conflict.
local function agree(tbl)
  local said = {}
  local function settle(rule, columns)
    local names = {}
    for i, column in ipairs(columns) do
      names[i] = column.name
    end
    local list = table.concat(names, "\0")
    local first = said[list] or rule
    said[list], rule.conflict = first, first.conflict
  end
  for _, column in ipairs(tbl.columns) do
    if column.unique then
      settle(column.unique, { column })
    end
  end
  for _, rule in ipairs(tbl.rules) do
    if rule.kind == "unique" then
      settle(rule, rule.columns)
    end
  end
  if tbl.key and not tbl.key.is_rowid then
    settle(tbl.key, tbl.key.columns)
  end
end

local function sweep_table(tbl)
  agree(tbl)
  local changed = filter(tbl.columns, function(column)
    return not column.dead and not (column.generated and is_stale(column.generated.expression))
  end)
  for _, column in ipairs(tbl.columns) do
    if is_stale(column.check) then
      column.check = nil
    end
  end
  filter(tbl.rules, function(rule)
    return not is_stale(rule.columns) and not is_stale(rule.expression)
  end)
  if tbl.key and is_stale(tbl.key.columns) then
    tbl.key, tbl.without_rowid = nil, false
  end
  return changed
end

--- Takes away whatever speaks of what is dead, until nothing does.
function schema.sweep(s)
  local changed
  repeat
    changed = filter(s.tables, function(tbl) return not tbl.dead end)
    for _, tbl in ipairs(s.tables) do
      changed = sweep_table(tbl) or changed
    end
    for _, tbl in ipairs(s.tables) do
      filter(tbl.links, function(link)
        return not link.parent.dead and not is_stale(link.columns) and not is_stale(link.parents)
          and is_parent(link.parent, link.parents)
      end)
    end
    changed = filter(s.indexes, function(index)
      for _, term in ipairs(index.terms) do
        if is_stale(term) then
          return false
        end
      end
      return not index.dead and not index.table.dead and not is_stale(index.where)
    end) or changed
    changed = filter(s.views, function(view) return not view.dead and not is_stale(view.text) end)
      or changed
    changed = filter(s.triggers, function(t)
      return not t.dead and not t.on.dead and not (t.of and t.of.dead) and not is_stale(t.when)
        and not is_stale(t.body)
    end) or changed
  until not changed
end

return schema
