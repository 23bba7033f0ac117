-- The questions, each one query. None of them reads rows into Lua to count or
-- sort them: that is the database's work.
local d = require "dbcore"
local schema = require "schema"

local packages, dependencies, provides = schema.packages, schema.dependencies, schema.provides
local packages_text = schema.packages_text

local NEEDS = { "depends", "pre-depends" } -- without these a package does not work
local WANTS = { "depends", "pre-depends", "recommends" } -- what apt installs along

local questions = {}

--- How many packages there are, and how many of them are installed.
function questions.overview(db)
  return db
    :from(packages)
    :select({
      packages = d.count(),
      installed = d.count():filter(packages.installed:eq(true)),
      dependencies = db:from(dependencies):select({ n = d.count() }),
    })
    :one()
end

--- One package by its name, or nil.
function questions.package(db, name)
  return db:from(packages):where({ name = name }):one()
end

--- The sections that take most room here.
function questions.sizes_by_section(db, limit)
  local size = d.sum(packages.installed_size)
  return db
    :from(packages)
    :where({ installed = true })
    :group_by(packages.section)
    :select({ section = packages.section, packages = d.count(), size = size })
    :order_by(size:desc(), packages.section)
    :limit(limit)
    :all()
end

--- The names that most packages depend on.
function questions.most_wanted(db, limit)
  local wanted = db
    :from(dependencies)
    :where(dependencies.kind:in_(NEEDS))
    :select({ package = dependencies.package, target = dependencies.target })
    :distinct()
    :as("wanted")
  return db
    :from(wanted)
    :left_join(packages, packages.name:eq(wanted.target))
    :group_by(wanted.target)
    :select({ name = wanted.target, wanted_by = d.count(), summary = packages.summary })
    :order_by(d.count():desc(), wanted.target)
    :limit(limit)
    :all()
end

--- All that a package pulls in, itself left out: the first alternative of each
--- dependency, and theirs. A name that is no package is taken from the first
--- package that provides it.
function questions.pulled_in(db, name)
  local provider = db
    :from(provides)
    :where(provides.name:eq(dependencies.target))
    :select({ package = d.min(provides.package) })

  return db
    :with("pulled", function(pulled)
      return db
        :from(packages)
        :where({ name = name })
        :select({ name = packages.name })
        :union(db
          :from(pulled)
          :join(dependencies, dependencies.package:eq(pulled.name))
          :left_join(packages, packages.name:eq(dependencies.target))
          :where(dependencies.kind:in_(NEEDS) & dependencies.alternative:eq(1))
          :select({ name = d.coalesce(packages.name, provider, dependencies.target) }))
    end)
    :from("pulled")
    :join(packages, packages.name:eq(d.ref("pulled").name))
    :where(packages.name:ne(name))
    :select({
      name = packages.name,
      size = packages.installed_size,
      installed = packages.installed,
      summary = packages.summary,
    })
    :order_by(packages.installed_size:desc(), packages.name)
    :all()
end

--- Who would break if a package went: those that need it, and those that need
--- them. Whoever has another installed alternative is safe. Only installed
--- packages are asked, unless the package itself is not installed.
function questions.broken_without(db, name, installed)
  local other = d.alias(dependencies, "other")
  local substitute = d.alias(packages, "substitute")
  local alternatives = db
    :from(other)
    :join(substitute, substitute.name:eq(other.target))
    :where(other.package:eq(dependencies.package) & other.kind:eq(dependencies.kind))
    :where(other.choice:eq(dependencies.choice) & other.target:ne(dependencies.target))
    :where(substitute.installed:eq(true) | d.sql("?", not installed))

  local breaks = db:with("broken", function(broken)
    return db
      :from(packages)
      :where({ name = name })
      :select({ name = packages.name })
      :union(db
        :from(broken)
        :join(dependencies, dependencies.target:eq(broken.name))
        :join(packages, packages.name:eq(dependencies.package))
        :where(dependencies.kind:in_(NEEDS) & d.not_(d.exists(alternatives)))
        :where(packages.installed:eq(true) | d.sql("?", not installed))
        :select({ name = dependencies.package }))
  end)
  return breaks
    :from("broken")
    :join(packages, packages.name:eq(d.ref("broken").name))
    :where(packages.name:ne(name))
    :select({ name = packages.name, size = packages.installed_size, summary = packages.summary })
    :order_by(packages.installed_size:desc(), packages.name)
    :all()
end

--- Installed packages that no other installed package depends on or
--- recommends, neither by name nor by what they provide.
function questions.unneeded(db, limit)
  local user = d.alias(packages, "user")
  local function used_as(target)
    return db
      :from(dependencies)
      :join(user, user.name:eq(dependencies.package))
      :where(dependencies.target:eq(target) & dependencies.kind:in_(WANTS))
      :where(user.installed:eq(true) & user.name:ne(packages.name))
  end
  local by_role = used_as(provides.name)
    :join(provides, provides.name:eq(dependencies.target))
    :where(provides.package:eq(packages.name))

  return db
    :from(packages)
    :where({ installed = true, essential = false })
    :where(d.not_(d.exists(used_as(packages.name))) & d.not_(d.exists(by_role)))
    :select({ name = packages.name, size = packages.installed_size, summary = packages.summary })
    :order_by(packages.installed_size:desc(), packages.name)
    :limit(limit)
    :all()
end

--- The packages in whose summary all the words stand, the best first.
function questions.search(db, words, limit)
  return db
    :from(packages_text)
    :join(packages, packages.id:eq(packages_text.rowid))
    :where(d.match(packages_text, d.match_words(words)))
    :select({ name = packages.name, size = packages.installed_size, summary = packages.summary })
    :order_by(packages_text.rank, packages.name)
    :limit(limit)
    :all()
end

return questions
