---@meta _
-- Functions of the database: of values, of groups, of windows, of JSON.

---@class dbcore
local dbcore = {}

--- A function of the database by its name. `d.func("shout", users.name)`
---@param name string
---@param ... dbcore.Value
---@return dbcore.Expr
function dbcore.func(name, ...) end

--- How many rows; of an expression, how many where it is not NULL.
---@param value? dbcore.Expr
---@return dbcore.Expr
function dbcore.count(value) end

--- How many different values.
---@param value dbcore.Expr
---@return dbcore.Expr
function dbcore.count_distinct(value) end

--- The sum; of no rows NULL.
---@param value dbcore.Value
---@return dbcore.Expr
function dbcore.sum(value) end

--- The mean; of no rows NULL.
---@param value dbcore.Value
---@return dbcore.Expr
function dbcore.avg(value) end

--- The sum as a real number; of no rows 0.0.
---@param value dbcore.Value
---@return dbcore.Expr
function dbcore.total(value) end

--- The least value; of several arguments the least of them.
---@param ... dbcore.Value
---@return dbcore.Expr
function dbcore.min(...) end

--- The greatest value; of several arguments the greatest of them.
---@param ... dbcore.Value
---@return dbcore.Expr
function dbcore.max(...) end

--- The texts, one behind the other.
---@param value dbcore.Value
---@param separator? dbcore.Value "," by default
---@return dbcore.Expr
function dbcore.group_concat(value, separator) end

--- The first that is not NULL.
---@param ... dbcore.Value two or more
---@return dbcore.Expr
function dbcore.coalesce(...) end

--- The first, or the second where that is NULL.
---@param value dbcore.Value
---@param other dbcore.Value
---@return dbcore.Expr
function dbcore.ifnull(value, other) end

--- NULL where both are equal, else the first.
---@param value dbcore.Value
---@param other dbcore.Value
---@return dbcore.Expr
function dbcore.nullif(value, other) end

--- One of two values.
---@param condition dbcore.Condition
---@param yes dbcore.Value
---@param no dbcore.Value
---@return dbcore.Expr
function dbcore.iif(condition, yes, no) end

--- Lower case, of ASCII letters.
---@param text dbcore.Value
---@return dbcore.Expr
function dbcore.lower(text) end

--- Upper case, of ASCII letters.
---@param text dbcore.Value
---@return dbcore.Expr
function dbcore.upper(text) end

--- Characters of text, bytes of a blob.
---@param text dbcore.Value
---@return dbcore.Expr
function dbcore.length(text) end

--- Without spaces, or these characters, at both ends.
---@param text dbcore.Value
---@param characters? dbcore.Value
---@return dbcore.Expr
function dbcore.trim(text, characters) end

--- The same at the beginning.
---@param text dbcore.Value
---@param characters? dbcore.Value
---@return dbcore.Expr
function dbcore.ltrim(text, characters) end

--- The same at the end.
---@param text dbcore.Value
---@param characters? dbcore.Value
---@return dbcore.Expr
function dbcore.rtrim(text, characters) end

--- A piece of a text, from the character `start` (from 1) on.
---@param text dbcore.Value
---@param start dbcore.Value
---@param count? dbcore.Value characters; the rest by default
---@return dbcore.Expr
function dbcore.substr(text, start, count) end

--- The text with every `from` replaced by `to`.
---@param text dbcore.Value
---@param from dbcore.Value
---@param to dbcore.Value
---@return dbcore.Expr
function dbcore.replace(text, from, to) end

--- Where `part` is in the text, from 1; 0 when it is not.
---@param text dbcore.Value
---@param part dbcore.Value
---@return dbcore.Expr
function dbcore.instr(text, part) end

--- The bytes in hexadecimal.
---@param value dbcore.Value
---@return dbcore.Expr
function dbcore.hex(value) end

--- The storage class: "integer", "real", "text", "blob", "null".
---@param value dbcore.Value
---@return dbcore.Expr
function dbcore.typeof(value) end

--- Without its sign.
---@param value dbcore.Value
---@return dbcore.Expr
function dbcore.abs(value) end

--- Rounded, to so many digits behind the point.
---@param value dbcore.Value
---@param digits? dbcore.Value
---@return dbcore.Expr
function dbcore.round(value, digits) end

--- A random whole number, 64 bits.
---@return dbcore.Expr
function dbcore.random() end

--- Whole seconds since 1970, by the database's clock.
---@return dbcore.Expr
function dbcore.now() end

--- The number of the row in its window, from 1. `d.row_number():over { order_by = posts.id }`
---@return dbcore.Expr
function dbcore.row_number() end

--- As row_number, but equal rows have one number, and then some are left out.
---@return dbcore.Expr
function dbcore.rank() end

--- As rank, but no number is left out.
---@return dbcore.Expr
function dbcore.dense_rank() end

--- The rank from 0 to 1.
---@return dbcore.Expr
function dbcore.percent_rank() end

--- Which part of the rows comes up to this one.
---@return dbcore.Expr
function dbcore.cume_dist() end

--- The window in so many parts of equal size: the number of the row's part.
---@param parts dbcore.Value
---@return dbcore.Expr
function dbcore.ntile(parts) end

--- The value of an earlier row.
---@param value dbcore.Value
---@param distance? dbcore.Value rows; 1 by default
---@param default? dbcore.Value where there is none
---@return dbcore.Expr
function dbcore.lag(value, distance, default) end

--- The value of a later row.
---@param value dbcore.Value
---@param distance? dbcore.Value rows; 1 by default
---@param default? dbcore.Value where there is none
---@return dbcore.Expr
function dbcore.lead(value, distance, default) end

--- The value of the first row of the frame.
---@param value dbcore.Value
---@return dbcore.Expr
function dbcore.first_value(value) end

--- The value of the last row of the frame.
---@param value dbcore.Value
---@return dbcore.Expr
function dbcore.last_value(value) end

--- The value of the row with this number in the frame.
---@param value dbcore.Value
---@param number dbcore.Value from 1
---@return dbcore.Expr
function dbcore.nth_value(value, number) end

--- What is at these paths of JSON.
---@param json dbcore.Value
---@param ... dbcore.Value paths such as "$.a.b"
---@return dbcore.Expr
function dbcore.json_extract(json, ...) end

--- A JSON array; a table in rows.
---@param ... dbcore.Value
---@return dbcore.Expr
function dbcore.json_array(...) end

--- A JSON object; a table in rows.
---@param ... dbcore.Value key, value, key, value …
---@return dbcore.Expr
function dbcore.json_object(...) end
