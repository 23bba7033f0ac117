-- A schema as a picture: a box a table with a row a column, and a curve for each foreign key from
-- the row of the key to the row it points to. At a child's end the foot of a crow says "many", a
-- bar "one"; at the parent's end a bar says "always one", a ring "one or none".
local layout = require("dbscript.project.diagram.layout")
local text = require("dbscript.text")

local svg = {}

local LETTER = 7.3 -- width of a letter of the font at its size
local ROW, HEAD = 20, 28 -- heights
local PAD = 10 -- within a box, left and right
local MARGIN = 24 -- around the picture
local FOOT = 10 -- how far an end mark reaches
local CUT = 40 -- letters of a name that are shown

local STYLE = [[
text{font:12px ui-monospace,Menlo,Consolas,monospace;fill:#1f2937}
.head{font-weight:600}.type{fill:#6b7280}.mark{fill:#9a3412;font-size:10px}
.box{fill:#fff;stroke:#94a3b8}.title{fill:#e2e8f0;stroke:#94a3b8}
.line{fill:none;stroke:#475569;stroke-width:1.3}.ring{fill:#fff;stroke:#475569;stroke-width:1.3}
]]

local ESCAPES = { ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;", ['"'] = "&quot;" }

local function escaped(s)
  return (text.clean(s):gsub('[&<>"]', ESCAPES))
end

local function shortened(s)
  return text.cut(text.clean(s), CUT, "…")
end

local function number(value)
  return (("%.1f"):format(value):gsub("%.0$", ""))
end

local function marks_of(column)
  return table.concat(column.marks, " ")
end

-- The widths of the three columns of a box, and its size.
local function measure(one)
  local names, kinds, marks = 0, 0, 0
  for _, column in ipairs(one.columns) do
    names = math.max(names, text.width(shortened(column.name)))
    kinds = math.max(kinds, text.width(shortened(column.type)))
    marks = math.max(marks, text.width(marks_of(column)))
  end
  local inner = (names + 2 + kinds + (marks > 0 and marks + 2 or 0)) * LETTER
  local head = text.width(shortened(one.name)) * LETTER * 1.06
  return { width = math.ceil(math.max(inner, head, 90) + 2 * PAD),
    height = HEAD + ROW * #one.columns, names = (names + 2) * LETTER }
end

local function add(out, format, ...)
  out[#out + 1] = format:format(...)
end

local function add_text(out, class, x, y, content, is_right)
  add(out, '<text class="%s" x="%s" y="%s"%s>%s</text>', class, number(x), number(y),
    is_right and ' text-anchor="end"' or "", escaped(content))
end

local function add_box(out, one, size, node)
  local x, y = node.x + MARGIN, node.y + MARGIN
  add(out, '<g><rect class="box" x="%s" y="%s" width="%s" height="%s" rx="4"/>', number(x),
    number(y), number(size.width), number(size.height))
  add(out, '<path class="title" d="M%s %sv-%da4 4 0 0 1 4-4h%sa4 4 0 0 1 4 4v%dz"/>', number(x),
    number(y + HEAD), HEAD - 4, number(size.width - 8), HEAD - 4)
  add_text(out, "head", x + PAD, y + HEAD - 9, shortened(one.name))
  for i, column in ipairs(one.columns) do
    local base = y + HEAD + ROW * i - 6
    add_text(out, column.is_required and "head" or "name", x + PAD, base, shortened(column.name))
    add_text(out, "type", x + PAD + size.names, base, shortened(column.type))
    if #column.marks > 0 then
      add_text(out, "mark", x + size.width - PAD, base, marks_of(column), true)
    end
  end
  out[#out + 1] = "</g>"
end

-- The height of a column's row in the picture.
local function row_y(node, column)
  return node.y + MARGIN + HEAD + ROW * (column - 0.5)
end

-- The mark where a line meets a box at (x, y); `way` is 1 when the line goes to the right.
local function add_child_end(out, line, x, y, way)
  if line.is_single then
    add(out, '<path class="line" d="M%s %sv10"/>', number(x + way * FOOT * 0.7), number(y - 5))
  else
    add(out, '<path class="line" d="M%s %sL%s %sM%s %sL%s %s"/>', number(x + way * FOOT),
      number(y), number(x), number(y - 6), number(x + way * FOOT), number(y), number(x),
      number(y + 6))
  end
end

local function add_parent_end(out, line, x, y, way)
  if line.is_optional then
    add(out, '<circle class="ring" cx="%s" cy="%s" r="4"/>', number(x + way * FOOT), number(y))
  else
    add(out, '<path class="line" d="M%s %sv10"/>', number(x + way * FOOT * 0.7), number(y - 5))
  end
end

local function curve(x1, y1, x2, y2)
  local bend = math.max(24, (x2 - x1) / 2)
  return ("C%s %s %s %s %s %s"):format(number(x1 + bend), number(y1), number(x2 - bend),
    number(y2), number(x2), number(y2))
end

-- A table that points to itself: around its right side.
local function add_loop(out, line, node)
  local x = node.x + node.width + MARGIN
  local from, to = row_y(node, line.child_column), row_y(node, line.parent_column)
  add(out, '<path class="line" d="M%s %sC%s %s %s %s %s %s"/>', number(x), number(from),
    number(x + 44), number(from), number(x + 44), number(to), number(x), number(to))
  add_child_end(out, line, x, from, 1)
  add_parent_end(out, line, x, to, 1)
end

local function add_line(out, self, line, path)
  local first, last = path[1], path[#path]
  local is_forward = first.table == line.parent
  local y = row_y(first, is_forward and line.parent_column or line.child_column)
  local x = first.x + first.width + MARGIN
  local target = row_y(last, is_forward and line.child_column or line.parent_column)
  local parts, at_x, at_y = { ("M%s %s"):format(number(x), number(y)) }, x, y
  for i = 2, #path - 1 do
    local lane = path[i].y + path[i].height / 2 + MARGIN
    local left, right = path[i].x + MARGIN, path[i].x + path[i].width + MARGIN
    parts[#parts + 1] = curve(at_x, at_y, left, lane)
    parts[#parts + 1] = "H" .. number(right)
    at_x, at_y = right, lane
  end
  parts[#parts + 1] = curve(at_x, at_y, last.x + MARGIN, target)
  add(out, '<path class="line" d="%s"><title>%s</title></path>', table.concat(parts),
    escaped(("%s: %s → %s"):format(self.tables[line.child].name, line.label,
      self.tables[line.parent].name)))
  local add_first, add_last = add_child_end, add_parent_end
  if is_forward then
    add_first, add_last = add_parent_end, add_child_end
  end
  add_first(out, line, x, y, 1)
  add_last(out, line, last.x + MARGIN, target, -1)
end

--- The picture.
---@param self dbscript.Diagram
---@return string
function svg.text(self)
  local sizes, out = {}, {}
  for i, one in ipairs(self.tables) do
    sizes[i] = measure(one)
  end
  local placed = layout.place(sizes, self.lines)
  local width = number(placed.width + 2 * MARGIN + 30) -- room for loops at the right
  local height = number(placed.height + 2 * MARGIN)
  add(out, '<svg xmlns="http://www.w3.org/2000/svg" width="%s" height="%s" viewBox="0 0 %s %s">',
    width, height, width, height)
  add(out, '<style>%s</style><rect width="100%%" height="100%%" fill="#f8fafc"/>', STYLE)
  for i, line in ipairs(self.lines) do
    if #placed.paths[i] > 0 then
      add_line(out, self, line, placed.paths[i])
    end
  end
  for i, one in ipairs(self.tables) do
    add_box(out, one, sizes[i], placed.boxes[i])
  end
  for i, line in ipairs(self.lines) do
    if #placed.paths[i] == 0 then
      add_loop(out, line, placed.boxes[line.child])
    end
  end
  out[#out + 1] = "</svg>\n"
  return table.concat(out, "\n")
end

return svg
