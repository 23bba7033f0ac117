---@meta _
-- Queries that keep their statement between runs.

--- A query that keeps its statement between runs. It holds no lock between them. You close it; the
--- collector would, too. Closed, everything but close raises `closed`.
---@class dbcore.Prepared
local Prepared = {}

--- As of the query.
---@param parameters? dbcore.Parameters
---@return dbcore.Row[]
function Prepared:all(parameters) end

--- As of the query.
---@param parameters? dbcore.Parameters
---@return dbcore.Row?
function Prepared:one(parameters) end

--- As of the query.
---@param parameters? dbcore.Parameters
---@return dbcore.Row
function Prepared:single(parameters) end

--- As of the query.
---@param parameters? dbcore.Parameters
---@return any
function Prepared:value(parameters) end

--- As of the query.
---@param parameters? dbcore.Parameters
---@return any[]
function Prepared:list(parameters) end

--- As of the query; only for reading.
---@param parameters? dbcore.Parameters
---@return dbcore.Cursor cursor
---@return nil
---@return nil
---@return dbcore.Cursor closing
function Prepared:rows(parameters) end

--- Of a write.
---@param parameters? dbcore.Parameters
---@return dbcore.Result
function Prepared:run(parameters) end

--- Gives the statement back; again is no mistake.
function Prepared:close() end
