-- Rows as a table of aligned columns, no wider than the terminal; as records, one field a line,
-- when even narrow columns do not fit.
local show = require("dbscript.show")
local text = require("dbscript.text")

local grid = {}

local NARROWEST = 6 -- columns a shrunk column keeps
local CELL_MAX = 4000 -- bytes of one cell that are looked at
local RECORD_NAME_MAX = 30 -- columns of a field's name in a record

--- How to draw: with the marks of `unicode` or plain ASCII, `dim` around what is no value.
---@class dbscript.Style
---@field width integer? columns of the terminal; nil: any number
---@field unicode boolean?
---@field dim (fun(s: string): string)?
---@field null any what stands for NULL besides nil

local MARKS = {
  unicode = { bar = " │ ", line = "─", cross = "─┼─", cut = "…" },
  ascii = { bar = " | ", line = "-", cross = "-+-", cut = "~" },
}

--- Whether `value` is a list of rows: a list of tables with text keys and nothing else.
---@param value any
---@return boolean
function grid.is_rows(value)
  if type(value) ~= "table" or debug.getmetatable(value) or #value == 0 then
    return false
  end
  local count = 0
  for key, row in next, value do
    count = count + 1
    if math.type(key) ~= "integer" or type(row) ~= "table" or debug.getmetatable(row) then
      return false
    end
    for name in next, row do
      if type(name) ~= "string" then
        return false
      end
    end
  end
  return count == #value
end

--- All keys of all rows, sorted.
---@param rows table[]
---@return string[]
function grid.keys(rows)
  local seen, names = {}, {}
  for _, row in ipairs(rows) do
    for name in next, row do
      if not seen[name] then
        seen[name] = true
        names[#names + 1] = name
      end
    end
  end
  table.sort(names)
  return names
end

local function is_group(value)
  return type(value) == "table" and not debug.getmetatable(value) and type(next(value)) == "string"
end

local function is_grouped(rows)
  local grouped = false
  for _, row in ipairs(rows) do
    for _, value in next, row do
      if not is_group(value) then
        return false
      end
      grouped = true
    end
  end
  return grouped
end

--- Rows of a join are grouped per table: { posts = {…}, users = {…} }. They are flattened into
--- rows such as { ["posts.id"] = … }. Rows with anything else in them are not touched.
---@param rows table[]
---@param in_order fun(names: string[]): string[] the order of one table's columns
---@return table[]? flat nil when the rows are not grouped
---@return string[]? names
function grid.flatten(rows, in_order)
  if not is_grouped(rows) then
    return nil
  end
  local flat, names = {}, {}
  for i in ipairs(rows) do
    flat[i] = {}
  end
  for _, group in ipairs(grid.keys(rows)) do
    local parts = {}
    for i, row in ipairs(rows) do
      parts[i] = row[group] or {}
    end
    for _, name in ipairs(in_order(grid.keys(parts))) do
      local full = group .. "." .. name
      names[#names + 1] = full
      for i, part in ipairs(parts) do
        flat[i][full] = part[name]
      end
    end
  end
  return flat, names
end

local function is_null(value, style)
  return value == nil or rawequal(value, style.null)
end

local function cell_text(value, style)
  if is_null(value, style) then
    return "NULL"
  elseif type(value) == "string" then
    return text.clean(value, CELL_MAX)
  end
  return text.clean(show.value(value, 3), CELL_MAX)
end

-- The cells of one column, its width and on which side its values stand.
local function make_column(rows, name, style)
  local column = { name = text.clean(name), cells = {}, align = "left" }
  local numbers, others = 0, 0
  column.width = text.width(column.name)
  for i, row in ipairs(rows) do
    local value = row[name]
    local cell = cell_text(value, style)
    column.cells[i] = cell
    column.width = math.max(column.width, text.width(cell))
    if type(value) == "number" then
      numbers = numbers + 1
    elseif not is_null(value, style) then
      others = others + 1
    end
  end
  if numbers > 0 and others == 0 then
    column.align = "right"
  end
  return column
end

-- Takes columns from the widest until all fit. False when they cannot.
local function shrink(columns, room)
  local total = 3 * (#columns - 1) + 2
  for _, column in ipairs(columns) do
    total = total + column.width
  end
  while total > room do
    local widest
    for _, column in ipairs(columns) do
      if not widest or column.width > widest.width then
        widest = column
      end
    end
    if widest.width <= NARROWEST then
      return false
    end
    widest.width = widest.width - 1
    total = total - 1
  end
  return true
end

local function draw_cell(column, i, value, style, marks, is_last)
  local cell = text.cut(column.cells[i], column.width, marks.cut)
  -- Nothing follows the last column, so it needs no blanks.
  if not (is_last and column.align == "left") then
    cell = text.pad(cell, column.width, column.align)
  end
  return is_null(value, style) and style.dim and style.dim(cell) or cell
end

local function draw_table(columns, rows, names, style, marks)
  local lines, head, rule = {}, {}, {}
  for j, column in ipairs(columns) do
    head[j] = text.pad(text.cut(column.name, column.width, marks.cut), column.width, column.align)
    rule[j] = marks.line:rep(column.width)
  end
  lines[1] = (" " .. table.concat(head, marks.bar)):gsub(" +$", "")
  lines[2] = marks.line .. table.concat(rule, marks.cross) .. marks.line
  for i, row in ipairs(rows) do
    local line = {}
    for j, column in ipairs(columns) do
      line[j] = draw_cell(column, i, row[names[j]], style, marks, j == #columns)
    end
    lines[#lines + 1] = " " .. table.concat(line, marks.bar)
  end
  return lines
end

local function draw_records(columns, rows, names, style, marks)
  local longest = 0
  for _, column in ipairs(columns) do
    longest = math.max(longest, math.min(text.width(column.name), RECORD_NAME_MAX))
  end
  local lines = {}
  for i, row in ipairs(rows) do
    local head = marks.line:rep(2) .. (" %d "):format(i)
    lines[#lines + 1] = head .. marks.line:rep(math.max(0, longest + 10 - text.width(head)))
    for j, column in ipairs(columns) do
      local name = text.pad(text.cut(column.name, longest, marks.cut), longest, "left")
      local room = math.max(NARROWEST, (style.width or math.huge) - longest - #marks.bar - 2)
      local cell = column.cells[i]
      if style.width then
        cell = text.cut(cell, room, marks.cut)
      end
      if is_null(row[names[j]], style) and style.dim then
        cell = style.dim(cell)
      end
      lines[#lines + 1] = " " .. name .. marks.bar .. cell
    end
  end
  return lines
end

--- Rows as lines of text.
---@param rows table[]
---@param names string[] the order of the columns
---@param style dbscript.Style
---@return string[]
function grid.draw(rows, names, style)
  if #names == 0 then
    return {}
  end
  local marks = style.unicode and MARKS.unicode or MARKS.ascii
  local columns = {}
  for j, name in ipairs(names) do
    columns[j] = make_column(rows, name, style)
  end
  if style.width and not shrink(columns, style.width) then
    return draw_records(columns, rows, names, style, marks)
  end
  return draw_table(columns, rows, names, style, marks)
end

return grid
