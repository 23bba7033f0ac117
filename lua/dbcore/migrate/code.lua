-- Differences as the code of a migration, in the words of `m`. What words cannot say is written as
-- the CREATE statement that is wanted: m:define() gets there, too.
local check = require("dbcore.check")
local parents = require("dbcore.migrate.parents")
local views = require("dbcore.migrate.views")
local literal = require("dbcore.literal")
local writer = require("dbcore.schema_writer")

local code = {}

local text, value = literal.text, literal.value

-- What stands where in a migration: what is in the way goes first (full-text indexes behind the
-- triggers that write to them), tables come before what stands on them, and what is lost is lost at
-- the end. Data is moved when the new columns are there and the old ones are still.
local SECTIONS = { "clear", "unindex", "create", "rename", "widen", "data", "change", "drop",
  "index", "view", "trigger" }

local function add(self, section, line, ...)
  table.insert(self[section], line:format(...))
end

-- Kinds as native.catalog() names them.
local function find(catalog, kind, name)
  return catalog:find(kind, name)
end

local function same_name(a, b)
  return a:lower() == b:lower()
end

-- The table whose text a full-text index holds, or nil.
local function content_of(catalog, name)
  local object = find(catalog, "virtual", name)
  return object and object.sql:match("[%s(,]content%s*=%s*'([^']+)'")
end

local function by_name(list, name)
  for _, one in ipairs(list or {}) do
    if same_name(one.name, name) then
      return one
    end
  end
  return nil
end

-- The description of a table as it is wanted: of the schema where there is one.
local function description(self, name)
  local described = by_name(self.described, name)
  if described then
    return described
  end
  local object = find(self.to, "table", name)
  return object and object.description
end

local function hint(self, kind, table_name, name)
  for _, one in ipairs(self.hints) do
    if one.kind == kind and one.table and same_name(one.table, table_name)
      and (one.name == nil or same_name(one.name, name)) then
      return one.value or true
    end
  end
  return nil
end

-- Whether values of the column may go; a hint without a table means all of them.
local function may_lose(self, table_name, name)
  for _, one in ipairs(self.hints) do
    if one.kind == "allow_loss" and (not one.table or same_name(one.table, table_name)
      and (not one.name or same_name(one.name, name))) then
      return true
    end
  end
  return false
end

---------------------------------------------------------------------------------------------------
-- Tables that are changed

-- A column with what fills it in rows that are there.
local function column_code(self, table_name, def, indent)
  local line = writer.column(def, { bare = true, indent = indent })
  for _, key in ipairs { "backfill", "copy" } do
    local sql = hint(self, key, table_name, def.name) or def[key]
    if sql then
      line = ("%s :%s %s"):format(line, key, text(sql))
    end
  end
  return line
end

local REBUILD = {
  column_added = function(self, one, def)
    return ("t:add(%s)"):format(column_code(self, one.table, def, 10))
  end,
  column_dropped = function(_, one)
    return ("t:drop_column(%s)"):format(text(one.name))
  end,
  column_changed = function(self, one, def)
    local loss = may_lose(self, one.table, one.name) and ", { allow_loss = true }" or ""
    return ("t:change(%s%s)"):format(column_code(self, one.table, def, 10), loss)
  end,
}

local SINGLE = {
  column_added = function(self, one, def)
    return ("m:add_column(%s, %s)"):format(text(one.table), column_code(self, one.table, def, 8))
  end,
  column_dropped = function(_, one)
    return ("m:drop_column(%s, %s)"):format(text(one.table), text(one.name))
  end,
}

-- What cannot be got back is marked, with the word on the way that people take first.
local function mark(self, words, ...)
  self.loses = true
  return ("    -- %s%s\n"):format(self.is_back and "" or "Irreversible: ", words:format(...))
end

local function irreversible(self, one)
  if one.kind == "column_dropped" then
    return mark(self, "the values of %s.%s are gone; only a backup has them", one.table, one.name)
  elseif one.kind == "column_changed" and not self.is_back
    and may_lose(self, one.table, one.name) then
    return mark(self, "values of %s.%s may be changed", one.table, one.name)
  end
  return ""
end

-- The definition of a column that a difference is about; nil when words cannot say it.
local function wanted_column(self, one)
  local table_def = description(self, one.table)
  return table_def and by_name(table_def.columns, one.name)
end

-- Whether all differences of a table can be said in words.
local function in_words(self, list)
  for _, one in ipairs(list) do
    if not REBUILD[one.kind] or one.kind ~= "column_dropped" and not wanted_column(self, one) then
      return false
    end
  end
  return not self.plain
end

local function comments(self, list)
  local lines = {}
  for _, one in ipairs(list) do
    local line = irreversible(self, one)
    if line ~= "" then
      lines[#lines + 1] = line
    end
  end
  return table.concat(lines)
end

local function define_table(self, name, list)
  local object = find(self.to, "table", name) or find(self.to, "virtual", name)
  local options = { table = name, backfill = {}, copy = {}, allow_loss = {} }
  for _, one in ipairs(list) do
    local def = one.kind == "column_added" and wanted_column(self, one) or nil
    for _, key in ipairs { "backfill", "copy" } do
      options[key][one.name or ""] = one.name and (hint(self, key, name, one.name)
        or def and def[key]) or nil
    end
    if one.kind == "column_dropped" or one.name and may_lose(self, name, one.name) then
      table.insert(options.allow_loss, one.name)
    end
  end
  for _, key in ipairs { "backfill", "copy", "allow_loss" } do
    if next(options[key]) == nil then
      options[key] = nil
    end
  end
  local more = (options.backfill or options.copy or options.allow_loss)
    and ", " .. value(options) or ""
  add(self, "change", "%s    m:define(%s%s)", comments(self, list), text(object.sql), more)
end

-- A full-text index goes behind the triggers that write to it. Those of a table that is dropped
-- would go with that, but it goes later.
local function drop_index(self, name)
  for _, one in ipairs(self.from:objects()) do
    if one.kind == "trigger" and self.dropped[one.table]
      and one.sql:lower():find(name:lower(), 1, true) then
      add(self, "clear", "    m:drop_trigger(%s)", text(one.name))
    end
  end
  add(self, "unindex", "    m:drop_table(%s)", text(name))
end

-- Whether it is a full-text index over a table that gets other names: then it cannot stay while
-- that happens, and holds no text that would be lost.
local function follows_rename(self, name)
  local content = content_of(self.to, name)
  return content ~= nil and self.renamed[content:lower()]
end

-- A column as it comes before data is moved: anything may be in it, and nothing.
local function without_rules(def)
  return { name = def.name, type = def.type, enum = def.enum, storage = def.storage,
    collate = def.collate }
end

-- Adds the new columns of a table before the data steps. Returns what is still to be done then.
local function widen(self, name, list)
  local left = {}
  for _, one in ipairs(list) do
    local def = one.kind == "column_added" and wanted_column(self, one) or nil
    if not def or def.generated then
      left[#left + 1] = one
    else
      local bare = writer.column(without_rules(def), { bare = true, indent = 8 })
      add(self, "widen", "    m:add_column(%s, %s)", text(name), bare)
      if column_code(self, name, def, 8) ~= bare then
        left[#left + 1] = { kind = "column_changed", table = one.table, name = one.name }
      end
    end
  end
  return left
end

local function change_table(self, name, list)
  if follows_rename(self, name) then
    drop_index(self, name)
    return add(self, "index", "    m:define(%s)", text(find(self.to, "virtual", name).sql))
  end
  if self.moves_data then
    list = widen(self, name, list)
  end
  if #list == 0 then
    return nil
  end
  if not in_words(self, list) then
    return define_table(self, name, list)
  end
  local first = list[1]
  if #list == 1 and SINGLE[first.kind] then
    return add(self, "change", "%s    %s", comments(self, list),
      SINGLE[first.kind](self, first, wanted_column(self, first)))
  end
  local lines = {}
  for _, one in ipairs(list) do
    lines[#lines + 1] = "      " .. REBUILD[one.kind](self, one, wanted_column(self, one))
  end
  add(self, "change", "%s    m:rebuild(%s, function(t)\n%s\n    end)", comments(self, list),
    text(name), table.concat(lines, "\n"))
end

---------------------------------------------------------------------------------------------------
-- All the rest

local function define(self, section, kind, name)
  local object = find(self.to, kind, name)
  add(self, section, "    m:define(%s)", text(object.sql))
end

local function define_index(self, one)
  local table_def = description(self, one.table)
  local index = table_def and by_name(table_def.indexes, one.name)
  if index and not self.plain then
    add(self, "index", "    m:create_index(%s, %s)", text(one.table),
      writer.item("index", index, { bare = true, indent = 8 }))
  else
    define(self, "index", "index", one.name)
  end
end

local function create_table(self, name)
  local described = description(self, name)
  if described and described.kind ~= "fts" and not self.plain then
    add(self, "create", "    m:create_table(%s)", writer.table(described,
      { bare = true, indent = 4, without_indexes = true, without_triggers = true }))
  else
    define(self, "create", find(self.to, "table", name) and "table" or "virtual", name)
  end
end

-- None of a circle can be made before the others.
local function create_tables(self)
  for _, group in ipairs(parents.first(self.to, self.added)) do
    if #group == 1 then
      create_table(self, group[1])
    else
      local lines = {}
      for i, name in ipairs(group) do
        lines[i] = find(self.to, "table", name).sql .. ";"
      end
      add(self, "create", "    m:define(%s)", text(table.concat(lines, "\n")))
    end
  end
end

local function drop_tables(self)
  local groups = parents.first(self.from, self.gone)
  for i = #groups, 1, -1 do
    local marks, names = {}, {}
    for j, name in ipairs(groups[i]) do
      marks[j] = mark(self, "the rows of %s are gone; only a backup has them", name)
      names[j] = text(name)
    end
    add(self, "drop", "%s    m:drop_table(%s)", table.concat(marks), table.concat(names, ", "))
  end
end

local KINDS = {
  table_added = function(self, one)
    table.insert(self.added, one.table)
  end,
  table_dropped = function(self, one)
    if content_of(self.from, one.table) then
      return drop_index(self, one.table)
    end
    table.insert(self.gone, one.table)
  end,
  table_renamed = function(self, one)
    add(self, "rename", "    m:rename_table(%s, %s)", text(one.old_name), text(one.table))
    self.renamed[one.table:lower()] = true
  end,
  column_renamed = function(self, one)
    add(self, "rename", "    m:rename_column(%s, %s, %s)", text(one.table), text(one.old_name),
      text(one.name))
    self.renamed[one.table:lower()] = true
  end,
  index_added = define_index,
  index_dropped = function(self, one)
    add(self, "clear", "    m:drop_index(%s)", text(one.name))
  end,
  index_renamed = function(self, one)
    add(self, "clear", "    m:drop_index(%s)", text(one.old_name))
    define_index(self, one)
  end,
  index_changed = function(self, one)
    add(self, "clear", "    m:drop_index(%s)", text(one.name))
    define_index(self, one)
  end,
  trigger_added = function(self, one)
    self.triggers[one.name:lower()] = true
  end,
  trigger_dropped = function(self, one)
    add(self, "clear", "    m:drop_trigger(%s)", text(one.name))
  end,
  trigger_changed = function(self, one)
    add(self, "clear", "    m:drop_trigger(%s)", text(one.name))
    self.triggers[one.name:lower()] = true
  end,
  view_added = function(self, one)
    self.views[one.name:lower()] = true
  end,
  view_dropped = function(self, one)
    self.cleared[one.name:lower()] = true
  end,
  view_changed = function(self, one)
    self.views[one.name:lower()] = true
    self.cleared[one.name:lower()] = true
  end,
}

-- Views go with those that read them, and come after those that they read.
local function define_views(self)
  views.spread(self.from, self.cleared)
  for name in pairs(self.cleared) do
    self.views[name] = true
  end
  for _, view in ipairs(views.readers_first(self.from, self.cleared)) do
    add(self, "clear", "    m:drop_view(%s)", text(view.name))
  end
  local made = views.readers_first(self.to, self.views)
  for i = #made, 1, -1 do
    define(self, "view", "view", made[i].name)
  end
end

-- Triggers of one table fire in the order in which they are made: behind one that is made here the
-- others are made again. A view that is made again has lost all of its own.
local function define_triggers(self)
  local begun = {}
  for _, one in ipairs(self.to:objects()) do
    if one.kind == "trigger" then
      local owner, is_due = one.table:lower(), self.triggers[one.name:lower()]
      if begun[owner] and not is_due and not self.cleared[owner] then
        add(self, "clear", "    m:drop_trigger(%s)", text(one.name))
      end
      begun[owner] = begun[owner] or is_due or self.cleared[owner]
      if begun[owner] then
        define(self, "trigger", "trigger", one.name)
      end
    end
  end
end

-- Changes of columns and of the table itself, table by table, in the order of the first of each.
local IN_TABLE = { table_changed = true, columns_reordered = true, column_added = true,
  column_dropped = true, column_changed = true }

local function is_gone(self, one)
  return one.kind ~= "table_dropped" and self.dropped[one.table or ""]
end

--- The body of a function of a migration: from what `from` holds to what `to` holds.
---@param differences table[] of a plan between the two
---@param to userdata a catalog
---@param options { from: userdata, hints: table[], described: table[], plain: boolean,
--- is_back: boolean } from: a catalog; described: the tables of the schema that is wanted; plain:
--- say all in CREATE statements; is_back: it is the way back
---@return string body
---@return boolean loses whether something is gone afterwards, or may be
function code.write(differences, to, options)
  local self = { from = options.from, to = to, hints = options.hints or {},
    described = options.described or {}, plain = options.plain, is_back = options.is_back,
    added = {}, gone = {}, dropped = {}, renamed = {}, triggers = {}, views = {}, cleared = {},
    loses = false }
  for _, one in ipairs(self.hints) do
    self.moves_data = self.moves_data or one.kind == "data" and not self.is_back
  end
  for _, section in ipairs(SECTIONS) do
    self[section] = {}
  end
  local tables, order = {}, {}
  for _, one in ipairs(differences) do
    self.dropped[one.kind == "table_dropped" and one.table or 0] = true
  end
  for _, one in ipairs(differences) do
    if IN_TABLE[one.kind] then
      if not tables[one.table] then
        tables[one.table], order[#order + 1] = {}, one.table
      end
      table.insert(tables[one.table], one)
    elseif KINDS[one.kind] and not is_gone(self, one) then
      KINDS[one.kind](self, one)
    elseif not KINDS[one.kind] then
      check.fail("there is no word for the difference %s", one.kind)
    end
  end
  create_tables(self)
  drop_tables(self)
  for _, name in ipairs(order) do
    change_table(self, name, tables[name])
  end
  define_views(self)
  define_triggers(self)
  for _, one in ipairs(self.hints) do
    if one.kind == "data" and not self.is_back then
      add(self, "data", "    m:execute(%s)", text(one.value))
    end
  end
  local lines = {}
  for _, section in ipairs(SECTIONS) do
    table.move(self[section], 1, #self[section], #lines + 1, lines)
  end
  return table.concat(lines, "\n"), self.loses
end

return code
