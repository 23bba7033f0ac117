-- The changes of a table as code: one word of `m` where that is enough, a rebuild for several, and
-- the CREATE statement that is wanted where there are no words.
local body = require("dbcore.migrate.body")
local literal = require("dbcore.literal")
local writer = require("dbcore.schema_writer")

local table_code = {}

local text, value = literal.text, literal.value

-- A column with what fills it in rows that are there.
local function column_code(self, table_name, def, indent)
  local line = writer.column(def, { bare = true, indent = indent })
  for _, key in ipairs { "backfill", "copy" } do
    local sql = body.hint(self, key, table_name, def.name) or def[key]
    if sql then
      line = ("%s :%s %s"):format(line, key, text(sql))
    end
  end
  return line
end

local REBUILD = {
  column_renamed = function(_, one)
    return ("t:rename(%s, %s)"):format(text(one.old_name), text(one.name))
  end,
  column_added = function(self, one, def)
    return ("t:add(%s)"):format(column_code(self, one.table, def, 10))
  end,
  column_dropped = function(_, one)
    return ("t:drop_column(%s)"):format(text(one.name))
  end,
  column_changed = function(self, one, def)
    local loss = body.may_lose(self, one.table, one.name) and ", { allow_loss = true }" or ""
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

local function irreversible(self, one)
  if one.kind == "column_dropped" then
    return body.mark(self, "the values of %s.%s are gone; only a backup has them", one.table,
      one.name)
  elseif one.kind == "column_changed" and not self.is_back
    and body.may_lose(self, one.table, one.name) then
    return body.mark(self, "values of %s.%s may be changed", one.table, one.name)
  end
  return ""
end

-- Whether all differences of a table can be said in words.
local function in_words(self, list)
  for _, one in ipairs(list) do
    if not REBUILD[one.kind]
      or one.kind ~= "column_dropped" and not body.wanted_column(self, one) then
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
  local object = body.find(self.to, "table", name) or body.find(self.to, "virtual", name)
  local options = { table = name, backfill = {}, copy = {}, allow_loss = {} }
  for _, one in ipairs(list) do
    local def = one.kind == "column_added" and body.wanted_column(self, one) or nil
    for _, key in ipairs { "backfill", "copy" } do
      options[key][one.name or ""] = one.name and (body.hint(self, key, name, one.name)
        or def and def[key]) or nil
    end
    if one.kind == "column_dropped" or one.name and body.may_lose(self, name, one.name) then
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
  body.add(self, "change", "%s    m:define(%s%s)", comments(self, list), text(object.sql), more)
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
    local def = one.kind == "column_added" and body.wanted_column(self, one) or nil
    if not def or def.generated then
      left[#left + 1] = one
    else
      local bare = writer.column(without_rules(def), { bare = true, indent = 8 })
      body.add(self, "widen", "    m:add_column(%s, %s)", text(name), bare)
      if column_code(self, name, def, 8) ~= bare then
        left[#left + 1] = { kind = "column_changed", table = one.table, name = one.name }
      end
    end
  end
  return left
end

-- Whether a column gets its values by an expression: that may speak of the names before.
local function is_computed(self, list)
  for _, one in ipairs(list) do
    local def = (one.kind == "column_added" or one.kind == "column_changed")
      and body.wanted_column(self, one)
    if def and (def.copy or def.backfill or body.hint(self, "copy", one.table, one.name)
      or body.hint(self, "backfill", one.table, one.name)) then
      return true
    end
  end
  return false
end

-- Columns are renamed first of all, or along with the change that needs their old names.
local function rename_columns(self, list)
  local others = {}
  if not self.moves_data and is_computed(self, list) and in_words(self, list) then
    return list
  end
  for _, one in ipairs(list) do
    if one.kind == "column_renamed" then
      body.add(self, "rename", "    m:rename_column(%s, %s, %s)", text(one.table),
        text(one.old_name), text(one.name))
    else
      others[#others + 1] = one
    end
  end
  return others
end

--- Adds what changes a table.
---@param self table a body
---@param name string
---@param list table[] its differences
function table_code.change(self, name, list)
  list = rename_columns(self, list)
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
    return body.add(self, "change", "%s    %s", comments(self, list),
      SINGLE[first.kind](self, first, body.wanted_column(self, first)))
  end
  local lines = {}
  for _, one in ipairs(list) do
    lines[#lines + 1] = "      " .. REBUILD[one.kind](self, one, body.wanted_column(self, one))
  end
  body.add(self, "change", "%s    m:rebuild(%s, function(t)\n%s\n    end)", comments(self, list),
    text(name), table.concat(lines, "\n"))
end

return table_code
