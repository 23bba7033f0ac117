-- Random schemas as SQL text.
local writer = {}

function writer.quote(name)
  return '"' .. name:gsub('"', '""') .. '"'
end

local quote = writer.quote

function writer.text(pieces)
  local out = {}
  for i, piece in ipairs(pieces) do
    out[i] = type(piece) == "table" and quote(piece.name) or piece
  end
  return table.concat(out)
end

local text = writer.text

local function names(columns)
  local out = {}
  for i, column in ipairs(columns) do
    out[i] = quote(column.name)
  end
  return table.concat(out, ", ")
end

local function on_conflict(rule)
  return rule.conflict and " ON CONFLICT " .. rule.conflict or ""
end

local function reference(link)
  return " REFERENCES " .. quote(link.parent.name) .. " (" .. names(link.parents) .. ")"
    .. (link.on_delete and " ON DELETE " .. link.on_delete or "")
    .. (link.on_update and " ON UPDATE " .. link.on_update or "")
    .. (link.deferred and " DEFERRABLE INITIALLY DEFERRED" or "")
end

local function column_text(tbl, column)
  local out = quote(column.name) .. (column.type ~= "" and " " .. column.type or "")
  local key = tbl.key
  if column.collate then
    out = out .. " COLLATE " .. column.collate
  end
  if key and not key.is_apart and key.columns[1] == column then
    out = out .. " PRIMARY KEY" .. (key.desc and " DESC" or "") .. on_conflict(key)
      .. (key.autoincrement and " AUTOINCREMENT" or "")
  end
  if column.not_null then
    out = out .. " NOT NULL" .. on_conflict(column.not_null)
  end
  if column.unique then
    out = out .. " UNIQUE" .. on_conflict(column.unique)
  end
  if column.default then
    out = out .. " DEFAULT " .. column.default
  end
  if column.check then
    out = out .. " CHECK (" .. text(column.check) .. ")"
  end
  for _, link in ipairs(tbl.links) do
    if link.is_inline and link.columns[1] == column then
      out = out .. reference(link)
    end
  end
  if column.generated then
    out = out .. " AS (" .. text(column.generated.expression) .. ")"
      .. (column.generated.stored and " STORED" or "")
  end
  return out
end

local function table_sql(tbl)
  local parts, options = {}, {}
  for _, column in ipairs(tbl.columns) do
    parts[#parts + 1] = column_text(tbl, column)
  end
  if tbl.key and tbl.key.is_apart then
    parts[#parts + 1] = "PRIMARY KEY (" .. names(tbl.key.columns) .. ")" .. on_conflict(tbl.key)
  end
  for _, rule in ipairs(tbl.rules) do
    local name = rule.name and "CONSTRAINT " .. rule.name .. " " or ""
    if rule.kind == "unique" then
      parts[#parts + 1] = name .. "UNIQUE (" .. names(rule.columns) .. ")" .. on_conflict(rule)
    else
      parts[#parts + 1] = name .. "CHECK (" .. text(rule.expression) .. ")"
    end
  end
  for _, link in ipairs(tbl.links) do
    if not link.is_inline then
      parts[#parts + 1] = "FOREIGN KEY (" .. names(link.columns) .. ")" .. reference(link)
    end
  end
  if tbl.without_rowid then
    options[#options + 1] = " WITHOUT ROWID"
  end
  if tbl.strict then
    options[#options + 1] = " STRICT"
  end
  return "CREATE TABLE " .. quote(tbl.name) .. " (\n  " .. table.concat(parts, ",\n  ") .. "\n)"
    .. table.concat(options, ",")
end

local function index_sql(index)
  local terms = {}
  for i, term in ipairs(index.terms) do
    terms[i] = text(term)
  end
  return "CREATE " .. (index.unique and "UNIQUE " or "") .. "INDEX " .. quote(index.name) .. " ON "
    .. quote(index.table.name) .. " (" .. table.concat(terms, ", ") .. ")"
    .. (index.where and " WHERE " .. text(index.where) or "")
end

local function trigger_sql(t)
  return "CREATE TRIGGER " .. quote(t.name) .. " " .. t.time .. " " .. t.event
    .. (t.of and " OF " .. quote(t.of.name) or "") .. " ON " .. quote(t.on.name)
    .. (t.when and " WHEN " .. text(t.when) or "") .. " BEGIN " .. text(t.body) .. "; END"
end

--- The statements, apart: those that hold rows, and those that only speak of them.
function writer.statements(s)
  local holding, speaking = {}, {}
  for _, tbl in ipairs(s.tables) do
    holding[#holding + 1] = table_sql(tbl)
  end
  for _, index in ipairs(s.indexes) do
    holding[#holding + 1] = index_sql(index)
  end
  for _, view in ipairs(s.views) do
    speaking[#speaking + 1] = "CREATE VIEW " .. quote(view.name) .. " AS " .. text(view.text)
  end
  for _, trigger in ipairs(s.triggers) do
    speaking[#speaking + 1] = trigger_sql(trigger)
  end
  return holding, speaking
end

--- All of it.
function writer.sql(s)
  local holding, speaking = writer.statements(s)
  table.move(speaking, 1, #speaking, #holding + 1, holding)
  return table.concat(holding, ";\n") .. ";\n"
end

return writer
