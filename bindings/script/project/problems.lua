-- What does not fit between migrations, their history and the database, as a person reads it: each
-- problem with what to type, and an edit as a diff.
local problems = {}

-- What to type instead of what a program would call.
local FIXES = {
  H1 = "give it a later version, or let it in with dbscript migrate --allow-out-of-order",
  H2 = "undo the edit and write a new migration, or accept it with dbscript repair --force",
  H3 = "bring the file back, or forget it with dbscript repair --force",
  H4 = "join them with dbscript merge, or give one of them a later version",
}

local COLOURS = { ["-"] = "red", ["+"] = "green", ["@"] = "blue" }

local function show_diff(job, text)
  for line in text:gmatch("([^\n]*)\n") do
    local colour = COLOURS[line:sub(1, 1)]
    job.screen:line("    ", colour and { colour, line } or line)
  end
end

--- Brings what a migrator found into the words of the command line.
---@param list table[]
---@return table[] list
function problems.reword(list)
  for _, one in ipairs(list) do
    if one.id or one.code == "H4" then
      one.fix = one.fix == "update the program" and one.fix or FIXES[one.code] or one.fix
    end
  end
  return list
end

--- The finding for an error that says that there are two heads; nil for any other value.
---@param raised any
---@return table?
function problems.heads(raised)
  if type(raised) == "table" and rawget(raised, "code") == "conflict"
    and raised.message:find("^the history has two heads") then
    return { code = "H4", level = "refusal", message = raised.message:match("^[^:]*"),
      fix = FIXES.H4 }
  end
end

--- Shows problems.
---@param job dbscript.Job
---@param list table[]
function problems.show(job, list)
  for _, one in ipairs(list) do
    job.screen:line({ "red", one.code }, "  ", one.message)
    job.screen:line({ "dim", "    " .. one.fix })
    if one.diff then
      show_diff(job, one.diff)
    end
  end
end

return problems
