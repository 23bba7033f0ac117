-- The tables of the package index.
local d = require "dbcore"

local schema = {}

schema.packages = d.table("packages", {
  d.integer "id" :primary_key(),
  d.text "name" :not_null() :unique(),
  d.text "version" :not_null(),
  d.text "section" :not_null() :default "unknown",
  d.text "priority" :not_null() :default "optional",
  d.text "architecture" :not_null(),
  d.text "summary" :not_null() :default "",
  d.text "homepage",
  d.integer "installed_size" :not_null() :default(0) :comment "in KiB, once unpacked",
  d.boolean "essential" :not_null() :default(false),
  d.boolean "installed" :not_null() :default(false),
  d.timestamp "seen_at" :not_null() :comment "the import that saw it last",
  d.index "packages_installed" :on "section" :where "installed = 1",
}, { strict = true })

-- "Depends: a, b | c" makes three rows: a is choice 1, b and c are
-- alternatives 1 and 2 of choice 2.
schema.dependencies = d.table("dependencies", {
  d.text "package" :not_null() :references("packages.name", { on_delete = "cascade" }),
  d.text "kind"
    :not_null()
    :enum { "depends", "pre-depends", "recommends", "suggests", "breaks", "conflicts" },
  d.integer "choice" :not_null(),
  d.integer "alternative" :not_null(),
  d.text "target" :not_null(),
  d.text "version" :comment "what the target's version must be, such as '>= 2.34'",
  d.primary_key("package", "kind", "choice", "alternative"),
  d.index "dependencies_target" :on("target", "kind"),
}, { strict = true, without_rowid = true })

-- Names that a package answers to beside its own.
schema.provides = d.table("provides", {
  d.text "package" :not_null() :references("packages.name", { on_delete = "cascade" }),
  d.text "name" :not_null(),
  d.primary_key("package", "name"),
  d.index "provides_name" :on "name",
}, { strict = true, without_rowid = true })

-- For the search by words; the database keeps it in step with the packages.
schema.packages_text = d.fts("packages_text", { "summary" }, { content = "packages" })

schema.all = d.schema {
  schema.packages,
  schema.dependencies,
  schema.provides,
  schema.packages_text,
}

--- Opens a database of packages, and makes its tables when the file is new.
---@param path string
---@return dbcore.Conn
function schema.open(path)
  local db = d.open(path, {
    schema = schema.all,
    pragmas = { cache_size = -16000 }, -- KiB: a big import touches many pages
  })
  db:create(schema.all)
  return db
end

return schema
