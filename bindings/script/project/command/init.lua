-- Begins a project: the settings, a schema to start from, the folder of migrations. What is there
-- already is left alone.
local check = require("dbcore.check")
local file = require("dbscript.file")
local folder = require("dbscript.folder")
local native = require("dbcore.native")
local outcome = require("dbscript.project.outcome")

local init = {
  about = "Begins a project in this folder, or in FOLDER: dbcore.lua (the settings), schema.lua "
    .. "and migrations/. Files that are there are left as they are.",
}

local CONFIG = [[
-- The settings of this project, for dbscript's commands. Paths are relative to this file.
return {
  database = %s,
  schema = %s,
  migrations = %s,
}
]]

local SCHEMA = [[
-- The tables of this project. After a change: dbscript generate NAME, then dbscript migrate.
local d = require "dbcore"

local notes = d.table("notes", {
  d.integer "id" :primary_key(),
  d.text "title" :not_null() :length(1, 200),
  d.text "body" :not_null() :default "",
  d.timestamp "created_at" :not_null() :default_now(),
})

return d.schema { notes }
]]

function init.declare(parser)
  parser:argument("FOLDER"):target("folder"):args("?")
    :description("where; it is made when missing")
end

local function quoted(s)
  return ("%q"):format(s)
end

local function must(done, problem)
  if not done then
    outcome.stop(outcome.FAILED, "%s", problem)
  end
end

-- Writes a file that is not there. Tells what was done.
local function put(job, root, name, content)
  local path = root .. name
  local found = file.about(path)
  if found then
    job.screen:say("kept     %s", path)
    table.insert(job.document.kept, path)
    return
  end
  must(file.save(path, content))
  job.screen:say("created  %s", path)
  table.insert(job.document.created, path)
end

local function put_folder(job, root, name)
  local path = root .. name
  local found = file.about(path)
  if found and found.kind ~= "folder" then
    outcome.stop(outcome.FAILED, "%s is a file: a folder is needed there, move it away",
      check.quote(path))
  elseif found then
    job.screen:say("kept     %s/", path)
    table.insert(job.document.kept, path)
    return
  end
  must(folder.make(path))
  job.screen:say("created  %s/", path)
  table.insert(job.document.created, path)
end

function init.run(job)
  local given = job.given
  local root = given.folder and given.folder:gsub("/*$", "/") or ""
  local schema, migrations = given.schema[1] or "schema.lua", given.migrations or "migrations"
  job.document.created, job.document.kept = native.array({}), native.array({})
  if root ~= "" then
    must(folder.make(root))
  end
  put(job, root, "dbcore.lua",
    CONFIG:format(quoted(given.database or "app.db"), quoted(schema), quoted(migrations)))
  if schema:find("%.lua$") then
    put(job, root, schema, SCHEMA)
  end
  put_folder(job, root, migrations)
  job.screen:say("next: describe your tables in %s, then: dbscript generate first", root .. schema)
end

return init
