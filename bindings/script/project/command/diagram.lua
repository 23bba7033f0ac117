-- Draws the schema: as Mermaid's entity-relationship diagram, or as a picture in SVG.
local dbcore = require("dbcore")
local inspection = require("dbscript.project.inspection")
local mermaid = require("dbscript.project.diagram.mermaid")
local model = require("dbscript.project.diagram.model")
local product = require("dbscript.project.product")
local screen = require("dbscript.project.screen")
local svg = require("dbscript.project.diagram.svg")

local diagram = {
  about = "Draws the schema: tables with their columns and keys, and a line with its cardinality "
    .. "for every foreign key. As Mermaid for Markdown pages, or as a picture in SVG when FILE "
    .. "ends with .svg or --format says so.",
}

function diagram.declare(parser)
  parser:option("-o --output"):argname("FILE"):description("write to FILE")
  parser:option("--format"):argname("FORMAT"):choices({ "mermaid", "svg" })
    :description("mermaid or svg")
  parser:flag("--live"):description("draw what the database holds, not what the schema says")
end

local function read(job)
  if job.given.live then
    local db <close> = job.workspace:open({ readonly = true })
    return model.of(inspection.read(db))
  end
  local db <close> = job.workspace:scratch()
  local schema = job.workspace:schema()
  return model.of(inspection.read(db), schema and dbcore.describe(schema))
end

function diagram.run(job)
  local path = job.given.output
  local format = job.given.format or (path and path:lower():find("%.svg$") and "svg") or "mermaid"
  local picture = read(job)
  local content = (format == "svg" and svg or mermaid).text(picture)
  job.document.format, job.document.tables = format, #picture.tables
  job.document.lines = #picture.lines
  if not path then
    return product.show(job, content)
  end
  product.save(job, "output", path, content)
  job.screen:say("%s: %s, %s", path, screen.plural(#picture.tables, "table"),
    screen.plural(#picture.lines, "relation"))
end

return diagram
