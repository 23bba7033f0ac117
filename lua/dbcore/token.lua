-- Tokens of an SQL text, for the few places that must look into one: a view made of a query,
-- paging, advice. It knows where literals, names and comments end, and nothing of grammar.
local token = {}

local function closing_quote(sql, start, quote)
  local at = start + 1
  while true do
    at = sql:find(quote, at, true)
    if not at then
      return #sql
    elseif sql:sub(at + 1, at + 1) ~= quote then
      return at
    end
    at = at + 2
  end
end

local function ending(sql, start, text)
  local _, stop = sql:find(text, start, true)
  return stop or #sql
end

-- Kind and last byte of the token that starts at `start`.
local function measure(sql, start)
  local two = sql:sub(start, start + 1)
  local char = two:sub(1, 1)
  if char == "'" then
    return "text", closing_quote(sql, start, char)
  elseif char == '"' or char == "`" then
    return "name", closing_quote(sql, start, char)
  elseif char == "[" then
    return "name", ending(sql, start, "]")
  elseif two == "--" then
    return "comment", ending(sql, start, "\n")
  elseif two == "/*" then
    return "comment", ending(sql, start + 2, "*/")
  elseif char:find("[%a_\x80-\xFF]") then
    return "word", select(2, sql:find("^[%w_$\x80-\xFF]+", start))
  elseif char:find("%d") or two:find("^%.%d") then
    return "number", select(2, sql:find("^[%w.]+", start))
  elseif char == "?" then
    return "parameter", select(2, sql:find("^%?%d*", start))
  elseif two:find("^[:@$][%w_]") then
    return "parameter", select(2, sql:find("^.[%w_]+", start))
  elseif char:find("%s") then
    return "space", select(2, sql:find("^%s+", start))
  end
  return "sign", start
end

--- Iterates over the tokens of `sql`: kind ("text", "name", "word", "number", "parameter",
--- "sign", "comment", "space"), the token, its first and last byte.
---@param sql string
---@return fun(): string?, string?, integer?, integer?
function token.each(sql)
  local at = 1
  return function()
    if at > #sql then
      return nil
    end
    local kind, stop = measure(sql, at)
    local start = at
    at = stop + 1
    return kind, sql:sub(start, stop), start, stop
  end
end

--- The name that a "name" token quotes.
---@param text string
---@return string
function token.unquote(text)
  local quote = text:sub(1, 1)
  local inner = text:sub(2, -2)
  if quote == "[" then
    return inner
  end
  return (inner:gsub(quote .. quote, quote))
end

--- A name as SQL writes it.
---@param name string
---@return string
function token.quote(name)
  return '"' .. name:gsub('"', '""') .. '"'
end

--- Which value each parameter of `sql` takes: calls `replace(index, text)` for each one, in the
--- order of the text, and puts what it returns in its place (nil: leaves it).
---@param sql string
---@param replace fun(index: integer): string?
---@return string
function token.replace_parameters(sql, replace)
  local parts, last = {}, 0
  for kind, text in token.each(sql) do
    if kind == "parameter" then
      local index = math.tointeger(tonumber(text:match("^%?(%d+)$"))) or last + 1
      last = math.max(last, index)
      text = replace(index) or text
    end
    parts[#parts + 1] = text
  end
  return table.concat(parts)
end

return token
