-- Writes schema.lua or schema.sql from a database: what it makes has the fingerprint of the
-- database, so that pushing it changes nothing.
local check = require("dbcore.check")
local file = require("dbscript.file")
local literal = require("dbcore.literal")
local lint = require("dbscript.project.lint")
local native = require("dbcore.native")
local outcome = require("dbscript.project.outcome")
local product = require("dbscript.project.product")
local schema_writer = require("dbcore.schema_writer")
local screen = require("dbscript.project.screen")

local pull = {
  about = "Writes a schema that makes what the database holds: pushing it changes nothing. Tables "
    .. "are written in the words of a schema; what these cannot say, and views, virtual tables and "
    .. "the like, stand in it as d.define with their SQL. Where FILE ends with .sql, all is SQL.",
}

function pull.declare(parser)
  parser:option("-o --output"):argname("FILE"):description("instead of the project's schema")
  parser:flag("--stdout"):description("write it to standard output")
  parser:flag("--force"):description("replace the file when it is there")
end

-- A schema made of described tables and of the SQL of everything else. `plain` holds the names of
-- tables that are written as SQL all the same.
local function compose(objects, plain)
  local tables, said, definitions = {}, {}, {}
  for _, object in ipairs(objects) do
    local def = object.description
    if def and not plain[object.name] then
      tables[#tables + 1] = def
      for _, list in ipairs({ def.indexes or {}, def.triggers or {} }) do
        for _, part in ipairs(list) do
          said[part.name] = true
        end
      end
    end
  end
  for _, object in ipairs(objects) do
    local is_table = object.kind == "table" and object.description and not plain[object.name]
    if not is_table and not (said[object.name] and not plain[object.table]) then
      definitions[#definitions + 1] = object
    end
  end
  return tables, definitions
end

-- Whether the schema can be made; if not, the table that stands in the way.
local function try(db, tables, definitions, wanted)
  local descriptors, texts = {}, {}
  for i, def in ipairs(tables) do
    descriptors[i] = native.table(def)
  end
  for i, object in ipairs(definitions) do
    texts[i] = object.sql
  end
  local ok, schema = pcall(native.schema, descriptors, {}, texts)
  if not ok then
    return nil, schema.table
  end
  local catalog = native.catalog_of(db, schema)
  if catalog:fingerprint() == wanted:fingerprint() then
    return true
  end
  local first = native.plan_between(db, catalog, wanted):differences()[1]
  return nil, first and first.table
end

-- Tables are taken back to SQL until the whole comes to the same.
local function settle(db, wanted)
  local objects, plain = wanted:objects(), {}
  while true do
    local tables, definitions = compose(objects, plain)
    local good, blamed = try(db, tables, definitions, wanted)
    if good then
      return tables, definitions
    elseif not blamed or plain[blamed] then
      for _, object in ipairs(objects) do
        plain[object.name] = true
      end
      return compose(objects, plain)
    end
    plain[blamed] = true
  end
end

local MOST_LOCALS = 150 -- a chunk may have 200

-- The schema's file: each table in a local variable, or, when there are many, where it is used.
local function write(tables, definitions)
  local lines = { "-- Written by dbscript pull.", 'local d = require "dbcore"', "" }
  local taken, items = { d = true }, {}
  for i, def in ipairs(tables) do
    if #tables > MOST_LOCALS then
      items[i] = schema_writer.table(def, { indent = 2 })
    else
      items[i] = schema_writer.variable(def.name, taken)
      lines[#lines + 1] = ("local %s = %s\n"):format(items[i], schema_writer.table(def))
    end
  end
  for _, object in ipairs(definitions) do
    items[#items + 1] = ("d.define(%s)"):format(literal.text(object.sql))
  end
  lines[#lines + 1] = "return d.schema {"
  for _, item in ipairs(items) do
    lines[#lines + 1] = ("  %s,"):format(item)
  end
  lines[#lines + 1] = "}"
  return table.concat(lines, "\n") .. "\n"
end

--- The text of a schema that makes what a database holds.
---@param db dbcore.Conn
---@return string text
---@return integer tables in the words of a schema
---@return integer definitions as SQL
function pull.text(db)
  local tables, definitions = settle(db, native.catalog(db))
  return write(tables, definitions), #tables, #definitions
end

-- The same as SQL, in the words of those who made it.
local function sql_text(db)
  local lines, tables = { "-- Written by dbscript pull.\n" }, 0
  local objects = native.catalog(db):objects()
  for _, object in ipairs(objects) do
    lines[#lines + 1] = object.sql .. ";\n"
    tables = tables + (object.kind == "table" and 1 or 0)
  end
  return table.concat(lines), tables, #objects - tables
end

-- What was written must be what was read, before it takes anybody's place.
local function prove(db, text, is_sql)
  local schema = is_sql and text or assert(load(text, "=schema"))()
  local made = native.catalog_of(db, schema)
  if made:fingerprint() ~= native.catalog(db):fingerprint() then
    outcome.stop(outcome.FAILED, "this database cannot be written as a schema; please keep its SQL")
  end
end

function pull.run(job)
  local path = job.given.output or job.workspace.settings.schema[1] or "schema.lua"
  local db <close> = job.workspace:open({ readonly = true })
  if not job.given.stdout and file.about(path) and not job.given.force then
    outcome.stop(outcome.REFUSED, "%s is there already: choose -o FILE or add --force",
      check.quote(path))
  end
  local is_sql = path:find("%.sql$") ~= nil
  local text, tables, definitions = (is_sql and sql_text or pull.text)(db)
  prove(db, text, is_sql)
  job.document.tables, job.document.definitions = tables, definitions
  -- They are written as they are; a new file could not have them.
  job.document.findings = native.array(lint.broken(db))
  if job.given.stdout then
    return product.show(job, text)
  end
  product.save(job, "path", path, text)
  for _, one in ipairs(job.document.findings) do
    job.screen:line({ "yellow", one.message }, ": ", one.fix)
  end
  job.screen:say("%s: %s, %s as SQL", path, screen.plural(tables, "table"),
    screen.plural(definitions, "object"))
end

return pull
