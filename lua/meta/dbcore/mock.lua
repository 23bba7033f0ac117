---@meta _
-- A database that is a script, for tests.

--- A database that is a script: for tests of what is sent. It lives as long as a connection uses
--- it.
---@class dbcore.Mock
local Mock = {}

--- Adds an answer: the next statement with this text gets it, once. A statement without an answer
--- does nothing and gives no rows, so look at log() and pending(), too.
--- `mock:expect("SELECT 1", { columns = { "n" }, rows = { { 1 } } })`
---@param sql? string nil: any that does not begin or end a transaction
---@param answer? { columns?: string[], rows?: any[][], changes?: integer, last_id?: integer,
--- error?: dbcore.ErrorCode, message?: string, stage?: "step"|"open"|"prepare"|"bind",
--- ends_transaction?: boolean } stage: where the error comes
---@return dbcore.Mock
function Mock:expect(sql, answer) end

--- All that was run.
---@return { sql: string, values: any[] }[]
function Mock:log() end

--- How many answers were not asked for yet.
---@return integer
function Mock:pending() end

--- Forgets the log and the answers that are left.
---@return dbcore.Mock
function Mock:clear() end

---@class dbcore
local dbcore = {}

--- A scripted database for d.open("mock", { driver = mock }).
---@return dbcore.Mock
function dbcore.mock() end
