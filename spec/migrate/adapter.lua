-- Migrates one file as a case says: adapter.lua CASE-FOLDER DATABASE. Ends with 0 when it is
-- migrated or was so already, with 3 when that is refused (the reason is on standard error), else
-- with 1. It asks the native part directly, so that nothing stands between a case and the engine.
local native = require("dbcore.native")

local folder, path = arg[1], arg[2]

local function read(name)
  local file <close> = assert(io.open(folder .. "/" .. name, "rb"))
  return file:read("a")
end

--- The journal mode a file has: opening it must not change that.
local function journal_mode()
  local conn <close> = native.open(path, { readonly = true, trusted_schema = true })
  return conn:query("PRAGMA journal_mode"):value()
end

--- The members of a JSON object, in their order.
local function members(conn, json, place)
  return conn:query("SELECT key, value FROM json_each(?, ?)", json, place):all()
end

local function split(name)
  return name:match("^([^.]*)%.(.*)$")
end

local HINTS = {
  rename_tables = function(old, new)
    return { kind = "rename_table", table = old, value = new }
  end,
  rename_columns = function(old, new)
    local owner, column = split(old)
    return { kind = "rename_column", table = owner, name = column, value = new }
  end,
  rename_indexes = function(old, new)
    return { kind = "rename_index", name = old, value = new }
  end,
  backfill = function(place, expression)
    local owner, column = split(place)
    return { kind = "backfill", table = owner, name = column, value = expression }
  end,
  copy_expr = function(place, expression)
    local owner, column = split(place)
    return { kind = "copy", table = owner, name = column, value = expression }
  end,
}

local function hints_of(conn)
  local meta, hints = read("meta.json"), {}
  for _, kind in ipairs({ "rename_tables", "rename_columns", "rename_indexes", "backfill",
    "copy_expr" }) do
    for _, member in ipairs(members(conn, meta, "$.hints." .. kind)) do
      hints[#hints + 1] = HINTS[kind](member.key, member.value)
    end
  end
  for _, statement in ipairs(members(conn, meta, "$.hints.data")) do
    hints[#hints + 1] = { kind = "data", value = statement.value }
  end
  for _, ignored in ipairs(members(conn, meta, "$.hints.ignore")) do
    hints[#hints + 1] = { kind = "ignore", table = ignored.value }
  end
  if conn:query("SELECT json_extract(?, '$.hints.allow_destructive')", meta):value() then
    hints[#hints + 1] = { kind = "allow_loss" }
  end
  return hints
end

local function migrate()
  local conn <close> = native.open(path, {
    pragmas = { journal_mode = journal_mode() },
    trusted_schema = true,
  })
  local target = native.catalog_of(conn, read("target.sql"))
  local plan = native.plan(conn, target, { hints = hints_of(conn) })
  if os.getenv("SHOW") then
    print(plan:script())
  end
  -- All that stands in the way is told, not only the first of it.
  for _, finding in ipairs(plan:findings()) do
    if finding.level == "refusal" then
      io.stderr:write(finding.message, ": ", finding.fix, "\n")
    end
  end
  plan:apply(conn)
end

local ok, err = pcall(migrate)
if not ok then
  io.stderr:write(tostring(err), "\n")
  os.exit(type(err) == "table" and err.code == "refused" and 3 or 1, true)
end
