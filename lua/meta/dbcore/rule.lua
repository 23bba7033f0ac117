---@meta _
-- Rules over whole rows, and rows that are held to all that a table says of them.

--- A rule over a whole row, in Lua.
---@class dbcore.Rule
local Rule = {}

--- The columns it is about: it is called for rows that have a value in all of them, and what it
--- refuses is told of the first. `d.rule("later", fn):on("starts", "ends")`
---@param ... string
---@return dbcore.Rule
function Rule:on(...) end

---@class dbcore
local dbcore = {}

--- A rule over a whole row, checked before every write and by d.validate().
--- `d.rule("later", function(row) return row.ends > row.starts end):on("starts", "ends")`
---@param name string
---@param fn fun(row: dbcore.Row, use: "insert"|"update"|"select"): boolean?, string? gets what is
--- given of the row, NULL as dbcore.null; false, and what is wrong, when it may not be written;
--- what it raises becomes a failure with code `callback`
---@return dbcore.Rule
function dbcore.rule(name, fn) end

--- The description of a table's rows as JSON Schema 2020-12: what d.validate() accepts for the same
--- use, as far as JSON Schema has words for it. Checks, rules and functions of yours are not in it;
--- a pattern is when it can be said as a regular expression. NULL is null.
--- `local schema, text = d.json_schema(users, "insert")`
---@param table dbcore.Table
---@param use? "insert"|"update"|"select" insert
---@return table schema plain tables
---@return string text the same as JSON
function dbcore.json_schema(table, use) end

--- Checks a row as every write does, and tells everything that is wrong with it: types, NOT NULL,
--- enums, ranges, lengths, patterns, what is inside JSON, validate(fn), rules; also checks, as far
--- as they can be told without the database (literals, columns, comparisons, IN, BETWEEN, LIKE,
--- AND, OR, NOT, + - * /, length, abs, coalesce), and keys that are no columns.
--- `local good, err = d.validate(users, row, "insert")`
---@param table dbcore.Table
---@param row dbcore.Row
---@param use? "insert"|"update"|"select" insert (default): what is missing gets its default;
--- update: it may be missing; select: a row as it was read
---@return true? valid
---@return dbcore.Error? err `validation`, with `fields`
function dbcore.validate(table, row, use) end
