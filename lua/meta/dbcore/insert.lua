---@meta _
-- Writes that add rows. Each step returns a new one; the old one stays as it was.

--- Rows into a table. All rows of one call are one savepoint: when one fails nothing is kept, and
--- err.row says which. Errors: `validation`, `constraint.…`; `schema` for a key that is no
--- column.
---@class dbcore.Insert: dbcore.Write
local Insert = {}

--- What is inserted. A key that is missing gets the column's default; dbcore.null writes NULL; {}
--- is one row of defaults. A function is called for row after row until it gives nil.
--- `:values { { name = "A" }, { name = "B" } }`
---@param rows dbcore.Row|dbcore.Row[]|fun(): dbcore.Row?
---@return dbcore.Insert
function Insert:values(rows) end

--- Inside a transaction the rows of this call then have no savepoint of their own, which a large
--- import pays for dearly. A row that fails takes the whole transaction with it: it is rolled back
--- at once, and err.rolled_back says so. Outside of a transaction it changes nothing.
---@return dbcore.Insert
function Insert:without_savepoint() end

--- Inserts the rows of a query. Its outputs are columns by their names.
---@param query dbcore.Query
---@return dbcore.Insert
function Insert:from(query) end

--- What to do when a row is there already: go on with ignore or update.
--- `:on_conflict("email"):update { name = d.excluded "name" }`
---@param ... string|dbcore.Expr|string[] the columns of the key; nothing: any constraint
---@return dbcore.Insert
function Insert:on_conflict(...) end

--- Behind on_conflict: the row that is there stays, the new one is dropped.
---@return dbcore.Insert
function Insert:ignore() end

--- The same as ignore.
---@return dbcore.Insert
function Insert:nothing() end

--- Behind on_conflict with columns: the row that is there is changed; d.excluded is the new one.
---@param values table<string, dbcore.Value>
---@return dbcore.Insert
function Insert:update(values) end

--- Behind update: only rows for which it holds are changed.
---@param ... dbcore.Condition|table<string, dbcore.Value>
---@return dbcore.Insert
function Insert:where(...) end

---@class dbcore
local dbcore = {}

--- Begins an insert without a connection.
---@param target dbcore.Table
---@return dbcore.Insert
function dbcore.insert(target) end
