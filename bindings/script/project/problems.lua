-- What does not fit between migrations, their history and the database, as a person reads it: each
-- problem with what to type, and an edit as a diff.
local problems = {}

-- What to type, by code: the library speaks of its own methods.
local FIXES = {
  H1 = "give it a later version, or let it in with dbscript migrate --allow-out-of-order",
  H2 = "undo the edit and write a new migration, or accept it with dbscript repair --force",
  H3 = "bring the file back, or forget it with dbscript repair --force",
  H4 = "join them with dbscript merge, or give all but one of them a later version",
  H5 = "write the missing migration with dbscript generate",
  H7 = "dbscript repair --undo takes it back, --adopt NAME makes it a migration, --accept leaves "
    .. "it as it is; --drift shows the SQL",
  H8 = "let it do without rows that only the database has",
}

local function fix_of(one)
  if one.state == "newer" then
    return "update the project, or bring the file back"
  elseif one.code == "H2" and not one.id then
    return "write history.sum anew with dbscript repair"
  end
  return FIXES[one.code] or one.fix
end

--- Brings what a migrator found into the words of the command line.
---@param list dbcore.MigrationProblem[]
---@return dbcore.MigrationProblem[] list
function problems.reword(list)
  for _, one in ipairs(list) do
    one.fix = fix_of(one)
  end
  return list
end

--- The problem that an error is about; nil for any other value.
---@param raised any
---@return dbcore.MigrationProblem?
function problems.of(raised)
  local one = type(raised) == "table" and rawget(raised, "problem")
  return one and problems.reword({ one })[1] or nil
end

--- All that does not fit in the history of a database, and what was changed in it by hand.
---@param migrator dbcore.Migrator
---@return dbcore.MigrationStatus status its problems are those
function problems.find(migrator)
  local status = migrator:status()
  for _, one in ipairs(migrator:drift().differences) do
    table.insert(status.problems, { code = "H7", level = "refusal", difference = one,
      message = "the database was changed since its last migration: " .. one.words })
  end
  problems.reword(status.problems)
  return status
end

local COLOURS = { ["-"] = "red", ["+"] = "green", ["@"] = "blue" }

local function show_diff(job, text)
  for line in text:gmatch("([^\n]*)\n") do
    local colour = COLOURS[line:sub(1, 1)]
    job.screen:line("    ", colour and { colour, line } or line)
  end
end

--- Shows problems; what mends several in a row is said once, behind them.
---@param job dbscript.Job
---@param list dbcore.MigrationProblem[]
function problems.show(job, list)
  for i, one in ipairs(list) do
    job.screen:line({ "red", one.code }, "  ", one.message)
    if not list[i + 1] or list[i + 1].fix ~= one.fix or one.diff then
      job.screen:line({ "dim", "    " .. one.fix })
    end
    if one.diff then
      show_diff(job, one.diff)
    end
  end
end

return problems
