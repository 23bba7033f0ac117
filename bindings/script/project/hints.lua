-- What only a person can know about a change, as it is said on the command line:
-- --rename users.mail=email, --backfill users.age=0, … become the hints of a plan.
local check = require("dbcore.check")
local outcome = require("dbscript.project.outcome")

local hints = {}

--- Adds the options to a command.
---@param parser table
function hints.declare(parser)
  local function option(name, argname, description)
    parser:option(name):argname(argname):count("*"):description(description)
  end
  option("--rename", "OLD=NEW", "a table, or TABLE.COLUMN=NEW a column, got another name")
  option("--rename-index", "OLD=NEW", "an index got another name")
  option("--backfill", "TABLE.COLUMN=SQL", "the value for rows that have none")
  option("--copy", "TABLE.COLUMN=SQL", "how the column is filled from the old row")
  option("--data", "SQL", "a statement to run between what is added and what goes")
  option("--ignore", "TABLE", "leave the table as it is")
  hints.declare_loss(parser)
end

--- Adds the one that commands have which only take back.
---@param parser table
function hints.declare_loss(parser)
  parser:option("--allow-loss"):argname("TABLE.COLUMN"):args("?"):count("*")
    :description("what a table or a column holds may go; without a name, all that is in the way")
end

local function fail(option, value, wanted)
  outcome.stop(outcome.WRONG_USAGE, "--%s takes %s, got %s", option, wanted, check.quote(value))
end

-- One name at the beginning of `s`, in double quotes or up to a dot or an equals sign. Returns it
-- and what follows.
local function take_name(s)
  if s:sub(1, 1) ~= '"' then
    return s:match("^([^.=]+)(.*)$")
  end
  local i = 2
  while i <= #s do
    if s:sub(i, i) == '"' then
      if s:sub(i + 1, i + 1) ~= '"' then
        return (s:sub(2, i - 1):gsub('""', '"')), s:sub(i + 1)
      end
      i = i + 1
    end
    i = i + 1
  end
end

-- "table.column=value" in its parts; the column is nil without a dot, the value without "=".
local function split(s)
  local owner, rest = take_name(s)
  local column
  if owner and rest:sub(1, 1) == "." then
    column, rest = take_name(rest:sub(2))
    if not column then
      return nil
    end
  end
  if not owner or (rest ~= "" and rest:sub(1, 1) ~= "=") then
    return nil
  end
  return owner, column, rest ~= "" and rest:sub(2) or nil
end

local function bare(name)
  local inner, rest = take_name(name)
  return rest == "" and inner or name
end

local function read_rename(value)
  local owner, column, new = split(value)
  if not owner or not new or new == "" then
    fail("rename", value, "OLD=NEW or TABLE.OLD=NEW")
  elseif column then
    return { kind = "rename_column", table = owner, name = column, value = bare(new) }
  end
  return { kind = "rename_table", table = owner, value = bare(new) }
end

local function read_expression(kind, value)
  local owner, column, expression = split(value)
  if not column or not expression or not expression:find("%S") then
    fail(kind, value, "TABLE.COLUMN=SQL")
  end
  return { kind = kind, table = owner, name = column, value = expression }
end

local function read_loss(list)
  if not list[1] then
    return { kind = "allow_loss" }
  end
  local owner, column, rest = split(list[1])
  if not owner or rest then
    fail("allow-loss", list[1], "nothing, TABLE or TABLE.COLUMN")
  end
  return { kind = "allow_loss", table = owner, name = column }
end

--- Those of what may be lost.
---@param given table
---@return table[]
function hints.read_losses(given)
  local list = {}
  for i, value in ipairs(given.allow_loss) do
    list[i] = read_loss(value)
  end
  return list
end

--- The hints among the arguments.
---@param given table
---@return table[]
function hints.read(given)
  local list = {}
  for _, value in ipairs(given.rename) do
    list[#list + 1] = read_rename(value)
  end
  for _, value in ipairs(given.rename_index) do
    local old, _, new = split(value)
    if not old or not new or new == "" then
      fail("rename-index", value, "OLD=NEW")
    end
    list[#list + 1] = { kind = "rename_index", name = old, value = bare(new) }
  end
  for _, kind in ipairs({ "backfill", "copy" }) do
    for _, value in ipairs(given[kind]) do
      list[#list + 1] = read_expression(kind, value)
    end
  end
  for _, value in ipairs(given.data) do
    list[#list + 1] = { kind = "data", value = value }
  end
  for _, value in ipairs(given.ignore) do
    list[#list + 1] = { kind = "ignore", table = bare(value) }
  end
  return table.move(hints.read_losses(given), 1, #given.allow_loss, #list + 1, list)
end

-- A name as read() takes it, in a word of the shell.
local function written(name)
  if name:find("^[^%s.=\"'`$\\]+$") then
    return name
  end
  return '"' .. name:gsub('"', '""') .. '"'
end

local OPTIONS = { rename_table = "--rename", rename_column = "--rename",
  rename_index = "--rename-index", backfill = "--backfill", copy = "--copy",
  allow_loss = "--allow-loss" }

--- A hint as it is typed; SQL that is still to be said is SQL.
---@param hint dbcore.Hint of a finding
---@return string
function hints.write(hint)
  local place = hint.table and written(hint.table) or ""
  if hint.name then
    place = (hint.table and place .. "." or "") .. written(hint.name)
  end
  local value = hint.kind:find("^rename") and "=" .. written(hint.value or "NEW")
    or hint.kind ~= "allow_loss" and "=" .. (hint.value or "SQL") or ""
  local word = place .. value
  if word:find("[%s\"'`$\\*?;&|<>()]") then
    word = "'" .. word:gsub("'", "'\\''") .. "'"
  end
  return OPTIONS[hint.kind] .. " " .. word
end

-- A pattern with * and ? as one of Lua's.
local function to_pattern(glob)
  return "^" .. glob:gsub("[%^%$%(%)%%%.%[%]%+%-]", "%%%0"):gsub("%*", ".*"):gsub("%?", ".") .. "$"
end

--- Adds a hint to ignore each table whose name matches one of the patterns.
---@param list table[]
---@param patterns string[]
---@param names string[] of the tables there are
function hints.ignore(list, patterns, names)
  for _, glob in ipairs(patterns) do
    for _, name in ipairs(names) do
      if name:find(to_pattern(glob)) then
        list[#list + 1] = { kind = "ignore", table = name }
      end
    end
  end
end

return hints
