-- Descriptions as Lua code: what d.describe() gave, as somebody would have written it. Migrations
-- and schema files are made of it. The same description gives the same bytes, and the code gives
-- the same description.
local native = require("dbcore.native")
local check = require("dbcore.check")
local literal = require("dbcore.literal")

local schema_writer = {}

local WIDTH = 100 -- columns of a line

local number, write_text, write_value = literal.number, literal.text, literal.value

-- { a = 1, b = 2 } with the keys in the given order; nil when none is set.
local function options_of(from, keys)
  local parts = {}
  for _, key in ipairs(keys) do
    if from[key] ~= nil then
      parts[#parts + 1] = ("%s = %s"):format(key, write_value(from[key]))
    end
  end
  return #parts > 0 and "{ " .. table.concat(parts, ", ") .. " }" or nil
end

---------------------------------------------------------------------------------------------------
-- Chains: d.text "name" :not_null() :unique()

-- Arguments of a call: one text or table needs no brackets.
local function arguments(...)
  local given = table.pack(...)
  if given.n == 1 and given[1]:find('^[%["{]') then
    return " " .. given[1]
  end
  return "(" .. table.concat(given, ", ", 1, given.n) .. ")"
end

local Chain = {}
local Chain_mt = { __index = Chain }

-- `head` is code; verbs are added behind it.
local function chain(head)
  return setmetatable({ head = head, verbs = {} }, Chain_mt)
end

function Chain:add(verb, ...)
  local call = select("#", ...) == 0 and "()" or arguments(...)
  table.insert(self.verbs, (":%s%s"):format(verb, call))
end

-- Adds a verb when there is something to say.
function Chain:say(verb, value)
  if value ~= nil then
    self:add(verb, write_value(value))
  end
end

-- On one line when it fits behind `indent` blanks, else over several.
function Chain:write(indent)
  local line = table.concat({ self.head, table.unpack(self.verbs) }, " ")
  if #line + indent < WIDTH or line:find("\n", 1, true) then
    return line
  end
  local lines, current = {}, self.head
  for _, verb in ipairs(self.verbs) do
    if indent + #current + #verb + 2 > WIDTH then
      lines[#lines + 1] = current
      current = (" "):rep(indent + 2) .. verb
    else
      current = current .. " " .. verb
    end
  end
  lines[#lines + 1] = current
  return table.concat(lines, "\n")
end

---------------------------------------------------------------------------------------------------
-- Columns

local TYPES = { any = "untyped", custom = "untyped" }

local function references(self, key)
  local to = key.to and #key.to > 0 and key.to or nil
  local target
  if key.table:find(".", 1, true) or to and (#to > 1 or to[1]:find(".", 1, true)) then
    target = options_of({ table = key.table, columns = to }, { "table", "columns" })
  else
    target = write_text(to and key.table .. "." .. to[1] or key.table)
  end
  local options = options_of(key, { "on_delete", "on_update", "deferrable", "name" })
  if options then
    self:add("references", target, options)
  else
    self:add("references", target)
  end
end

-- A verb with the options that say what a conflict does.
local function with_conflict(self, verb, conflict)
  if conflict then
    self:add(verb, ("{ on_conflict = %s }"):format(write_text(conflict)))
  else
    self:add(verb)
  end
end

local function key_verb(self, def)
  local options = options_of({ autoincrement = def.autoincrement, desc = def.desc_key,
    on_conflict = def.on_conflict_key }, { "autoincrement", "desc", "on_conflict" })
  if options then
    self:add("primary_key", options)
  else
    self:add("primary_key")
  end
end

local function bounds(self, verb, low, high)
  if high ~= nil then
    self:add(verb, low ~= nil and number(low) or "nil", number(high))
  elseif low ~= nil then
    self:add(verb, number(low))
  end
end

local function rules(self, def)
  if def.check then
    if def.check_name then
      self:add("check", write_text(def.check_name), write_text(def.check))
    else
      self:add("check", write_text(def.check))
    end
  end
  if def.enum and def.type ~= "enum" then
    self:add("enum", write_value(def.enum))
  end
  bounds(self, "length", def.min_len, def.max_len)
  bounds(self, "range", def.min, def.max)
end

-- A default of a type with a codec is written as it is stored.
local function default_of(def)
  if def.type == "custom" and def.codec and def.default ~= nil and def.default ~= native.null then
    return def.codec.encode(def.default)
  end
  return def.default
end

-- What the database does not know.
local function remarks(self, def)
  for _, key in ipairs { "default_fn", "validate" } do
    if def[key] then
      check.fail("the function %s of column %s cannot be written as code", key,
        check.quote(def.name))
    end
  end
  self:say("on_update", def.on_update)
  if def.on_update_now then
    self:add("on_update_now")
  end
  for _, key in ipairs { "pattern", "as", "comment", "renamed_from", "backfill", "copy" } do
    self:say(key, def[key])
  end
end

local function column_chain(def, bare)
  local self
  if def.type == "enum" then
    self = chain(("d.enum(%s, %s)"):format(write_text(def.name), write_value(def.enum)))
  else
    self = chain(("d.%s %s"):format(TYPES[def.type] or def.type, write_text(def.name)))
  end
  self:say("storage", def.storage)
  if def.primary_key then
    key_verb(self, def)
  end
  if def.not_null then
    with_conflict(self, "not_null", def.on_conflict_not_null)
  end
  if def.unique then
    with_conflict(self, "unique", def.on_conflict_unique)
  end
  self:say("default", default_of(def))
  self:say("default_sql", def.default_sql)
  if def.default_now then
    self:add("default_now")
  end
  self:say("collate", def.collate)
  rules(self, def)
  if def.references then
    references(self, def.references)
  end
  if def.generated and def.stored then
    self:add("generated", write_text(def.generated), '"stored"')
  else
    self:say("generated", def.generated)
  end
  if not bare then
    remarks(self, def)
  end
  return self
end

--- The code of a column: `d.text "email" :not_null() :unique()`.
---@param def table one of the columns of a description
---@param options? { bare: boolean, indent: integer } bare: without what only Lua knows of it, such
--- as comments and hooks; indent: how far to the right it stands, for breaking lines
---@return string
function schema_writer.column(def, options)
  local given = check.options(options, { bare = "boolean", indent = "integer" }, "column()")
  return column_chain(def, given.bare):write(given.indent or 0)
end

---------------------------------------------------------------------------------------------------
-- What stands beside columns

local function names(list)
  local parts = {}
  for i, name in ipairs(list) do
    parts[i] = write_text(name)
  end
  return table.unpack(parts)
end

local function key(word, def)
  local self = chain(("d.%s%s"):format(word, arguments(names(def.columns))))
  self:say("name", def.name)
  self:say("on_conflict", def.on_conflict)
  return self
end

local function index_part(part)
  if part.column and not part.collate and not part.desc then
    return write_text(part.column)
  end
  local rest = options_of(part, { "expression", "collate", "desc" })
  if not part.column then
    return rest
  end
  return ("{ %s, %s"):format(write_text(part.column), rest:sub(3))
end

local function index(def, bare)
  local self = chain("d.index " .. write_text(def.name))
  local parts = {}
  for i, part in ipairs(def.parts) do
    parts[i] = index_part(part)
  end
  table.insert(self.verbs, (":on(%s)"):format(table.concat(parts, ", ")))
  if def.unique then
    self:add("unique")
  end
  self:say("where", def.where)
  if not bare then
    self:say("renamed_from", def.renamed_from)
  end
  return self
end

local function foreign_key(def)
  local self = chain("d.foreign_key" .. arguments(names(def.columns)))
  if def.to and #def.to > 0 then
    self:add("references", write_text(def.table), names(def.to))
  else
    self:add("references", write_text(def.table))
  end
  for _, verb in ipairs { "on_delete", "on_update", "deferrable", "name" } do
    self:say(verb, def[verb])
  end
  return self
end

local function named(word, name, sql)
  if not name then
    return chain(("d.%s%s"):format(word, arguments(write_text(sql))))
  end
  return chain(("d.%s(%s, %s)"):format(word, write_text(name), write_text(sql)))
end

--- The code of an item: of an index, a key, a check, a foreign key or a trigger.
---@param kind "index"|"unique"|"primary_key"|"check"|"foreign_key"|"trigger"
---@param def table as a description holds it
---@param options? { bare: boolean, indent: integer }
---@return string
function schema_writer.item(kind, def, options)
  local given = check.options(options, { bare = "boolean", indent = "integer" }, "item()")
  local self
  if kind == "index" then
    self = index(def, given.bare)
  elseif kind == "foreign_key" then
    self = foreign_key(def)
  elseif kind == "check" then
    self = named("check", def.name, def.expression)
  elseif kind == "trigger" then
    self = named("trigger", def.name, def.sql)
  else
    self = key(kind, def)
  end
  return self:write(given.indent or 0)
end

---------------------------------------------------------------------------------------------------
-- Tables

local LISTS = { { "uniques", "unique" }, { "checks", "check" }, { "foreign_keys", "foreign_key" },
  { "indexes", "index" }, { "triggers", "trigger" } }

local DATABASE_OPTIONS = { "strict", "without_rowid", "prefix", "shard_by" }
local ALL_OPTIONS = { "strict", "without_rowid", "prefix", "shard_by", "comment", "renamed_from" }
local FTS_OPTIONS = { "content", "tokenize", "prefix", "comment" }

-- The lines of the list, each with a comma.
local function list_lines(def, how, indent)
  local lines = {}
  local inner = { bare = how.bare, indent = indent }
  for _, one in ipairs(def.columns) do
    lines[#lines + 1] = schema_writer.column(one, inner)
  end
  if def.primary_key then
    lines[#lines + 1] = schema_writer.item("primary_key", def.primary_key, inner)
  end
  for _, list in ipairs(LISTS) do
    local left_out = how.without_indexes and list[1] == "indexes"
      or how.without_triggers and list[1] == "triggers"
    for _, one in ipairs(not left_out and def[list[1]] or {}) do
      lines[#lines + 1] = schema_writer.item(list[2], one, inner)
    end
  end
  return lines
end

local function block(head, lines, tail, indent)
  local margin = (" "):rep(indent)
  local text = { head .. "{" }
  for _, line in ipairs(lines) do
    text[#text + 1] = margin .. "  " .. line .. ","
  end
  text[#text + 1] = margin .. "}" .. tail
  return table.concat(text, "\n")
end

local function fts(def)
  local columns = {}
  for i, one in ipairs(def.columns) do
    columns[i] = one.name
  end
  return ("d.fts(%s, %s, %s)"):format(write_text(def.name), write_value(columns),
    options_of(def, FTS_OPTIONS))
end

--- The code of a table, a view or a full-text index: `d.table("users", { … })`, over several
--- lines, of which the first is not indented.
---@param def table what d.describe(table) gave
---@param options? { bare: boolean, indent: integer, without_indexes: boolean,
--- without_triggers: boolean } bare: without what only Lua knows
---@return string
function schema_writer.table(def, options)
  local how = check.options(options, { bare = "boolean", indent = "integer",
    without_indexes = "boolean", without_triggers = "boolean" }, "table()")
  local indent = how.indent or 0
  if def.kind == "fts" then
    return fts(def)
  end
  local given = options_of(def, how.bare and DATABASE_OPTIONS or ALL_OPTIONS)
  local tail = given and ", " .. given or ""
  if def.kind == "view" then
    tail = ", " .. write_text(def.sql) .. tail
  end
  local head = ("d.%s(%s, "):format(def.kind == "view" and "view" or "table", write_text(def.name))
  return block(head, list_lines(def, how, indent + 2), tail .. ")", indent)
end

--- A name for a local variable: the table's own where it can be one, else one made of it that
--- `taken` does not have yet; `taken` gets it.
---@param name string
---@param taken table<string, boolean>
---@return string
function schema_writer.variable(name, taken)
  local base = name:gsub("[^%w_]", "_")
  if not literal.is_identifier(base) then
    base = "t_" .. base
  end
  local wanted, count = base, 1
  while taken[wanted] do
    count = count + 1
    wanted = ("%s_%d"):format(base, count)
  end
  taken[wanted] = true
  return wanted
end

return schema_writer
