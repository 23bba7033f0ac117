---@meta _
-- The types of columns, and yours.

--- The types by their words.
---@alias dbcore.TypeWord "integer"|"real"|"text"|"blob"|"boolean"|"json"|"numeric"|"timestamp"
---|"timestamp_ms"|"datetime"|"date"|"uuid"|"any"

--- What d.type() takes.
---@class dbcore.TypeOptions
---@field name? string for messages
---@field sql "INTEGER"|"REAL"|"TEXT"|"BLOB"|"NUMERIC"|"ANY" what it is stored as
---@field encode fun(value: any): any from a value of yours to the one that is stored
---@field decode fun(stored: any): any and back

---@class dbcore
local dbcore = {}

--- A type of your own: returns the constructor of its columns. NULL goes to neither function; what
--- they raise is raised.
---@param options dbcore.TypeOptions
---@return fun(name: string): dbcore.Column
function dbcore.type(options) end

--- A column of whole numbers, 64 bits.
---@param name? string left out inside JSON only
---@return dbcore.Column
function dbcore.integer(name) end

--- A column of doubles.
---@param name? string left out inside JSON only
---@return dbcore.Column
function dbcore.real(name) end

--- A column of text; it may hold NUL.
---@param name? string left out inside JSON only
---@return dbcore.Column
function dbcore.text(name) end

--- A column of bytes.
---@param name string
---@return dbcore.Column
function dbcore.blob(name) end

--- A column of booleans.
---@param name? string left out inside JSON only
---@return dbcore.Column
function dbcore.boolean(name) end

--- A column of numbers, whole or not.
---@param name? string left out inside JSON only
---@return dbcore.Column
function dbcore.numeric(name) end

--- A column of times: whole seconds since 1970, UTC.
---@param name? string left out inside JSON only
---@return dbcore.Column
function dbcore.timestamp(name) end

--- A column of times: whole milliseconds since 1970, UTC.
---@param name? string left out inside JSON only
---@return dbcore.Column
function dbcore.timestamp_ms(name) end

--- A column of times as text: "2026-01-31 23:59:59".
---@param name? string left out inside JSON only
---@return dbcore.Column
function dbcore.datetime(name) end

--- A column of days as text: "2026-01-31".
---@param name? string left out inside JSON only
---@return dbcore.Column
function dbcore.date(name) end

--- A column of any values: nothing is checked or changed, but for what `storage` makes of it.
---@param name? string left out inside JSON only
---@return dbcore.Column
function dbcore.untyped(name) end

--- A column of UUIDs as text.
---@param name? string left out inside JSON only
---@return dbcore.Column
function dbcore.uuid(name) end

--- A column of texts out of a list. `d.enum("role", { "admin", "reader" })`. Inside JSON the name
--- may be left out.
---@param name string|string[]
---@param values? string[]
---@return dbcore.Column
function dbcore.enum(name, values) end

--- A column of JSON: any table, text, number, boolean, or dbcore.null. With a description of what
--- is inside, every write and d.validate() check it: not_null() means that a field has to be there,
--- enum, length, range and pattern mean what they mean for columns, and what is not described is
--- refused. `d.json("settings", { theme = d.enum { "dark", "light" }, tags = d.list(d.text()) })`
---@param name? string|table inside a description it may be left out: `d.json { … }`
---@param shape? dbcore.Column|table fields of an object (name = column, or a list of named
--- columns); a single column: each item of a list
---@return dbcore.Column
function dbcore.json(name, shape) end

--- A list in JSON: as a column, or without the name inside a description. `d.list(d.text())`
---@param name string|dbcore.Column|table
---@param item? dbcore.Column|table what each item is
---@return dbcore.Column
function dbcore.list(name, item) end
