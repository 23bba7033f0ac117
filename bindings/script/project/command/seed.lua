-- Fills the database with the rows that a seed file asks for: all of them in one transaction,
-- parents before children, the same rows for the same seed.
local arguments = require("dbscript.project.arguments")
local dbcore = require("dbcore")
local check = require("dbcore.check")
local native = require("dbcore.native")
local file = require("dbscript.file")
local generator = require("dbscript.project.seed.generator")
local inspection = require("dbscript.project.inspection")
local outcome = require("dbscript.project.outcome")
local plan = require("dbscript.project.seed.plan")
local question = require("dbscript.project.question")
local screen = require("dbscript.project.screen")

local seed = {
  about = "Fills the database with the rows that seed.lua asks for, in one transaction, parents "
    .. "before children. The same seed gives the same rows. seed.lua returns a list of "
    .. '{ "users", count = 20, row = function(g, i) return { name = g:name() } end }; with '
    .. 'per = "users" the count is per row of users, which is the function\'s third argument.',
}

local BATCH = 500 -- rows of one insert

function seed.declare(parser)
  parser:argument("FILE"):target("file"):args("?"):description("instead of the project's seed.lua")
  parser:option("--seed"):argname("NUMBER")
    :convert(arguments.number("--seed", math.mininteger, true))
    :description("instead of the seed in the file")
  parser:flag("--reset"):description("empty the tables first, and those that point to them")
  parser:flag("--append"):description("add to tables that have rows")
  parser:flag("--yes"):description("do not ask before a reset")
  parser:flag("--dry-run"):description("do everything and keep nothing")
end

local function load_file(path)
  if not file.about(path) then
    outcome.stop(outcome.FAILED,
      "there is no seed file %s: it returns the rows to make, see dbscript seed --help",
      check.quote(path))
  end
  local chunk, problem = loadfile(path, "t")
  if not chunk then
    outcome.stop(outcome.FAILED, "%s", problem)
  end
  return chunk()
end

-- Whether a description has the columns that the table has.
local function has_columns_of(def, one)
  for _, column in ipairs(def.columns) do
    if not inspection.column(one, column.name) then
      return false
    end
  end
  return #def.columns == #one.columns
end

-- The description of a table to insert with: the schema's, else one without types. While
-- migrations are due, the schema may be ahead of the table.
local function descriptor_of(schema, one)
  for _, described in pairs(schema or {}) do
    local def = dbcore.describe(described)
    if inspection.fold((def.prefix or "") .. def.name) == inspection.fold(one.name)
      and has_columns_of(def, one) then
      return described
    end
  end
  local columns = {}
  for i, column in ipairs(one.columns) do
    columns[i] = dbcore.untyped(column.name)
    if column.key > 0 and #inspection.primary_key(one) == 1 then
      columns[i] = columns[i]:primary_key()
    end
  end
  return dbcore.table(one.name, columns)
end

local function count_rows(db, one)
  return db:query(('SELECT count(*) FROM "%s"'):format(one.name:gsub('"', '""'))):value()
end

local function refuse_full(job, db, parts)
  if job.given.append then
    return
  end
  for _, part in ipairs(parts) do
    local count = count_rows(db, part.table)
    if count > 0 then
      outcome.stop(outcome.REFUSED, "%s has %s already: --reset empties it first, --append adds",
        check.quote(part.table.name), screen.plural(count, "row"))
    end
  end
end

local function confirm_reset(job, emptied)
  local names, total = {}, 0
  for _, one in ipairs(emptied) do
    if one.count > 0 then
      names[#names + 1] = ("%s (%d)"):format(one.table.name, one.count)
      total = total + one.count
    end
  end
  if total == 0 or job.given.yes then
    return
  end
  question.insist(("this deletes %s of %s"):format(screen.plural(total, "row"),
    table.concat(names, ", ")), "Go on?")
end

local function reset(job, db, parts, found)
  local emptied = {}
  for i, one in ipairs(plan.emptied(parts, found)) do
    emptied[i] = { table = one, count = count_rows(db, one) }
  end
  confirm_reset(job, emptied)
  return function(tx)
    for _, one in ipairs(emptied) do
      tx:exec(('DELETE FROM "%s"'):format(one.table.name:gsub('"', '""')))
    end
  end
end

-- Fills the keys that a row left out: with the row it was made for, else with any there is.
local function fill_keys(part, row, parent, g, rows_of)
  for _, key in ipairs(part.table.foreign_keys) do
    local column = #key.columns == 1 and inspection.column(part.table, key.columns[1])
    local to = key.to[1]
    local is_own = part.per and inspection.fold(key.table) == inspection.fold(part.per.name)
    if column and row[column.name] == nil and (is_own or column.not_null) then
      local target = is_own and parent
      if not target and #rows_of(key.table) > 0 then
        target = g:row(key.table)
      end
      row[column.name] = target and target[to or rows_of.key(key.table)] or nil
    end
  end
  return row
end

local function copy_of(row)
  local copy = {}
  for name, value in next, row do
    copy[name] = value
  end
  return copy
end

local function make_row(part, g, i, parent, rows_of)
  local row = part.row(g, i, parent)
  if type(row) ~= "table" then
    outcome.stop(outcome.FAILED, 'the row function of "%s" must return a table, it returned %s',
      part.table.name, check.describe(row))
  end
  return fill_keys(part, copy_of(row), parent, g, rows_of)
end

-- All rows of a part before they are inserted.
local function make_rows(part, g, rows_of)
  local rows = {}
  for i, row in ipairs(part.rows or {}) do
    rows[i] = fill_keys(part, copy_of(row), nil, g, rows_of)
  end
  local parents = part.row and part.per and rows_of(part.per.name) or { false }
  for _, parent in ipairs(part.row and parents or {}) do
    for _ = 1, g:integer(part.count[1], part.count[2]) do
      rows[#rows + 1] = make_row(part, g, #rows + 1, parent or nil, rows_of)
    end
  end
  return rows
end

-- Gives the rows of a table by its name: those inserted in this run, and those there were.
local function new_rows_of(tx, state)
  local function rows_of(name)
    local one = state.found.by_name[inspection.fold(name)]
    if one and not state.rows[one] then
      state.rows[one] = tx:from(descriptor_of(state.schema, one)):all()
    end
    return one and state.rows[one] or {}
  end
  return setmetatable({
    key = function(name)
      local one = state.found.by_name[inspection.fold(name)]
      return one and inspection.primary_key(one)[1]
    end,
  }, { __call = function(_, name)
    return rows_of(name)
  end })
end

local function fill(job, tx, part, state, rows_of)
  local g = generator.new(state.seed, part.table.name, rows_of)
  local rows = make_rows(part, g, rows_of)
  local descriptor = descriptor_of(state.schema, part.table)
  for first = 1, #rows, BATCH do
    local batch = table.move(rows, first, math.min(first + BATCH - 1, #rows), 1, {})
    tx:insert(descriptor):values(batch):run()
    job.progress:tell("seeding " .. part.table.name, first + #batch - 1, #rows, "rows")
  end
  state.rows[part.table] = nil -- read again with what the database added
  table.insert(job.document.tables, { table = part.table.name, rows = #rows })
  return #rows
end

local function show(job, total)
  job.progress:clear()
  job.screen:table(job.document.tables, { "table", "rows" })
  job.screen:say(job.given.dry_run and "%s made and not kept" or "%s inserted",
    screen.plural(total, "row"))
end

function seed.run(job)
  local path = job.given.file or job.workspace.settings.seed
  local given = load_file(path)
  local has_schema = file.about(job.workspace.settings.schema[1] or "") ~= nil
  local schema = has_schema and job.workspace:schema() or nil
  local db <close> = job.workspace:open({ schema = schema })
  local found = inspection.read(db)
  local parts, number = plan.read(path, given, found)
  local state = { found = found, schema = schema, seed = job.given.seed or number, rows = {} }
  local empty = job.given.reset and reset(job, db, parts, found)
  if not empty then
    refuse_full(job, db, parts)
  end
  job.document.tables, job.document.seed = native.array({}), state.seed
  local total = 0
  db:transaction(function(tx)
    total, job.document.tables, state.rows = 0, native.array({}), {}
    if empty then
      empty(tx)
    end
    local rows_of = new_rows_of(tx, state)
    for _, part in ipairs(parts) do
      total = total + fill(job, tx, part, state, rows_of)
    end
    if job.given.dry_run then
      tx:rollback()
    end
  end)
  show(job, total)
end

return seed
