-- Copies of the database: where they are kept, how they are named, what is known of one.
local check = require("dbcore.check")
local file = require("dbscript.file")
local folder = require("dbscript.folder")
local outcome = require("dbscript.project.outcome")
local workspace = require("dbscript.project.workspace")

local backups = {}

-- The highest number among the backups of one second, of which the first has none; 0 without any.
-- A number that became free is not used again: pruning would take the newest for the oldest.
local function last_number(place, name)
  local last = 0
  for _, other in ipairs(folder.list(place == "" and "/" or place) or {}) do
    if other:sub(1, #name) == name then
      local rest = other:sub(#name + 1)
      last = math.max(last, rest == "" and 1 or tonumber(rest:match("^%-(%d+)$") or 0))
    end
  end
  return last
end

--- The path of a new backup: app.db makes app.db.backup-20261121T093000Z, beside it or in the
--- folder of the settings.
---@param settings dbscript.Config
---@param path string the database
---@param kind "backup"|"before-push" what it was made for
---@return string
function backups.new_path(settings, path, kind)
  local name = ("%s.%s-%s"):format(path:match("[^/]*$"), kind, os.date("!%Y%m%dT%H%M%SZ"))
  local place = settings.backups or path:match("^(.*)/[^/]*$") or "."
  if settings.backups then
    local made, problem = folder.make(place)
    if not made then
      outcome.stop(outcome.FAILED, "%s", problem)
    end
  end
  local last = last_number(place, name)
  local wanted = last == 0 and name or ("%s-%d"):format(name, last + 1)
  return place == "." and wanted or place .. "/" .. wanted
end

local KEPT = 5

--- Removes the oldest of the backups that push made of a database, but for the number of the
--- settings (5). Their names hold their time; those that somebody asked for are left alone.
---@param settings dbscript.Config
---@param path string the database
function backups.prune(settings, path)
  local place = settings.backups or path:match("^(.*)/[^/]*$") or "."
  local prefix, found = path:match("[^/]*$") .. ".before-push-", {}
  for _, name in ipairs(folder.list(place == "" and "/" or place) or {}) do
    local time, count = name:sub(#prefix + 1):match("^(%d+T%d+Z)%-?(%d*)$")
    if time and name:sub(1, #prefix) == prefix then
      found[#found + 1] = { name = name, time = time, count = tonumber(count) or 1 }
    end
  end
  table.sort(found, function(a, b)
    if a.time ~= b.time then
      return a.time < b.time
    end
    return a.count < b.count
  end)
  for i = 1, #found - (settings.keep or KEPT) do
    os.remove(place .. "/" .. found[i].name)
  end
end

--- What a file says of itself, read without changing it. Raises when it is no database.
---@param path string
---@return { application_id: integer, user_version: integer, page_size: integer, pages: integer,
--- tables: integer }
function backups.about(path)
  local found = file.about(path)
  if not found or found.kind ~= "file" then
    outcome.stop(outcome.FAILED, "there is no backup %s", check.quote(path))
  end
  local db <close> = workspace.open(path, { readonly = true, create = false })
  local function ask(sql)
    return db:query(sql):value()
  end
  return {
    application_id = ask "PRAGMA application_id",
    user_version = ask "PRAGMA user_version",
    page_size = ask "PRAGMA page_size",
    pages = ask "PRAGMA page_count",
    tables = ask "SELECT count(*) FROM sqlite_schema WHERE type = 'table'",
  }
end

-- The statements of a file in one text: equal for two files that hold the same schema.
local function schema_of(db)
  return table.concat(db:query("SELECT coalesce(sql, '') FROM sqlite_schema "
    .. "WHERE name NOT LIKE 'sqlite!_%' ESCAPE '!' ORDER BY type, name"):list(), ";\n")
end

--- Whether two files hold the same tables, indexes, views and triggers, word for word.
---@param a string path
---@param b string
---@return boolean
function backups.have_same_schema(a, b)
  local first <close> = workspace.open(a, { readonly = true, create = false })
  local second <close> = workspace.open(b, { readonly = true, create = false })
  return schema_of(first) == schema_of(second)
end

--- Tells the line of progress how many pages are copied.
---@param job dbscript.Job
---@param what string
---@return table options for db:backup() and db:restore()
function backups.options(job, what)
  return {
    progress = function(done, total)
      job.progress:tell(what, done, total, "pages")
    end,
  }
end

return backups
