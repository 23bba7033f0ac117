-- SQL typed at the prompt: whether a line is SQL, where a statement ends, what it does. It looks
-- at words, quotes and comments only; the database has the last word.
local sql = {}

local VERBS = {}
for word in ([[ALTER ANALYZE ATTACH BEGIN COMMIT CREATE DELETE DETACH DROP EXPLAIN INSERT PRAGMA
REINDEX RELEASE REPLACE ROLLBACK SAVEPOINT SELECT UPDATE VACUUM VALUES WITH]]):gmatch("%a+") do
  VERBS[word] = true
end

sql.KEYWORDS = {}
for word in ([[ALTER ANALYZE AND AS ASC BEGIN BETWEEN BY CASE COLLATE COMMIT CREATE CROSS DEFAULT
DELETE DESC DISTINCT DROP ELSE END EXISTS EXPLAIN FROM FULL GLOB GROUP HAVING IN INDEX INNER INSERT
INTERSECT INTO IS JOIN LEFT LIKE LIMIT NOT NULL OFFSET ON OR ORDER OUTER PRAGMA REPLACE RETURNING
RIGHT ROLLBACK SELECT SET TABLE THEN TRIGGER UNION UNIQUE UPDATE USING VACUUM VALUES VIEW WHEN WHERE
WITH]]):gmatch("%a+") do
  table.insert(sql.KEYWORDS, word)
end

--- Whether a line at the prompt begins an SQL statement and not Lua. `select("#")` is Lua,
--- `SELECT (1);` is not: a word that is a global function counts as one.
---@param line string
---@param globals table
---@return boolean
function sql.is_statement(line, globals)
  local word, follows = line:match("^%s*(%a+)%s*(.?)")
  if not word or not VERBS[word:upper()] then
    return false
  elseif follows:find("[%w_*\"']") then
    return line:find("^%s*%a+[%s*\"']") ~= nil
  end
  return globals[word] == nil and (follows == "" or follows == "(" or follows == ";")
end

-- What ends a piece that is not code, by how it begins.
local QUOTES = { ["'"] = "'", ['"'] = '"', ["`"] = "`", ["["] = "]" }

-- The byte behind the quoted text or comment that begins at `i`, `i` itself when there is none,
-- or nil when its end is missing.
local function skip(s, i)
  local close = QUOTES[s:sub(i, i)]
  local stop
  if close then
    stop = s:find(close, i + 1, true)
  elseif s:sub(i, i + 1) == "--" then
    return (s:find("\n", i, true) or #s) + 1
  elseif s:sub(i, i + 1) == "/*" then
    stop = s:find("*/", i + 2, true)
    stop = stop and stop + 1
  else
    return i
  end
  return stop and stop + 1
end

-- Calls visit(token, depth, position) for every word and mark outside of quotes and comments,
-- until it returns true. Returns false when a quote is open at the end.
local function scan(s, visit)
  local i, depth = 1, 0
  while i <= #s do
    local after = skip(s, i)
    if not after then
      return false
    elseif after > i then
      i = after
    else
      local token = s:match("^[%a_\x80-\xFF][%w_$\x80-\xFF]*", i) or s:sub(i, i)
      if token == "(" then
        depth = depth + 1
      elseif token == ")" then
        depth = depth - 1
      end
      if visit(token:upper(), depth, i) then
        return true
      end
      i = i + #token
    end
  end
  return true
end

-- A function that is shown each token and answers whether it ends the statement. CREATE TRIGGER
-- holds statements of its own; it ends with the END behind their last semicolon.
local function make_ender()
  local words, is_trigger = 0, false
  local older, last
  return function(token)
    if token:find("^%s") then
      return false
    elseif token == ";" and (not is_trigger or (older == ";" and last == "END")) then
      return true
    elseif token:find("^[%a_]") then
      words = words + 1
      is_trigger = is_trigger or (words <= 3 and token == "TRIGGER" and last ~= "DROP")
    end
    older, last = last, token
    return false
  end
end

--- Splits what was typed into statements that are whole and a rest that is not.
---@param s string
---@return string[] statements without their semicolons
---@return string rest blank when nothing is left
function sql.split(s)
  local statements = {}
  while true do
    local stop
    local ends = make_ender()
    scan(s, function(token, _, position)
      stop = ends(token) and position
      return stop
    end)
    if not stop then
      return statements, s
    end
    local statement = s:sub(1, stop - 1):gsub("^%s+", ""):gsub("%s+$", "")
    if statement ~= "" then
      statements[#statements + 1] = statement
    end
    s = s:sub(stop + 1)
  end
end

--- Whether nothing but blanks and comments is in `s`.
---@param s string
---@return boolean
function sql.is_blank(s)
  local blank = true
  local closed = scan(s, function(token)
    blank = token:find("^%s") ~= nil
    return not blank
  end)
  return blank and closed
end

--- What a statement does: its verb, behind WITH and what WITH names, in capitals.
---@param statement string
---@return string? verb
function sql.verb(statement)
  local verb
  scan(statement, function(token, depth)
    if depth == 0 and VERBS[token] and token ~= "WITH" then
      verb = token
    end
    return verb ~= nil
  end)
  return verb
end

return sql
