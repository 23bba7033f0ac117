-- Prints tables for people, and progress on a terminal.
local report = {}

-- Columns a reader's terminal has; the last column of a table is cut to fit.
local WIDTH = 100

--- 1234567 as "1 234 567".
---@param n integer
---@return string
function report.number(n)
  local digits = ("%d"):format(n)
  return (digits:reverse():gsub("(%d%d%d)", "%1 "):reverse():gsub("^ ", ""))
end

--- A size in KiB as "1.4 MB".
---@param kib integer
---@return string
function report.size(kib)
  local value, units = kib * 1.024, { "kB", "MB", "GB", "TB" }
  local unit = 1
  while value >= 999.5 and unit < #units do
    value, unit = value / 1000, unit + 1
  end
  return ((value < 10 and unit > 1) and "%.1f %s" or "%.0f %s"):format(value, units[unit])
end

-- Cuts text to `width` characters (not bytes) and fills it up with blanks.
local function fit(text, width, align)
  local length = utf8.len(text) or #text
  if length > width then
    local stop = utf8.len(text) and utf8.offset(text, width) or width
    return text:sub(1, stop - 1) .. "…"
  end
  local blanks = (" "):rep(width - length)
  return align == "right" and blanks .. text or text .. blanks
end

--- Prints rows as a table. Each column is { title, key, align = "right",
--- format = function }.
---@param columns table[]
---@param rows table[]
function report.table(columns, rows)
  local widths, cells = {}, {}
  for c, column in ipairs(columns) do
    widths[c] = utf8.len(column[1])
  end
  for r, row in ipairs(rows) do
    cells[r] = {}
    for c, column in ipairs(columns) do
      local value = row[column[2]]
      local text = value == nil and "" or (column.format or tostring)(value)
      cells[r][c] = text
      widths[c] = math.max(widths[c], utf8.len(text) or #text)
    end
  end

  local left = WIDTH - 2
  for c = 1, #columns - 1 do
    left = left - widths[c] - 2
  end
  widths[#columns] = math.max(math.min(widths[#columns], left), 8)

  local function line(texts)
    local parts = {}
    for c, text in ipairs(texts) do
      parts[c] = fit(text, widths[c], columns[c].align)
    end
    print(("  " .. table.concat(parts, "  ")):match("^(.-)%s*$"))
  end
  local titles, rules = {}, {}
  for c, column in ipairs(columns) do
    titles[c], rules[c] = column[1], ("─"):rep(widths[c])
  end
  line(titles)
  line(rules)
  for _, row in ipairs(cells) do
    line(row)
  end
end

--- A function that shows a line of progress in place of the one before, or
--- does nothing where no terminal would show it. "" wipes the line.
---@return fun(text: string)
function report.progress()
  if not os.execute "test -t 2" then
    return function() end
  end
  return function(text)
    io.stderr:write("\r\27[K", text)
  end
end

return report
