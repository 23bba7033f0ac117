-- Repositories: what a program does with the rows of one table, under one name: finding, writing,
-- scopes, hooks, soft deletes, versions. `Users = d.repository(users, { … })` describes it, and
-- `Users(db)` or `Users(tx)` is a value that reads and writes there.
local native = require("dbcore.native")
local check = require("dbcore.check")
local deletion = require("dbcore.repository_delete")
local hidden = require("dbcore.repository_hidden")
local key = require("dbcore.repository_key")
local read = require("dbcore.repository_read")
local write = require("dbcore.repository_write")

---@class dbcore.Repo
local Repo = {}

for _, methods in ipairs({ read.methods, write.methods, deletion.methods }) do
  for name, method in pairs(methods) do
    Repo[name] = method
  end
end

local HOOKS = {}
for _, moment in ipairs({ "before", "after" }) do
  for _, verb in ipairs({ "create", "update", "delete", "restore" }) do
    HOOKS[#HOOKS + 1] = moment .. "_" .. verb
  end
end
table.sort(HOOKS)

local CLOCKS = { timestamp = true, timestamp_ms = true, datetime = true, date = true }
local QUERY = native.methods("query")

---------------------------------------------------------------------------------------------------
-- A repository on a handle

local Repo_mt = { __name = "dbcore.repo" }

local function bind(definition, handle)
  return setmetatable({ _definition = definition, _handle = handle, _scopes = {},
    _unscoped = false, _deleted = nil }, Repo_mt)
end

-- A copy with another setting.
local function with(self, field, value)
  local copy = check.copy(self)
  copy[field] = value
  return copy
end

--- The same on another handle.
function Repo:_on(handle)
  return with(self, "_handle", handle)
end

--- Whether it is about some rows of its table only, apart from soft deletes.
function Repo:_is_scoped()
  return self._scopes[1] ~= nil or self._definition.default_scope ~= nil and not self._unscoped
end

--- The repository without any scope, the default one included. What is deleted stays hidden; for
--- that there is with_deleted().
---@return dbcore.Repo
function Repo:unscoped()
  return with(with(self, "_scopes", {}), "_unscoped", true)
end

local function with_deletes(self, mode, method)
  if not self._definition.soft_delete then
    check.fail("%s:%s() is for repositories with soft_delete", self._definition.name, method)
  end
  return with(self, "_deleted", mode)
end

--- The repository with the rows that were deleted softly.
---@return dbcore.Repo
function Repo:with_deleted()
  return with_deletes(self, "with", "with_deleted")
end

--- The repository of the rows that were deleted softly.
---@return dbcore.Repo
function Repo:only_deleted()
  return with_deletes(self, "only", "only_deleted")
end

--- Calls `body` with the repository on a transaction; see db:transaction().
---@param body fun(repo: dbcore.Repo, tx: dbcore.Tx): ...
---@param options? table
---@return any ...
function Repo:transaction(body, options)
  check.kind(body, "function", self._definition.name .. ":transaction()")
  return self._handle:transaction(function(tx)
    return body(self:_on(tx), tx)
  end, options)
end

-- A scope as a method: the repository narrowed by it.
local function scope_method(name, fn)
  return function(self, ...)
    local scopes = table.move(self._scopes, 1, #self._scopes, 1, {})
    local scope = table.pack(...)
    scope.name, scope.fn = name, fn
    scopes[#scopes + 1] = scope
    return with(self, "_scopes", scopes)
  end
end

-- A step or an end of queries: it goes on from query().
local function query_method(name)
  return function(self, ...)
    local query = self:query()
    return query[name](query, ...)
  end
end

local function known_methods(definition)
  local names = check.sorted_keys(Repo)
  for _, name in ipairs(check.sorted_keys(definition.methods)) do
    names[#names + 1] = name
  end
  for _, name in ipairs(check.sorted_keys(QUERY)) do
    names[#names + 1] = name
  end
  return names
end

function Repo_mt.__index(self, name)
  local method = Repo[name]
  if method ~= nil then
    return method
  elseif type(name) == "string" and name:find("^_") then
    return nil
  end
  local definition = rawget(self, "_definition")
  method = definition.methods[name]
  if method == nil and rawget(QUERY, name) ~= nil then
    method = query_method(name)
    definition.methods[name] = method
  end
  if method == nil then
    local names = known_methods(definition)
    local nearest = type(name) == "string" and check.nearest(name, names)
    check.fail("the repository %s has no method %s%s", check.quote(definition.name),
      type(name) == "string" and check.quote(name) or check.describe(name),
      nearest and ("; did you mean %s?"):format(check.quote(nearest)) or "")
  end
  return method
end

function Repo_mt.__tostring(self)
  return ("dbcore.repo %s"):format(check.quote(self._definition.name))
end

---------------------------------------------------------------------------------------------------
-- The description

local Repository_mt = {
  __name = "dbcore.repository",
  __call = function(self, handle)
    local kind = native.kind(handle)
    if kind ~= "conn" and kind ~= "txn" then
      check.fail("a repository is bound to a connection or a transaction, Users(db); got %s",
        check.describe(handle))
    end
    return bind(self._definition, handle)
  end,
  __index = function(self, name)
    return check.fail("the repository %s is not bound yet, so it has no %s; write Users(db):%s(…)",
      check.quote(rawget(self, "_definition").name), check.describe(name), tostring(name))
  end,
  __tostring = function(self)
    return ("dbcore.repository %s"):format(check.quote(rawget(self, "_definition").name))
  end,
}

-- The description of a column that an option names.
local function column_of(def, name, what)
  check.kind(name, "string", what)
  local names = {}
  for i, column in ipairs(def.columns) do
    if column.name == name then
      return column
    end
    names[i] = column.name
  end
  return check.fail("%s names %s, which is no column of %s%s", what, check.quote(name),
    check.quote(def.name), check.suggestion(name, names))
end

local function clock_of(def, name, what)
  local column = column_of(def, name, what)
  if not CLOCKS[column.type] then
    check.fail("%s names %s, which is %s; a timestamp, timestamp_ms, datetime or date is due", what,
      check.quote(name), column.type)
  end
  return column
end

local OPTIONS = {}

function OPTIONS.scopes(definition, _, value, what)
  check.kind(value, "table", what)
  for _, name in ipairs(check.sorted_keys(value)) do
    check.kind(value[name], "function", ("scope %s of %s"):format(check.quote(name), what))
    definition.scope_names[name] = true
    definition.methods[name] = scope_method(name, value[name])
  end
  for name in pairs(value) do
    if type(name) ~= "string" then
      check.fail("%s have names, got the key %s", what, check.describe(name))
    end
  end
end

function OPTIONS.default_scope(definition, _, value, what)
  definition.default_scope = check.kind(value, "function", what)
end

function OPTIONS.soft_delete(definition, def, value, what)
  definition.soft_delete = column_of(def, value, what)
  hidden.declare(definition.table, definition.soft_delete, what)
end

function OPTIONS.version(definition, def, value, what)
  local column = column_of(def, value, what)
  if column.type ~= "integer" or column.primary_key then
    check.fail("%s names %s; a version is an integer column that is no key", what,
      check.quote(value))
  end
  definition.version = column
end

function OPTIONS.timestamps(definition, def, value, what)
  if value == true then
    value = { created = "created_at", updated = "updated_at" }
  elseif value == false then
    return
  end
  local given = check.options(value, { created = "string", updated = "string" }, what)
  definition.created = given.created and clock_of(def, given.created, what)
  definition.updated = given.updated and clock_of(def, given.updated, what)
end

for _, name in ipairs(HOOKS) do
  OPTIONS[name] = function(definition, _, value, what)
    local list = type(value) == "table" and value or { value }
    for i = 1, check.list(list, what) do
      check.kind(list[i], "function", what)
    end
    definition.hooks[name] = list
  end
end

-- A function of the user's own becomes a method. A name that is nearly an option is a slip.
local function add_method(definition, name, value, what)
  local nearest = check.nearest(name, check.sorted_keys(OPTIONS))
  if type(value) ~= "function" or nearest or name:find("^before_") or name:find("^after_") then
    check.fail("%s has no option %s%s", what, check.quote(name),
      check.suggestion(name, check.sorted_keys(OPTIONS)))
  end
  definition.methods[name] = value
end

local function check_method_names(definition, what)
  for _, name in ipairs(check.sorted_keys(definition.methods)) do
    if Repo[name] ~= nil or name:find("^_") then
      check.fail("%s cannot call a %s %s: every repository has a method of that name", what,
        definition.scope_names[name] and "scope" or "method", check.quote(name))
    end
  end
end

local function row_keys(def)
  local map = {}
  for _, column in ipairs(def.columns) do
    map[column.name] = column.as or column.name
  end
  return map
end

local repository = {}

--- The methods of every repository.
repository.methods = Repo

--- Describes what is done with the rows of one table:
---
---     local Users = d.repository(users, {
---       scopes = { active = function(q) return q:where(users.active:eq(true)) end },
---       soft_delete = "deleted_at",
---       before_create = function(row, db) row.email = row.email:lower() end,
---       by_email = function(self, email) return self:find_by { email = email } end,
---     })
---     local repo = Users(db)
---
--- Options, each with its default:
---   scopes               none: name = function(query, …) → query; each is a method that narrows
---   default_scope        none: the same, for everything but unscoped()
---   soft_delete          none: a nullable timestamp, timestamp_ms, datetime or date, or a boolean;
---                        deleted rows are hidden from every query that starts at a repository,
---                        joins, subqueries and relations included
---   version              none: an integer column that counts updates (optimistic locking)
---   timestamps           false: true is { created = "created_at", updated = "updated_at" }
---   before_create, …     none: a hook or a list of them. before_create(row, tx) and
---                        after_create(row, tx); before_update(changes, tx, old) and
---                        after_update(row, tx, old); before_delete(row, tx), after_delete;
---                        before_restore, after_restore. They run in the transaction of the write;
---                        one that raises undoes it. A before hook may change its row or return
---                        another one.
--- Every other function is a method of your own.
---@param descriptor dbcore.Table with a primary key
---@param options? table
---@return dbcore.Repository
function repository.repository(descriptor, options)
  local what = "dbcore.repository"
  if native.kind(descriptor) ~= "table" then
    check.fail("%s takes a table first, got %s", what, check.describe(descriptor))
  end
  local def = native.describe(descriptor)
  what = ("the repository of %s"):format(check.quote(def.name))
  local definition = { name = def.name, table = descriptor, key = key.columns(def),
    row_key = row_keys(def), methods = {}, scope_names = {}, hooks = {} }
  if def.kind ~= "table" or #definition.key == 0 then
    check.fail("%s needs a table with a primary key", what)
  end
  if options ~= nil and (type(options) ~= "table" or getmetatable(options) ~= nil) then
    check.fail("%s takes a table of options, got %s", what, check.describe(options))
  end
  for name in pairs(options or {}) do
    if type(name) ~= "string" then
      check.fail("%s takes options by name, got the key %s", what, check.describe(name))
    end
  end
  for _, name in ipairs(check.sorted_keys(options or {})) do
    if OPTIONS[name] then
      OPTIONS[name](definition, def, options[name], ("option %s of %s"):format(check.quote(name),
        what))
    else
      add_method(definition, name, options[name], what)
    end
  end
  check_method_names(definition, what)
  return setmetatable({ _definition = definition }, Repository_mt)
end

return repository
