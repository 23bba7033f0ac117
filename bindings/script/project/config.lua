-- The settings of a project: the file dbcore.lua, checked, with the defaults of what it leaves
-- out. Paths in it are relative to its folder.
local check = require("dbcore.check")
local file = require("dbscript.file")
local outcome = require("dbscript.project.outcome")
local report = require("dbscript.report")

local config = {}

local DEFAULTS = { schema = { "schema.lua" }, migrations = "migrations", seed = "seed.lua" }

local KNOWN = {
  database = "string", schema = "list", migrations = "string", seed = "string",
  backups = "string", keep = "integer", ignore = "list", lint = "table",
}

local LINT_KNOWN = {
  level = "string", off = "list", naming = "table", rows = "integer", megabytes = "integer",
}

local NAMING_KNOWN = {
  table = "string", column = "string", index = "string", trigger = "string", view = "string",
}

local WORDS = { string = "text", list = "a list of texts", integer = "an integer",
  table = "a table" }

---@class dbscript.Config
---@field path string? the file it was read from
---@field database string?
---@field schema string[] files
---@field migrations string
---@field seed string
---@field backups string? the folder of backups; beside the database when not given
---@field keep integer? backups that are kept
---@field ignore string[] patterns of tables that are not the project's
---@field lint table { level, off, naming, rows, megabytes }, each when it was given

local function wrong(path, format, ...)
  outcome.stop(outcome.FAILED, "%s: %s", path, format:format(...))
end

local function as_list(value)
  if type(value) ~= "table" then
    return { value }
  end
  return value
end

local function is_list_of_text(value)
  for _, one in ipairs(as_list(value)) do
    if type(one) ~= "string" or one == "" then
      return false
    end
  end
  return type(value) ~= "table" or #value > 0 or next(value) == nil
end

local function fits(value, kind)
  if kind == "list" then
    return (type(value) == "string" or type(value) == "table") and is_list_of_text(value)
  elseif kind == "integer" then
    return math.type(value) == "integer" and value >= 0
  end
  return type(value) == kind and value ~= ""
end

-- Checks a table of settings against what is known; `prefix` says where it stands.
local function check_keys(path, given, known, prefix)
  for key, value in next, given do
    if type(key) ~= "string" or not known[key] then
      wrong(path, "there is no setting %s%s", check.quote(prefix .. tostring(key)),
        check.suggestion(key, check.sorted_keys(known)))
    elseif not fits(value, known[key]) then
      wrong(path, "%s must be %s, it is %s", check.quote(prefix .. key), WORDS[known[key]],
        check.describe(value))
    end
  end
end

local function check_patterns(path, naming)
  for kind, pattern in next, naming do
    local ok, problem = pcall(string.find, "", pattern)
    if not ok then
      wrong(path, '"lint.naming.%s" is no Lua pattern: %s', kind, problem)
    end
  end
end

local function check_all(path, given)
  if type(given) ~= "table" then
    wrong(path, 'it must return a table such as { database = "app.db" }, it returned %s',
      check.describe(given))
  end
  check_keys(path, given, KNOWN, "")
  check_keys(path, given.lint or {}, LINT_KNOWN, "lint.")
  check_keys(path, given.lint and given.lint.naming or {}, NAMING_KNOWN, "lint.naming.")
  check_patterns(path, given.lint and given.lint.naming or {})
end

local function load_file(path)
  local chunk, problem = loadfile(path, "t")
  if not chunk then
    outcome.stop(outcome.FAILED, "%s", problem)
  end
  local ok, given = pcall(chunk)
  if not ok then
    outcome.stop(outcome.FAILED, "%s fails: %s", path, report.message(given))
  end
  check_all(path, given)
  return given
end

-- A path of the file, seen from where the program runs.
local function placed(folder, path)
  if path:find("^/") or path == ":memory:" then
    return path
  end
  return folder .. path
end

local function place_all(folder, paths)
  local done = {}
  for i, path in ipairs(as_list(paths)) do
    done[i] = placed(folder, path)
  end
  return done
end

--- Reads the settings.
---@param path string
---@param is_default boolean then a file that is not there means the defaults
---@return dbscript.Config
function config.read(path, is_default)
  local given, found = {}, file.about(path)
  if found then
    given = load_file(path)
  elseif not is_default then
    outcome.stop(outcome.WRONG_USAGE, "there is no file %s: --config takes the project's settings",
      check.quote(path))
  end
  local folder = path:match("^(.*/)") or ""
  return {
    path = found and path or nil,
    database = given.database and placed(folder, given.database),
    schema = place_all(folder, given.schema or DEFAULTS.schema),
    migrations = placed(folder, given.migrations or DEFAULTS.migrations),
    seed = placed(folder, given.seed or DEFAULTS.seed),
    backups = given.backups and placed(folder, given.backups),
    keep = given.keep,
    ignore = as_list(given.ignore or {}),
    lint = given.lint or {},
  }
end

return config
