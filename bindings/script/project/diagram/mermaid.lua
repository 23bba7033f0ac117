-- A schema as an entity-relationship diagram in Mermaid's words, for Markdown pages.
local mermaid = {}

local function quoted(s)
  return '"' .. s:gsub('["\n\r]', " ") .. '"'
end

-- A table's name: as it is where Mermaid takes it, else in quotes.
local function entity(name)
  return name:find("^[%a_][%w_]*$") and name or quoted(name)
end

-- Types and names of attributes have no quotes: other letters become `_`.
local function word(s, otherwise)
  local plain = s:gsub("[^%w_()]", "_")
  return plain:find("^[%a_]") and plain or otherwise .. plain
end

local function add_table(lines, one)
  lines[#lines + 1] = ("    %s {"):format(entity(one.name))
  for _, column in ipairs(one.columns) do
    local marks = #column.marks > 0 and " " .. table.concat(column.marks, ", ") or ""
    local kind = column.type ~= "" and column.type:gsub(",%s*", "_") or "any"
    lines[#lines + 1] = ("        %s %s%s"):format(word(kind, "t_"), word(column.name, "c_"), marks)
  end
  lines[#lines + 1] = "    }"
end

local function add_line(lines, self, line)
  lines[#lines + 1] = ("    %s %s--%s %s : %s"):format(
    entity(self.tables[line.parent].name), line.is_optional and "|o" or "||",
    line.is_single and "o|" or "o{", entity(self.tables[line.child].name), quoted(line.label))
end

--- The text of a diagram.
---@param self dbscript.Diagram
---@return string
function mermaid.text(self)
  local lines = { "erDiagram" }
  for _, one in ipairs(self.tables) do
    add_table(lines, one)
  end
  for _, line in ipairs(self.lines) do
    add_line(lines, self, line)
  end
  return table.concat(lines, "\n") .. "\n"
end

return mermaid
