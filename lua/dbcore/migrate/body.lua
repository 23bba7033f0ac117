-- The body of a function of a migration while it is written: lines by section, and what has to be
-- known to write them.
local views = require("dbcore.migrate.views")

local body = {}

-- What stands where in a migration: what is in the way goes first (full-text indexes behind the
-- triggers that write to them), tables come before what stands on them, and what is lost is lost at
-- the end. Data is moved when the new columns are there and the old ones are still.
local SECTIONS = { "clear", "unindex", "create", "rename", "widen", "data", "change", "drop",
  "index", "view", "trigger" }

--- A body without lines.
---@param to userdata the catalog that it leads to
---@param options table as code.write() takes them
---@return table
function body.new(to, options)
  local self = { from = options.from, to = to, hints = options.hints or {},
    described = options.described or {}, plain = options.plain, is_back = options.is_back,
    added = {}, gone = {}, dropped = {}, renamed = {}, old_names = {}, new_names = {},
    triggers = {}, aside = {}, views = {}, cleared = {}, tables = {}, order = {}, loses = false }
  for _, one in ipairs(self.hints) do
    self.moves_data = self.moves_data or one.kind == "data" and not self.is_back
  end
  for _, section in ipairs(SECTIONS) do
    self[section] = {}
  end
  return self
end

--- Adds a line to a section.
function body.add(self, section, line, ...)
  table.insert(self[section], line:format(...))
end

--- Whether a database takes two names for one.
function body.same_name(a, b)
  return a:lower() == b:lower()
end

--- The one of that name in a list of descriptions, or nil.
function body.by_name(list, name)
  for _, one in ipairs(list or {}) do
    if body.same_name(one.name, name) then
      return one
    end
  end
  return nil
end

--- What a catalog has of that kind, as native.catalog() names it.
function body.find(catalog, kind, name)
  return catalog:find(kind, name)
end

--- The table whose text a full-text index holds, or nil.
function body.content_of(catalog, name)
  local object = body.find(catalog, "virtual", name)
  return object and views.content(object.sql)
end

--- The description of a table as it is wanted: of the schema where there is one.
function body.description(self, name)
  local described = body.by_name(self.described, name)
  if described then
    return described
  end
  local object = body.find(self.to, "table", name)
  return object and object.description
end

--- The definition of a column that a difference is about; nil when words cannot say it.
function body.wanted_column(self, one)
  local table_def = body.description(self, one.table)
  return table_def and body.by_name(table_def.columns, one.name)
end

-- Whether a hint is about the table of that name, or of the one it had before.
local function is_about(self, one, table_name)
  local old = self.old_names[table_name:lower()]
  return one.table ~= nil and (body.same_name(one.table, table_name)
    or old ~= nil and body.same_name(one.table, old))
end

--- What a hint says: its value, or true; nil when there is none.
function body.hint(self, kind, table_name, name)
  for _, one in ipairs(self.hints) do
    if one.kind == kind and is_about(self, one, table_name)
      and (one.name == nil or body.same_name(one.name, name)) then
      return one.value or true
    end
  end
  return nil
end

--- Whether values of the column may go; a hint without a table means all of them.
function body.may_lose(self, table_name, name)
  for _, one in ipairs(self.hints) do
    if one.kind == "allow_loss" and (not one.table or body.same_name(one.table, table_name)
      and (not one.name or body.same_name(one.name, name))) then
      return true
    end
  end
  return false
end

--- What cannot be got back is marked, with the word on the way that people take first.
function body.mark(self, words, ...)
  self.loses = true
  return ("    -- %s%s\n"):format(self.is_back and "" or "Irreversible: ", words:format(...))
end

--- All lines, section by section.
---@return string
function body.text(self)
  local lines = {}
  for _, section in ipairs(SECTIONS) do
    table.move(self[section], 1, #self[section], #lines + 1, lines)
  end
  return table.concat(lines, "\n")
end

return body
