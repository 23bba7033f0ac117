-- What may be wrong or risky in a schema and on the way to it. Every finding has a code, a level,
-- the object it is about, and what to do about it.
local check = require("dbcore.check")
local inspection = require("dbscript.project.inspection")
local likeness = require("dbscript.project.likeness")
local screen = require("dbscript.project.screen")
local token = require("dbcore.token")
local views = require("dbcore.migrate.views")

local lint = {}

local fold = inspection.fold
local quote = check.quote

--- The levels from harmless to harmful.
lint.LEVELS = { "note", "warning", "refusal" }

local function add(found, code, level, object, message, fix)
  found[#found + 1] = { code = code, level = level, table = object, message = message, fix = fix }
end

---------------------------------------------------------------------------------------------------
-- S: the schema itself

local function check_keys(found, all, one)
  for _, key in ipairs(one.foreign_keys) do
    local name = table.concat(key.columns, ", ")
    local parent = all.by_name[fold(key.table)]
    local to = parent and (#key.to > 0 and key.to or inspection.primary_key(parent)) or {}
    local is_whole = parent ~= nil
    for _, column in ipairs(to) do
      if parent and not inspection.column(parent, column) then
        is_whole = false
      end
    end
    if not is_whole then
      local target = parent and key.table .. "." .. table.concat(to, ", ") or key.table
      add(found, "S2", "refusal", one.name, ("the foreign key %s of %s points to %s, which is "
        .. "not there"):format(quote(name), quote(one.name), quote(target)),
        "create it, or take the foreign key out")
    elseif #to ~= #key.columns or not inspection.is_unique(parent, to) then
      add(found, "S1", "refusal", one.name, ("the foreign key %s of %s points to columns of %s "
        .. "that are not unique: writing fails"):format(quote(name), quote(one.name),
        quote(key.table)), "make them a primary key, or unique without a condition")
    end
    if not inspection.is_indexed(one, key.columns) then
      add(found, "S3", "warning", one.name, ("the foreign key %s of %s has no index: deleting a "
        .. "row of %s reads all of %s"):format(quote(name), quote(one.name), quote(key.table),
        quote(one.name)), ("add an index on %s"):format(name))
    end
  end
end

-- Whether a default is the same for every row: a number, a text, a blob or a plain word.
local function is_literal(default)
  return default:find("^[+-]?%s*%.?%d[%w.]*$") or default:find("^%d[%w.]*[eE][+-]%d+$")
    or default:find("^[xX]?'[^']*'$") or default:find("^'[^']*''.*'$")
    or default:find("^[%a_][%w_]*$") and not default:upper():find("^CURRENT_")
end

local function check_columns(found, one)
  for _, column in ipairs(one.columns) do
    local default = column.default
    if type(default) == "string" and default:find('^"') then
      add(found, "S7", "warning", one.name, ("the default of %s.%s is in double quotes, which are "
        .. "for names"):format(one.name, column.name), "write it in single quotes")
    elseif type(default) == "string" and not is_literal(default) and column.hidden == 0 then
      add(found, "S12", "note", one.name, ("the default of %s.%s is computed: a column like that "
        .. "cannot be added to a table with rows without copying it"):format(one.name,
        column.name), "use a constant where it will do")
    end
  end
end

-- Whether SQL has that word outside of names, texts and comments.
local function has_word(sql, wanted)
  for kind, word in token.each(sql or "") do
    if kind == "word" and fold(word) == wanted then
      return true
    end
  end
  return false
end

local function check_shape(found, one)
  if one.kind == "table" and #inspection.primary_key(one) == 0 then
    add(found, "S9", "warning", one.name, ("%s has no primary key: its rows have no name of their "
      .. "own"):format(quote(one.name)), "give it one")
  end
  if has_word(one.sql, "autoincrement") then
    add(found, "S8", "note", one.name, ("%s has AUTOINCREMENT, which costs a write to another "
      .. "table at each insert"):format(quote(one.name)),
      "leave it out unless ids must never come again")
  end
  for _, pair in ipairs(inspection.redundant_indexes(one)) do
    add(found, "S10", "warning", one.name, ("the index %s of %s is needless beside %s"):format(
      quote(pair.index.name), quote(one.name), pair.by and quote(pair.by.name)
      or "the primary key"), "drop it")
  end
end

-- The columns that a full-text index covers and `target` has not, as a list for a message.
local function missing_columns(one, target)
  local names = {}
  for _, column in ipairs(one.columns) do
    if not inspection.column(target, column.name) then
      names[#names + 1] = quote(column.name)
    end
  end
  return #names > 0 and table.concat(names, ", ") or nil
end

-- A full-text index over the rows of another table, or over a view.
local function check_content(found, all, one)
  local content = one.kind == "virtual" and views.content(one.sql or "")
  if not content then
    return
  end
  local view = all.views_by_name[fold(content)]
  local target = all.by_name[fold(content)] or view
  if not target then
    add(found, "S5", "refusal", one.name, ("the full-text index %s is over %s, which is not there")
      :format(quote(one.name), quote(content)), "create it anew over the table as it is called now")
    return
  elseif #target.columns == 0 then
    return -- it cannot be read, which is said of itself
  end
  local missing = missing_columns(one, target)
  if missing then
    add(found, "S5", "refusal", one.name, ("the full-text index %s covers %s of %s, which is not "
      .. "there"):format(quote(one.name), missing, quote(content)),
      "create it anew over the columns as they are called now")
  end
  local key = inspection.primary_key(target)
  local column = view or #key == 1 and inspection.column(target, key[1])
  if not view and (not column or fold(column.type) ~= "integer") then
    add(found, "S6", "warning", one.name, ("the full-text index %s refers to hidden row numbers of "
      .. "%s, which VACUUM may change"):format(quote(one.name), quote(content)),
      "give that table an INTEGER PRIMARY KEY")
  end
end

local function check_names(found, all)
  for i, one in ipairs(all.tables) do
    for j, other in ipairs(all.tables) do
      if i ~= j and likeness.is_like(one.name, other.name) then
        add(found, "S11", "note", one.name, ("%s and %s differ only where LIKE takes any letter: "
          .. "looking for the one may find the other"):format(quote(one.name),
          quote(other.name)), "rename one of them, or compare names with =")
      elseif i < j and likeness.is_same_but_case(one.name, other.name) then
        add(found, "S11", "note", one.name, ("%s and %s differ only in case, which counts beyond "
          .. "ASCII: they are two tables"):format(quote(one.name), quote(other.name)),
          "rename one of them")
      end
    end
  end
end

local function attempt(db, sql)
  local ok, problem = pcall(db.exec, db, sql)
  return not ok and (problem.message or tostring(problem)) or nil
end

local function quoted(name)
  return '"' .. name:gsub('"', '""') .. '"'
end

-- The word in double quotes that SQLite looked for among the columns in vain: where double quotes
-- may stand for text, it would have been one.
local function quoted_text(problem, sql)
  local name = problem:match("no such column: (.+)$")
  return name and sql:find(quoted(name), 1, true) and name or nil
end

local function add_quoted_text(found, owner, where, name)
  add(found, "S7", "refusal", owner, ("%s has %s in double quotes, which are for names, and there "
    .. "is no column of that name"):format(where, quote(name)), "write a text in single quotes")
end

-- What cannot be compiled: `is_broken` says so of `owner`, and `where` names what has the text
-- `sql` if a text in double quotes is to blame.
local function add_broken(found, owner, problem, is_broken, where, sql)
  local text = quoted_text(problem, sql)
  if text then
    add_quoted_text(found, owner, where, text)
  else
    add(found, "S4", "refusal", owner, ("%s: %s"):format(is_broken, problem),
      "write it anew over what is there")
  end
end

local PREFIXES = { "^%s*%a+%s+", "^[uU][nN][iI][qQ][uU][eE]%s+" }
local IF_NOT_EXISTS = "^(%a+)%s+[iI][fF]%s+[nN][oO][tT]%s+[eE][xX][iI][sS][tT][sS]"

-- What a CREATE statement makes: "table", and its name.
local function made_by(sql)
  local rest = sql:gsub("%-%-[^\n]*", " ")
  for _, prefix in ipairs(PREFIXES) do
    rest = rest:gsub(prefix, "")
  end
  local kind, name = rest:gsub(IF_NOT_EXISTS, "%1"):match("^(%a+)%s+[\"`%[]?([^%s\"`%](]+)")
  return (kind or "statement"):lower(), name
end

--- For Workspace:scratch(): reads on where a definition has a text in double quotes.
---@param found table[] gets a finding for each
---@return fun(sql: string, problem: string): string?
function lint.forgive(found)
  return function(sql, problem)
    local name = quoted_text(problem, sql)
    if not name then
      return nil
    end
    local kind, object = made_by(sql)
    add_quoted_text(found, object, ("the %s %s"):format(kind, quote(object or "")), name)
    local from, to = sql:find(quoted(name), 1, true)
    return sql:sub(1, from - 1) .. "'" .. name:gsub("'", "''") .. "'" .. sql:sub(to + 1)
  end
end

local function check_views(found, db, all)
  for _, view in ipairs(all.views) do
    local problem = attempt(db, ("EXPLAIN SELECT * FROM %s"):format(quoted(view.name)))
    if problem then
      local where = ("the view %s"):format(quote(view.name))
      add_broken(found, view.name, problem, where .. " cannot be read", where, view.sql)
    end
  end
end

-- An UPDATE of every column, so that each UPDATE OF is concerned.
local function update_all(one)
  local parts = {}
  for _, column in ipairs(one.columns) do
    if column.hidden == 0 then
      parts[#parts + 1] = ("%s = %s"):format(quoted(column.name), quoted(column.name))
    end
  end
  return ("EXPLAIN UPDATE %s SET %s"):format(quoted(one.name), table.concat(parts, ", "))
end

-- The columns of UPDATE OF a, "b" ON: SQLite takes any name there, and never fires for one that
-- the table has not.
local function watched_columns(trigger)
  local names, last, is_listed = {}, nil, false
  for kind, word in token.each(trigger.sql) do
    local plain = kind == "word" and fold(word)
    if plain == "on" then
      break
    elseif plain == "of" and last == "update" then
      is_listed = true
    elseif is_listed and (plain or kind == "name") then
      names[#names + 1] = kind == "name" and token.unquote(word) or word
    end
    if kind ~= "space" and kind ~= "comment" then
      last = plain
    end
  end
  return names
end

local function check_trigger(found, one, trigger)
  for _, name in ipairs(watched_columns(trigger)) do
    if not inspection.column(one, name) then
      add(found, "S4", "refusal", one.name, ("the trigger %s waits for a change of %s.%s, which is "
        .. "not there: it never runs"):format(quote(trigger.name), one.name, name),
        "name a column of the table")
    end
  end
end

-- What goes wrong when a table or a view is written, or nil. A view takes only what it has a
-- trigger for.
local function writing_problem(db, one)
  local name = quoted(one.name)
  for _, sql in ipairs({ "EXPLAIN DELETE FROM " .. name,
    ("EXPLAIN INSERT INTO %s DEFAULT VALUES"):format(name), update_all(one) }) do
    local problem = attempt(db, sql)
    if problem and not problem:find("because it is a view", 1, true) then
      return problem
    end
  end
end

-- Triggers are compiled when they are used: so they are, without running anything.
local function check_triggers(found, db, all)
  local seen = {}
  for _, trigger in ipairs(all.triggers) do
    local one = all.by_name[fold(trigger.table)] or all.views_by_name[fold(trigger.table)]
    local is_readable = one and one.columns[1] ~= nil
    if is_readable then
      check_trigger(found, one, trigger)
    end
    local problem = is_readable and not seen[one] and writing_problem(db, one)
    if problem then
      add_broken(found, one.name, problem, ("a trigger of %s cannot run"):format(
        quote(one.name)), ("the trigger %s"):format(quote(trigger.name)), trigger.sql)
    end
    seen[one or 0] = true
  end
end

--- Views and triggers that cannot work.
---@param db dbcore.Conn
---@return table[] findings
function lint.broken(db)
  local all, found = inspection.read(db), {}
  check_views(found, db, all)
  check_triggers(found, db, all)
  return found
end

--- Mistakes in what a database holds; it is best an empty one, since nothing is read from tables.
---@param db dbcore.Conn
---@return table[] findings
---@return dbscript.Inspection all
function lint.schema(db)
  local all, found = inspection.read(db), {}
  for _, one in ipairs(all.tables) do
    check_keys(found, all, one)
    check_columns(found, one)
    check_shape(found, one)
    check_content(found, all, one)
  end
  check_names(found, all)
  check_views(found, db, all)
  check_triggers(found, db, all)
  return found, all
end

---------------------------------------------------------------------------------------------------
-- N: names by the project's patterns

--- Names that break a rule of the settings.
---@param all dbscript.Inspection
---@param naming table<string, string> Lua patterns by kind
---@return table[] findings
function lint.names(all, naming)
  local found = {}
  local function test(code, kind, name, owner)
    local pattern = naming[kind]
    if pattern and not name:find(pattern) then
      add(found, code, "warning", owner, ("the name of the %s %s is not like %s"):format(kind,
        quote(name), pattern), "rename it, or change lint.naming in dbcore.lua")
    end
  end
  for _, one in ipairs(all.tables) do
    test("N1", "table", one.name, one.name)
    for _, column in ipairs(one.columns) do
      test("N2", "column", column.name, one.name)
    end
  end
  for _, index in ipairs(all.indexes) do
    test("N3", "index", index.name, index.table)
  end
  for _, trigger in ipairs(all.triggers) do
    test("N4", "trigger", trigger.name, trigger.table)
  end
  for _, view in ipairs(all.views) do
    test("N5", "view", view.name, view.name)
  end
  return found
end

---------------------------------------------------------------------------------------------------
-- B: what breaks programs; C: what takes long

local BREAKS = { table_renamed = "B1", column_renamed = "B2", view_changed = "B4" }

local function column_of(catalog, table_name, name)
  local object = catalog:find("table", table_name)
  for _, column in ipairs(object and object.description and object.description.columns or {}) do
    if fold(column.name) == fold(name) then
      return column
    end
  end
end

-- The names that tables and columns have in the file, by those they get.
local function old_names(plan)
  local tables, columns = {}, {}
  for _, one in ipairs(plan:differences()) do
    if one.kind == "table_renamed" then
      tables[fold(one.table)] = one.old_name
    elseif one.kind == "column_renamed" then
      columns[fold(one.table) .. "\0" .. fold(one.name)] = one.old_name
    end
  end
  return tables, columns
end

local function has_value(column)
  return column.default ~= nil or column.default_sql ~= nil or column.default_now
    or column.generated or column.primary_key
end

--- Changes that programs which run now may not survive.
---@param plan any
---@param from any the catalog of what is there
---@param to any the catalog of what is wanted
---@return table[] findings
function lint.breaking(plan, from, to)
  local found, tables, columns = {}, old_names(plan)
  for _, one in ipairs(plan:differences()) do
    local code, words = BREAKS[one.kind], one.words
    local is_changed = one.kind == "column_changed"
    local column = (is_changed or one.kind == "column_added") and column_of(to, one.table, one.name)
    if is_changed and not column then
      code = words:find("becomes NOT NULL$") and "B3" or nil
    elseif is_changed and column.not_null then
      local old = column_of(from, tables[fold(one.table)] or one.table,
        columns[fold(one.table) .. "\0" .. fold(one.name)] or one.name)
      code = old and not old.not_null and "B3" or nil
      words = ("column %s of %s becomes NOT NULL"):format(quote(one.name), quote(one.table))
    elseif column and column.not_null and not is_changed and not has_value(column) then
      code = "B3"
      words = words .. " and has to be given"
    end
    if code then
      add(found, code, "warning", one.table, words,
        "change the programs that use it first, or let both names live for a while")
    end
  end
  return found
end

local ROWS, MEGABYTES = 100000, 100 -- from which a copy is worth a word
local ROWS_A_SECOND = 500000 -- that a copy with two indexes manages, roughly

local function rows_of(db, name)
  local ok, count = pcall(function()
    return db:query("SELECT count(*) FROM " .. quoted(name)):value()
  end)
  return ok and count or 0
end

local function megabytes_of(db)
  return db:query("PRAGMA page_count"):value() * db:query("PRAGMA page_size"):value() / 1048576
end

--- Steps of a plan that take long on this database.
---@param db dbcore.Conn
---@param plan any
---@param limits { rows: integer?, megabytes: integer? }
---@return table[] findings
function lint.costs(db, plan, limits)
  local found, size, tables = {}, megabytes_of(db), old_names(plan)
  for _, step in ipairs(plan:steps()) do
    local is_index = (step.sql or ""):find("^CREATE %a*%s*INDEX")
    if step.table and (step.rebuilds or is_index) then
      local rows = rows_of(db, tables[fold(step.table)] or step.table)
      local is_large = rows >= (limits.rows or ROWS)
        or step.rebuilds and size >= (limits.megabytes or MEGABYTES)
      if is_large then
        local work = step.rebuilds and "copies" or "builds an index over"
        add(found, step.rebuilds and "C1" or "C2", "warning", step.table,
          ("%s %s with %s: about %.0f s, and up to %.0f MB of log and of disk"):format(work,
          quote(step.table), screen.plural(rows, "row"), math.max(1, rows / ROWS_A_SECOND), size),
          "run it when few write, with room on the disk")
      end
    end
  end
  return found
end

return lint
