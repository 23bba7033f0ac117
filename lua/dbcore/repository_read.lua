-- What a repository reads. Everything goes through query(): the scopes are in it, and what is
-- deleted is not.
local native = require("dbcore.native")
local check = require("dbcore.check")
local hidden = require("dbcore.repository_hidden")
local key = require("dbcore.repository_key")

local read = {}

-- The methods.
local Read = {}

read.methods = Read

local function what(self, method)
  return ("%s:%s()"):format(self._definition.name, method)
end

-- A query with one scope applied, which has to be a query again.
local function apply(query, scope, name, self)
  local made = scope.fn(query, table.unpack(scope, 1, scope.n))
  if native.kind(made) ~= "query" then
    check.fail("scope %s of %s returned %s; it returns the query it got, extended",
      check.quote(name), check.quote(self._definition.name), check.describe(made))
  end
  return made
end

--- A query over the rows of the repository, with its scopes. From here on it is a query like every
--- other.
---@return dbcore.Query
function Read:query()
  local definition = self._definition
  local handle = hidden.handle(self._handle, definition.table, self._deleted ~= nil)
  local query = handle:from(definition.table)
  if definition.default_scope and not self._unscoped then
    query = apply(query, { fn = definition.default_scope, n = 0 }, "default_scope", self)
  end
  for _, scope in ipairs(self._scopes) do
    query = apply(query, scope, scope.name, self)
  end
  if self._deleted == "only" then
    query = query:where(hidden.deleted(definition.table))
  end
  return query
end

-- The query narrowed by conditions: a table of equalities, an expression, or nothing.
local function narrowed(self, conditions, method)
  local query = self:query()
  if conditions == nil then
    return query
  elseif native.kind(conditions) ~= "expr"
    and (type(conditions) ~= "table" or getmetatable(conditions) ~= nil) then
    check.fail("%s takes conditions, a table of column = value or an expression; got %s",
      what(self, method), check.describe(conditions))
  end
  return query:where(conditions)
end

--- The query narrowed by conditions that have to be there: nil is a misspelt variable more often
--- than "any row".
function read.needed(self, conditions, method)
  if conditions == nil then
    check.fail("%s takes conditions, got nil: a misspelt field, perhaps", what(self, method))
  end
  return narrowed(self, conditions, method)
end

--- Raises `not_found` for a key.
function read.refuse_missing(definition, values)
  return native.raise("not_found", ("%s has no row with %s"):format(definition.name,
    key.say(definition, values)), { table = definition.name, columns = definition.key })
end

--- The row with this key.
---@param given any the value of the key; of a key over several columns a list or a table of them;
--- or a row that has it
---@return dbcore.Row? row nil when there is none
function Read:find(given)
  local definition = self._definition
  local values = key.read(definition, given, what(self, "find"))
  return self:query():where(key.condition(definition, values)):one()
end

--- The row with this key, or an error with code `not_found`.
---@param given any as for find()
---@return dbcore.Row
function Read:get(given)
  local definition = self._definition
  local values = key.read(definition, given, what(self, "get"))
  local row = self:query():where(key.condition(definition, values)):one()
  return row or read.refuse_missing(definition, values)
end

-- One text for each key: what two equal keys share.
local function mark(values)
  local parts = {}
  for i, value in ipairs(values) do
    local kind = math.type(value) == "float" and math.tointeger(value) and "integer"
      or math.type(value) or type(value)
    parts[i] = ("%s:%q"):format(kind, math.tointeger(value) or value)
  end
  return table.concat(parts, ";")
end

local FEW = 32 -- keys over several columns in one condition

-- All rows whose key is in a list.
local function rows_with(self, values)
  local definition, query = self._definition, self:query()
  if #definition.key == 1 then
    return query:where(definition.table[definition.key[1]]:in_(values)):all()
  end
  local rows = {}
  for first = 1, #values, FEW do
    local condition
    for i = first, math.min(first + FEW - 1, #values) do
      local one = key.condition(definition, values[i])
      condition = condition and condition | one or one
    end
    local some = query:where(condition):all()
    table.move(some, 1, #some, #rows + 1, rows)
  end
  return rows
end

--- The rows with these keys, in the order of the keys. Keys without a row are left out; one that
--- is given twice gives its row twice.
---@param keys any[]
---@return dbcore.Row[]
function Read:find_many(keys)
  local definition = self._definition
  local count = check.list(keys, what(self, "find_many"))
  local marks, values = {}, {}
  for i = 1, count do
    local one = key.read(definition, keys[i], what(self, "find_many"))
    values[i], marks[i] = #one == 1 and one[1] or one, mark(one)
  end
  local found = {}
  for _, row in ipairs(count > 0 and rows_with(self, values) or {}) do
    found[mark(key.read(definition, row, what(self, "find_many")))] = row
  end
  local rows = {}
  for i = 1, count do
    rows[#rows + 1] = found[marks[i]]
  end
  return rows
end

--- A row that meets the conditions: the first that is found.
---@param conditions dbcore.Row|dbcore.Expr
---@return dbcore.Row?
function Read:find_by(conditions)
  return read.needed(self, conditions, "find_by"):one()
end

--- The same, or an error with code `not_found`.
---@param conditions dbcore.Row|dbcore.Expr
---@return dbcore.Row
function Read:get_by(conditions)
  local row = read.needed(self, conditions, "get_by"):one()
  return row or native.raise("not_found", ("%s has no row that meets the conditions"):format(
    self._definition.name), { table = self._definition.name })
end

--- All rows that meet the conditions.
---@param conditions? dbcore.Row|dbcore.Expr
---@return dbcore.Row[]
function Read:all(conditions)
  return narrowed(self, conditions, "all"):all()
end

--- The row with the least key, among those that meet the conditions.
---@param conditions? dbcore.Row|dbcore.Expr
---@return dbcore.Row?
function Read:first(conditions)
  local query = narrowed(self, conditions, "first")
  for _, name in ipairs(self._definition.key) do
    query = query:order_by(self._definition.table[name])
  end
  return query:one()
end

--- How many rows there are.
---@param conditions? dbcore.Row|dbcore.Expr
---@return integer
function Read:count(conditions)
  return narrowed(self, conditions, "count"):count()
end

--- Whether there is a row.
---@param conditions? dbcore.Row|dbcore.Expr
---@return boolean
function Read:exists(conditions)
  return narrowed(self, conditions, "exists"):exists()
end

--- One page of rows by cursor; see Query:page().
---@param options? { size: integer, after: string, before: string }
---@return dbcore.Page
function Read:page(options)
  return self:query():page(options)
end

local EACH = { batch = "integer", where = "any" }

--- Every row, by batches: only one batch is in memory, and rows that come or go meanwhile neither
--- hide nor repeat another. `for user in repo:each { batch = 500 } do … end`
---@param options? { batch: integer, where: dbcore.Row|dbcore.Expr } batch: rows read at once (1000)
---@return fun(): dbcore.Row?
function Read:each(options)
  local given = check.options(options, EACH, what(self, "each"))
  local size = given.batch or 1000
  if size < 1 then
    check.fail('option "batch" of %s is a number of rows, from 1; got %d', what(self, "each"), size)
  end
  local query = narrowed(self, given.where, "each")
  local page, at = query:page({ size = size }), 0
  return function()
    at = at + 1
    if not page.rows[at] and page.next then
      page, at = query:page({ size = size, after = page.next }), 1
    end
    return page.rows[at]
  end
end

return read
