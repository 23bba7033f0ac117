-- Brings a database up to date with package indexes. All of it happens in one
-- transaction: afterwards either the whole import is there or the database is
-- as it was. Rows that exist are updated, packages that are in no index any
-- more are deleted, so the same import can be run again and again.
--
-- Rows are made one at a time, while they are inserted: values() takes an
-- iterator, and the iterators below fill the same table again for each row.
local d = require "dbcore"
local control = require "control"
local schema = require "schema"

local packages, dependencies, provides = schema.packages, schema.dependencies, schema.provides
local field, relations = control.field, control.relations

local BATCH = 500 -- packages read before they are written, table by table

local DEPENDENCIES = {
  { name = "pre-depends", key = "\nPre-Depends: " },
  { name = "depends", key = "\nDepends: " },
  { name = "recommends", key = "\nRecommends: " },
  { name = "suggests", key = "\nSuggests: " },
  { name = "breaks", key = "\nBreaks: " },
  { name = "conflicts", key = "\nConflicts: " },
}
local PROVIDES = { { name = "provides", key = "\nProvides: " } }

local import = {}

--- The next packages of an index: their stanzas and their names. Packages that
--- dpkg remembers though they are not installed any more are left out.
---@param next_stanza fun(): string? from control.stanzas()
---@return string[]? stanzas nil at the end
---@return string[] names
function import.read_batch(next_stanza)
  local stanzas, names = {}, {}
  for stanza in next_stanza do
    local name = field(stanza, "\nPackage: ")
    local status = field(stanza, "\nStatus: ")
    if name and (not status or status:find " installed$") then
      stanzas[#stanzas + 1], names[#names + 1] = stanza, name
    end
    if #stanzas == BATCH then
      break
    end
  end
  return #stanzas > 0 and stanzas or nil, names
end

--- Iterates over the rows of `packages`. The row is the same table each time.
---@param stanzas string[]
---@param names string[]
---@param seen_at integer
---@return fun(): table?
function import.package_rows(stanzas, names, seen_at)
  local row, i = { seen_at = seen_at }, 0

  return function()
    i = i + 1
    local stanza = stanzas[i]
    if not stanza then
      return nil
    end
    row.name = names[i]
    row.version = field(stanza, "\nVersion: ")
    row.section = field(stanza, "\nSection: ") or "unknown"
    row.priority = field(stanza, "\nPriority: ") or "optional"
    row.architecture = field(stanza, "\nArchitecture: ")
    row.summary = field(stanza, "\nDescription: ") or ""
    row.homepage = field(stanza, "\nHomepage: ")
    row.installed_size = tonumber(field(stanza, "\nInstalled-Size: ")) or 0
    row.essential = field(stanza, "\nEssential: ") == "yes"
    row.installed = field(stanza, "\nStatus: ") ~= nil
    return row
  end
end

-- Iterates over the names in all lists of relations of a batch, kind by kind.
-- Before each list it calls `start(package, kind)`, then for each name
-- `next_row(name, version, separator)`, whose result it gives.
local function each_relation(stanzas, names, kinds, start, next_row)
  local i, k, relation = 0, #kinds, nil

  -- Goes on to the next list; false when there is none.
  local function next_list()
    local list
    repeat
      k = k + 1
      if k > #kinds then
        i, k = i + 1, 1
      end
      if not stanzas[i] then
        return false
      end
      list = field(stanzas[i], kinds[k].key)
    until list
    relation = relations(list)
    start(names[i], kinds[k].name)
    return true
  end

  return function()
    while true do
      if relation then
        local name, version, separator = relation()
        if name then
          return next_row(name, version, separator)
        end
      end
      if not next_list() then
        return nil
      end
    end
  end
end

--- Iterates over the rows of `dependencies`. The row is the same table each time.
---@param stanzas string[]
---@param names string[]
---@return fun(): table?
function import.dependency_rows(stanzas, names)
  local row, is_alternative = {}, false

  return each_relation(stanzas, names, DEPENDENCIES, function(package, kind)
    row.package, row.kind, row.choice, row.alternative = package, kind, 0, 0
    is_alternative = false
  end, function(name, version, separator)
    if is_alternative then
      row.alternative = row.alternative + 1
    else
      row.choice, row.alternative = row.choice + 1, 1
    end
    is_alternative = separator == "|"
    row.target, row.version = name, version ~= "" and version or nil
    return row
  end)
end

--- Iterates over the rows of `provides`. The row is the same table each time.
---@param stanzas string[]
---@param names string[]
---@return fun(): table?
function import.provided_rows(stanzas, names)
  local row = {}

  return each_relation(stanzas, names, PROVIDES, function(package)
    row.package = package
  end, function(name)
    row.name = name
    return row
  end)
end

-- What an insert sets in a row that is there already.
local function excluded(names)
  local set = {}
  for _, name in ipairs(names) do
    set[name] = d.excluded(name)
  end
  return set
end

local PACKAGE_UPDATE = excluded {
  "version", "section", "priority", "architecture", "summary", "homepage",
  "installed_size", "essential", "installed", "seen_at",
}
local DEPENDENCY_UPDATE = excluded { "target", "version" }

-- A new version may need less than the one before.
local function forget_needs(tx, names)
  tx:delete(dependencies):where(dependencies.package:in_(names)):run()
  tx:delete(provides):where(provides.package:in_(names)):run()
end

-- Writes a batch, and gives the number of rows by table. The import is one
-- transaction: no batch needs a savepoint of its own.
local function write(tx, stanzas, names, seen_at)
  tx:insert(packages)
    :without_savepoint()
    :values(import.package_rows(stanzas, names, seen_at))
    :on_conflict("name")
    :update(PACKAGE_UPDATE)
    :run()
  local needed = tx:insert(dependencies)
    :without_savepoint()
    :values(import.dependency_rows(stanzas, names))
    :on_conflict("package", "kind", "choice", "alternative")
    :update(DEPENDENCY_UPDATE)
    :run()
  local provided = tx:insert(provides)
    :without_savepoint()
    :values(import.provided_rows(stanzas, names))
    :on_conflict("package", "name")
    :ignore()
    :run()
  return { packages = #stanzas, dependencies = needed.changes, provides = provided.changes }
end

local function import_source(tx, source, seen_at, is_first, note)
  local file <close> = source.open()
  for stanzas, names in import.read_batch, control.stanzas(file) do
    if not is_first then
      forget_needs(tx, names)
    end
    note(write(tx, stanzas, names, seen_at))
  end
  local complete, _, code = file:close()
  if not complete then
    error(("%s broke off with exit code %s"):format(source.title, code), 0)
  end
end

--- Imports all `sources`, the later ones over the earlier ones.
---@param db dbcore.Conn
---@param sources { title: string, open: fun(): file* }[]
---@param progress? fun(totals: table) called after each batch
---@return table totals rows written: packages, dependencies, provides
function import.run(db, sources, progress)
  local totals = { packages = 0, dependencies = 0, provides = 0 }

  local function note(counts)
    for _, name in ipairs { "packages", "dependencies", "provides" } do
      totals[name] = totals[name] + counts[name]
    end
    if progress then
      progress(totals)
    end
  end

  db:transaction(function(tx)
    local last = tx:from(packages):select({ at = d.max(packages.seen_at) }):value()
    local seen_at = math.max(os.time(), (last or 0) + 1)
    for i, source in ipairs(sources) do
      import_source(tx, source, seen_at, not last and i == 1, note)
    end
    tx:delete(packages):where(packages.seen_at:ne(seen_at)):run()
  end)
  return totals
end

return import
