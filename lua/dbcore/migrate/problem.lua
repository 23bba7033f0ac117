-- What does not fit between migrations, their history and the database: a code, what is wrong and
-- how to mend it. Found by status() and verify(); raised where it is in the way of something.
local native = require("dbcore.native")

local problem = {}

-- By the state of a migration.
local STATES = {
  out_of_order = { "H1", "comes before a migration that is applied already",
    "give it a later version, or run it with out_of_order" },
  edited = { "H2", "was edited after it had been applied",
    "undo the edit and write a new migration, or accept it with repair { force = true }" },
  missing = { "H3", "is applied, but there is no such file",
    "bring the file back, or forget it with repair { force = true }" },
  newer = { "H3", "is applied, and newer than all that this program knows", "update the program" },
}

--- A problem; of a migration when it has an id.
---@param code string "H1", …
---@param id? string
---@param words string
---@param fix string
---@return dbcore.MigrationProblem
function problem.new(code, id, words, fix)
  return { code = code, level = "refusal", id = id, fix = fix,
    message = id and ("%s %s"):format(id, words) or words }
end

--- The problem of an entry of the history; nil when it has none.
---@param entry dbcore.MigrationEntry
---@return dbcore.MigrationProblem?
function problem.of_entry(entry)
  local found = STATES[entry.state]
  if not found then
    return nil
  end
  local one = problem.new(found[1], entry.id, found[2], found[3])
  one.state, one.diff = entry.state, entry.diff
  return one
end

--- Raises a problem as an error: `problem` of it is the problem itself.
---@param code string of the error
---@param one dbcore.MigrationProblem
---@param fields? table more fields of the error
function problem.raise(code, one, fields)
  local all = { problem = one }
  for key, value in pairs(fields or {}) do
    all[key] = value
  end
  native.raise(code, ("%s: %s"):format(one.message, one.fix), all)
end

return problem
