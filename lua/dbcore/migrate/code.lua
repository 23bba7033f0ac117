-- Differences as the code of a migration, in the words of `m`. What words cannot say is written as
-- the CREATE statement that is wanted: m:define() gets there, too.
local body = require("dbcore.migrate.body")
local check = require("dbcore.check")
local literal = require("dbcore.literal")
local parents = require("dbcore.migrate.parents")
local table_code = require("dbcore.migrate.table_code")
local views = require("dbcore.migrate.views")
local writer = require("dbcore.schema_writer")

local code = {}

local text = literal.text

-- A full-text index goes behind the triggers that write to it. Those of a table that is dropped
-- would go with that, but it goes later.
local function drop_index(self, name)
  for _, one in ipairs(self.from:objects()) do
    if one.kind == "trigger" and self.dropped[one.table] and views.mention(one.sql, name) then
      body.add(self, "clear", "    m:drop_trigger(%s)", text(one.name))
    end
  end
  body.add(self, "unindex", "    m:drop_table(%s)", text(name))
end

-- Whether it is a full-text index over a table that gets other names: then it cannot stay while
-- that happens, and holds no text that would be lost.
local function follows_rename(self, name)
  local content = body.content_of(self.to, name)
  return content ~= nil and self.renamed[content:lower()]
end

local function define(self, section, kind, name)
  local object = body.find(self.to, kind, name)
  body.add(self, section, "    m:define(%s)", text(object.sql))
end

local function define_index(self, one)
  local table_def = body.description(self, one.table)
  local index = table_def and body.by_name(table_def.indexes, one.name)
  if index and not self.plain then
    body.add(self, "index", "    m:create_index(%s, %s)", text(one.table),
      writer.item("index", index, { bare = true, indent = 8 }))
  else
    define(self, "index", "index", one.name)
  end
end

local function create_table(self, name)
  local described = body.description(self, name)
  if described and described.kind ~= "fts" and not self.plain then
    body.add(self, "create", "    m:create_table(%s)", writer.table(described,
      { bare = true, indent = 4, without_indexes = true, without_triggers = true }))
  else
    define(self, "create", body.find(self.to, "table", name) and "table" or "virtual", name)
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
        lines[i] = body.find(self.to, "table", name).sql .. ";"
      end
      body.add(self, "create", "    m:define(%s)", text(table.concat(lines, "\n")))
    end
  end
end

local function drop_tables(self)
  local groups = parents.first(self.from, self.gone)
  for i = #groups, 1, -1 do
    local marks, names = {}, {}
    for j, name in ipairs(groups[i]) do
      marks[j] = body.mark(self, "the rows of %s are gone; only a backup has them", name)
      names[j] = text(name)
    end
    body.add(self, "drop", "%s    m:drop_table(%s)", table.concat(marks), table.concat(names, ", "))
  end
end

-- Triggers that write to a full-text index go aside while that is made again.
local function put_aside(self, index)
  for _, one in ipairs(self.from:objects()) do
    if one.kind == "trigger" and not self.aside[one.name] and views.mention(one.sql, index) then
      self.aside[one.name], self.triggers[one.name:lower()] = true, true
      body.add(self, "clear", "    m:drop_trigger(%s)", text(one.name))
    end
  end
end

-- Makes a full-text index again that was dropped on the way.
local function put_back(self, name)
  if views.carry(self.to, name) then
    self.views[name:lower()] = true
  elseif body.find(self.to, "virtual", name) then
    define(self, "index", "virtual", name)
  end
end

-- An index whose text comes from a view now goes before the table of that name does.
local function release(self, table_name)
  for _, one in ipairs(self.from:objects()) do
    local content = one.kind == "virtual" and views.content(one.sql)
    if content and body.same_name(content, table_name)
      and body.find(self.to, "virtual", one.name) then
      put_aside(self, one.name)
      body.add(self, "unindex", "    m:drop_table(%s)", text(one.name))
      put_back(self, one.name)
    end
  end
end

local KINDS = {
  table_added = function(self, one)
    if views.carry(self.to, one.table) then
      self.views[one.table:lower()] = true
    else
      table.insert(self.added, one.table)
    end
  end,
  table_dropped = function(self, one)
    if views.carry(self.from, one.table) then
      self.cleared[one.table:lower()] = true
      return nil
    elseif body.content_of(self.from, one.table) then
      return drop_index(self, one.table)
    end
    release(self, one.table)
    table.insert(self.gone, one.table)
  end,
  table_renamed = function(self, one)
    body.add(self, "rename", "    m:rename_table(%s, %s)", text(one.old_name), text(one.table))
  end,
  index_added = define_index,
  index_dropped = function(self, one)
    body.add(self, "clear", "    m:drop_index(%s)", text(one.name))
  end,
  index_renamed = function(self, one)
    body.add(self, "clear", "    m:drop_index(%s)", text(one.old_name))
    define_index(self, one)
  end,
  index_changed = function(self, one)
    body.add(self, "clear", "    m:drop_index(%s)", text(one.name))
    define_index(self, one)
  end,
  trigger_added = function(self, one)
    self.triggers[one.name:lower()] = true
  end,
  trigger_dropped = function(self, one)
    self.aside[one.name] = true
    body.add(self, "clear", "    m:drop_trigger(%s)", text(one.name))
  end,
  trigger_changed = function(self, one)
    self.aside[one.name] = true
    body.add(self, "clear", "    m:drop_trigger(%s)", text(one.name))
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
  local gone = views.readers_first(self.from, self.cleared)
  for _, view in ipairs(gone) do
    if view.kind == "virtual" then
      put_aside(self, view.name)
      put_back(self, view.name)
    end
  end
  for _, view in ipairs(gone) do
    body.add(self, "clear", "    m:drop_%s(%s)", view.kind == "view" and "view" or "table",
      text(view.name))
  end
  local made = views.readers_first(self.to, self.views)
  for i = #made, 1, -1 do
    define(self, "view", made[i].kind, made[i].name)
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
        self.aside[one.name] = true
        body.add(self, "clear", "    m:drop_trigger(%s)", text(one.name))
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
  column_dropped = true, column_renamed = true, column_changed = true }

-- The list of differences of a table, new ones at the end.
local function list_of(self, name)
  if not self.tables[name] then
    self.tables[name] = {}
    table.insert(self.order, name)
  end
  return self.tables[name]
end

-- Says of a column that stays what it is that it is filled anew.
local function refill(self, object, name)
  if not object or not body.find(self.from, "table", self.old_names[object.name:lower()]
    or object.name) then
    return nil
  end
  local list = list_of(self, object.name)
  for _, one in ipairs(list) do
    if one.name and body.same_name(one.name, name) and one.kind ~= "column_renamed" then
      return nil
    end
  end
  table.insert(list, { kind = "column_changed", table = object.name, name = name })
end

-- Adds the columns that are filled anew though they stay what they are: those with an expression
-- that was given, or that stands in the description of one that gets another name.
local function refill_columns(self, differences)
  for _, one in ipairs(self.is_back and {} or self.hints) do
    if one.kind == "copy" or one.kind == "backfill" then
      refill(self, body.find(self.to, "table", self.new_names[one.table:lower()] or one.table),
        one.name)
    end
  end
  for _, one in ipairs(self.is_back and {} or differences) do
    local def = one.kind == "column_renamed" and body.wanted_column(self, one)
    if def and def.copy then
      refill(self, body.find(self.to, "table", one.table), one.name)
    end
  end
end

-- What goes with its table needs no words. Something else may get the table's name.
local function is_gone(self, one)
  return one.kind ~= "table_dropped" and one.kind:find("_dropped$")
    and self.dropped[one.table or ""]
end

local function change_table(self, name)
  if views.carry(self.from, name) or views.carry(self.to, name) then
    self.views[name:lower()], self.cleared[name:lower()] = true, true
  elseif follows_rename(self, name) then
    drop_index(self, name)
    define(self, "index", "virtual", name)
  else
    table_code.change(self, name, self.tables[name])
  end
end

-- What the way depends on before anything is said.
local function note(self, one)
  if one.kind == "table_dropped" then
    self.dropped[one.table] = true
  elseif one.kind == "table_renamed" then
    self.old_names[one.table:lower()], self.new_names[one.old_name:lower()] =
      one.old_name, one.table
    self.renamed[one.table:lower()] = true
  elseif one.kind == "column_renamed" then
    self.renamed[one.table:lower()] = true
  end
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
  local self = body.new(to, options)
  for _, one in ipairs(differences) do
    note(self, one)
  end
  for _, one in ipairs(differences) do
    if IN_TABLE[one.kind] then
      table.insert(list_of(self, one.table), one)
    elseif KINDS[one.kind] and not is_gone(self, one) then
      KINDS[one.kind](self, one)
    elseif not KINDS[one.kind] then
      check.fail("there is no word for the difference %s", one.kind)
    end
  end
  refill_columns(self, differences)
  create_tables(self)
  drop_tables(self)
  for _, name in ipairs(self.order) do
    change_table(self, name)
  end
  define_views(self)
  define_triggers(self)
  for _, one in ipairs(self.hints) do
    if one.kind == "data" and not self.is_back then
      body.add(self, "data", "    m:execute(%s)", text(one.value))
    end
  end
  return body.text(self), self.loses
end

return code
