-- What the codes of findings stand for, in the order of the help.
local codes = {}

local LIST = {
  { "S1", "foreign key to columns that are not unique" },
  { "S2", "foreign key to a table or column that is not there" },
  { "S3", "foreign key without an index" },
  { "S4", "view or trigger that names what is not there" },
  { "S5", "full-text index over a table that is not there" },
  { "S6", "full-text index over hidden row numbers" },
  { "S7", "text in double quotes, which are for names" },
  { "S8", "AUTOINCREMENT without need" },
  { "S9", "table without a primary key" },
  { "S10", "index that another one makes needless" },
  { "S11", "names that differ only where LIKE, or case beyond ASCII, sees no difference" },
  { "S12", "default that is computed" },
  { "N1", "name of a table that is not like lint.naming.table of dbcore.lua" },
  { "N2", "name of a column" },
  { "N3", "name of an index" },
  { "N4", "name of a trigger" },
  { "N5", "name of a view" },
  { "D1", "table with rows goes" },
  { "D2", "column with values goes" },
  { "D3", "change of type that loses" },
  { "D4", "conflict clause that would drop rows" },
  { "D5", "computed column in the place of stored values" },
  { "F1", "NOT NULL where there are NULLs" },
  { "F2", "UNIQUE where there are duplicates" },
  { "F3", "CHECK that rows violate" },
  { "F4", "foreign key that rows violate" },
  { "F5", "STRICT type that values do not have" },
  { "F6", "key with NULLs, or with values that are no integers" },
  { "B1", "table gets another name" },
  { "B2", "column gets another name" },
  { "B3", "column becomes required" },
  { "B4", "view changes" },
  { "C1", "copy of a large table" },
  { "C2", "index over a large table" },
  { "H1", "migration before one that is applied already" },
  { "H2", "migration that was edited after it had been applied" },
  { "H3", "migration that is applied and has no file" },
  { "H4", "two migrations with one version" },
}

--- All of them as lines for a help.
---@return string
function codes.help()
  local lines = { "codes:" }
  for i, entry in ipairs(LIST) do
    lines[i + 1] = ("   %-4s %s"):format(entry[1], entry[2])
  end
  return table.concat(lines, "\n")
end

return codes
