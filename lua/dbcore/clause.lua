-- The clauses of a SELECT as dbcore writes it, taken apart: what it selects, from where, in which
-- order. Paging and advice read a query this way; both only add to it, so nothing that is read
-- here ever decides what a query means.
local token = require("dbcore.token")

local clause = {}

-- Words that begin a clause at the top level, and the clause.
local BEGINS = {
  WITH = "with",
  SELECT = "select",
  FROM = "from",
  WHERE = "where",
  GROUP = "group_by",
  HAVING = "having",
  ORDER = "order_by",
  LIMIT = "limit",
  OFFSET = "offset",
}

local COMPOUND = { UNION = true, INTERSECT = true, EXCEPT = true }

local function trim(text)
  return text:match("^%s*(.-)%s*$")
end

-- A clause that ends before `stop`: its text, and the number of parameters before and in it.
local function close(parts, sql, stop, seen)
  local open = parts.open
  if open then
    parts[open.name] = { text = trim(sql:sub(open.start, stop - 1)), first = open.seen + 1,
      count = seen - open.seen }
    parts.open = nil
  end
end

--- Takes a SELECT apart. Each clause that is there is { text, first, count }: its text without
--- the words that begin it, the number of its first parameter, and how many it has.
---@param sql string
---@return table clauses with, select, from, where, group_by, having, order_by, limit, offset;
--- `distinct` and `compound` are true when it is that
function clause.parse(sql)
  local parts, depth, seen, before = {}, 0, 0, nil
  for kind, text, start, stop in token.each(sql) do
    if text == "(" then
      depth = depth + 1
    elseif text == ")" then
      depth = depth - 1
    elseif kind == "parameter" then
      seen = seen + 1
    elseif kind == "word" and depth == 0 then
      local name = BEGINS[text]
      if name and not (name == "from" and before == "DISTINCT") then
        close(parts, sql, start, seen)
        parts.open = { name = name, start = stop + 1, seen = seen }
      elseif text == "BY" and (before == "GROUP" or before == "ORDER") then
        parts.open.start = stop + 1
      elseif text == "DISTINCT" and before == "SELECT" then
        parts.distinct, parts.open.start = true, stop + 1
      elseif COMPOUND[text] then
        parts.compound = true
      end
    end
    if kind ~= "space" and kind ~= "comment" then
      before = text
    end
  end
  close(parts, sql, #sql + 1, seen)
  return parts
end

--- The items of a clause, apart at its commas: a list of { text, first, count }.
---@param part table a clause of parse()
---@return table[]
function clause.items(part)
  local items, depth, start, seen, first = {}, 0, 1, 0, 0
  local function close_item(stop)
    items[#items + 1] = { text = trim(part.text:sub(start, stop)), first = part.first + first,
      count = seen - first }
  end
  for kind, text, from, stop in token.each(part.text) do
    if text == "(" then
      depth = depth + 1
    elseif text == ")" then
      depth = depth - 1
    elseif kind == "parameter" then
      seen = seen + 1
    elseif text == "," and depth == 0 then
      close_item(from - 1)
      start, first = stop + 1, seen
    end
  end
  close_item(#part.text)
  return items
end

-- The words and names of a text at its top level, in order, without what is in parentheses.
local function outline(text)
  local found, depth = {}, 0
  for kind, piece in token.each(text) do
    if piece == "(" then
      depth = depth + 1
      if depth == 1 then
        found[#found + 1] = { kind = "group" }
      end
    elseif piece == ")" then
      depth = depth - 1
    elseif depth == 0 and kind ~= "space" and kind ~= "comment" then
      found[#found + 1] = { kind = kind, text = piece }
    end
  end
  return found
end

-- The source that begins at position `at` of an outline: a table or a subquery, and its alias.
local function source_at(found, at)
  local what = found[at]
  if not what or what.kind ~= "name" and what.kind ~= "group" then
    return nil
  end
  local source = { table = what.kind == "name" and token.unquote(what.text) or nil }
  source.alias = source.table
  if found[at + 1] and found[at + 1].text == "AS" and found[at + 2] then
    source.alias = token.unquote(found[at + 2].text)
  end
  return source
end

--- The sources of a FROM clause: { table, alias }, where `table` is the name in the database, nil
--- for a subquery.
---@param part table the clause `from` of parse()
---@return table[]
function clause.sources(part)
  local found = outline(part.text)
  local sources = { source_at(found, 1) }
  for i, piece in ipairs(found) do
    if piece.kind == "word" and piece.text == "JOIN" then
      sources[#sources + 1] = source_at(found, i + 1)
    end
  end
  return sources
end

--- A term of ORDER BY without its direction.
---@param text string
---@return string expression
---@return boolean descending
---@return "first"|"last" nulls where NULL stands
function clause.order_term(text)
  local nulls
  local bare, word = text:match("^(.-)%s+NULLS%s+(%u+)$")
  if bare and (word == "FIRST" or word == "LAST") then
    text, nulls = bare, word:lower()
  end
  local expression, direction = text:match("^(.-)%s+(%u+)$")
  local descending = direction == "DESC"
  if descending or direction == "ASC" then
    text = expression
  end
  return text, descending, nulls or (descending and "last" or "first")
end

return clause
