-- The names of tables and columns: of the schema a handle was opened with, and of what the
-- database itself has. What was read is kept until catalog:forget().
local Catalog = {}
local Catalog_mt = { __name = "dbscript.catalog", __index = Catalog }

local catalog = {}

--- A catalog that asks `get_handle()` for the handle each time it has to read.
---@param get_handle fun(): any
---@return table
function catalog.new(get_handle)
  return setmetatable({ _handle = get_handle, _tables = nil, _columns = {} }, Catalog_mt)
end

--- Forgets what was read: the database may be another, or may have changed.
function Catalog:forget()
  self._tables, self._columns = nil, {}
end

-- All rows of a statement, or nil when there is no database or it cannot answer.
local function ask(self, statement, ...)
  local db = self._handle()
  if db == nil then
    return nil
  end
  local ok, rows = pcall(function(...)
    return db:query(statement, ...):all()
  end, ...)
  return ok and rows or nil
end

--- Names of tables and views, sorted.
---@return string[]
function Catalog:tables()
  if not self._tables then
    local rows = ask(self, [[
      SELECT name FROM sqlite_schema
      WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite!_%' ESCAPE '!'
      ORDER BY name]])
    if not rows then
      return {}
    end
    self._tables = {}
    for i, row in ipairs(rows) do
      self._tables[i] = row.name
    end
  end
  return self._tables
end

--- Names of the columns of `table_name` in their order; empty when there is no such table.
---@param table_name string
---@return string[]
function Catalog:columns(table_name)
  if not self._columns[table_name] then
    local rows = ask(self, "SELECT name FROM pragma_table_info(?) ORDER BY cid", table_name)
    if not rows then
      return {}
    end
    local names = {}
    for i, row in ipairs(rows) do
      names[i] = row.name
    end
    self._columns[table_name] = names
  end
  return self._columns[table_name]
end

-- Whether every one of `keys` is in `names`.
local function has_all(names, keys)
  local has = {}
  for _, name in ipairs(names) do
    has[name] = true
  end
  for _, key in ipairs(keys) do
    if not has[key] then
      return false
    end
  end
  return true
end

--- `keys` in the order in which some table has these columns, or as they are.
---@param keys string[]
---@return string[]
function Catalog:in_order(keys)
  for _, table_name in ipairs(self:tables()) do
    local names = self:columns(table_name)
    if has_all(names, keys) then
      local wanted, ordered = {}, {}
      for _, key in ipairs(keys) do
        wanted[key] = true
      end
      for _, name in ipairs(names) do
        ordered[#ordered + 1] = wanted[name] and name or nil
      end
      return ordered
    end
  end
  return keys
end

--- The statements that made a table with its indexes and triggers, or everything.
---@param table_name string?
---@return string[]? statements nil when the database cannot be asked
function Catalog:statements(table_name)
  local rows = ask(self, [[
    SELECT sql FROM sqlite_schema
    WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite!_%' ESCAPE '!'
      AND (?1 = '' OR tbl_name = ?1 COLLATE NOCASE)
    ORDER BY tbl_name, type IN ('index', 'trigger'), name]], table_name or "")
  if not rows then
    return nil
  end
  local statements = {}
  for i, row in ipairs(rows) do
    statements[i] = row.sql .. ";"
  end
  return statements
end

return catalog
