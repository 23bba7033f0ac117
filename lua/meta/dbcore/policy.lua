---@meta _
-- Who may reach which rows.

--- Row rules of one table: what d.policy() returns.
---@class dbcore.Policy

--- Which rows: all or none, a condition, or a function of the context that returns one of these.
---@alias dbcore.PolicyRule boolean|dbcore.Expr|fun(context: table): boolean|dbcore.Expr

---@class dbcore
local dbcore = {}

--- Declares which rows of a table a context may reach. A rule is a function of the context that
--- returns a condition on the table's columns, true (every row) or false (none); or one of these.
--- `select`: the rows that are seen by any query; `insert`: what a new row must be; `update`: the
--- rows that may be changed, and what they must be afterwards; `delete`: those that may be removed.
--- `all` is for what is not said; an operation that nothing is said of is `denied`. Several
--- policies of a table must all be satisfied. They hold for handles that db:as() makes later.
--- `d.policy(posts, { all = function(ctx) return posts.org_id:eq(ctx.org_id) end })`
---@param descriptor dbcore.Table
---@param rules { select?: dbcore.PolicyRule, insert?: dbcore.PolicyRule,
--- update?: dbcore.PolicyRule, delete?: dbcore.PolicyRule, all?: dbcore.PolicyRule,
--- name?: string } name: for messages
---@return dbcore.Policy an item of d.schema(), needed there only when the table itself is not in it
function dbcore.policy(descriptor, rules) end
