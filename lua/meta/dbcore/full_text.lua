---@meta _
-- Full-text indexes (FTS5) and what they are asked.

--- How a snippet looks.
---@class dbcore.SnippetOptions
---@field open? string stands before each word that was found (nothing)
---@field close? string stands behind it (nothing)
---@field ellipsis? string stands for what is left out ("...")
---@field words? integer at most so many, 1 to 64 (16)

---@class dbcore
local dbcore = {}

--- Describes a full-text index (FTS5) over a table, kept in step with it by triggers.
--- `d.fts("posts_text", { "title", "body" }, { content = posts })`
---@param name string
---@param list (string|dbcore.Column)[] columns of that table
---@param options { content: string|dbcore.Table, tokenize?: string, prefix?: string,
--- comment?: string } tokenize: as FTS5 takes it, "porter unicode61"
---@return dbcore.Table
function dbcore.fts(name, list, options) end

--- Whether a row of a full-text index fits a search, in the language of FTS5:
--- `db:from(posts_text):where(d.match(posts_text, "fox AND title: red"))`. A search that is
--- malformed raises `syntax` when the query runs; what a person typed goes through d.match_words.
---@param index dbcore.Table made by d.fts
---@param search string|dbcore.Expr text, or a d.param
---@return dbcore.Condition
function dbcore.match(index, search) end

--- Makes what a person typed a search: its words, each in quotes, so that nothing in it is an
--- operator or an error. Without a word it finds nothing.
--- `d.match(posts_text, d.match_words(input, { prefix = "last" }))`
---@param text string
---@param options? { any?: boolean, prefix?: "all"|"last" } any: one of the words is enough; prefix:
--- all words, or the last one that is still being typed, are beginnings of words
---@return string
function dbcore.match_words(text, options) end

--- How well a row fits the search of the query, by BM25: less is better. `posts_text.rank` is the
--- same without weights. `order_by(d.bm25(posts_text, { title = 10 }))`
---@param index dbcore.Table made by d.fts
---@param weights? table<string, number> by column; 1 for those that are left out
---@return dbcore.Expr
function dbcore.bm25(index, weights) end

--- Of a full-text index, in a query that searches it: a piece of the column that fits best.
---@param index dbcore.Table made by d.fts
---@param options? dbcore.SnippetOptions
---@return dbcore.Expr
function dbcore.snippet(index, options) end
