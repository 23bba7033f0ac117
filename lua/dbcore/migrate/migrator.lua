-- Migrators: the migrations of a folder beside the history of a database, and what can be done
-- about the difference.
local native = require("dbcore.native")
local check = require("dbcore.check")
local folder = require("dbcore.migrate.folder")
local problem = require("dbcore.migrate.problem")
local words = require("dbcore.migrate.words")
local open = require("dbcore.open")

local base = {}

---@class dbcore.Migrator
local Migrator = {}

local Migrator_mt = check.class("dbcore.migrator", Migrator, function()
  return "a migrator"
end)

local KEPT_BACKUPS = 5

-- The options of a migrator, and those that one call may say otherwise.
local RUN_OPTIONS = { whole = "boolean", out_of_order = "boolean", drift_check = "boolean",
  lock_timeout = "number", backup = "any", keep = "integer", ignore = "table",
  progress = "function", done = "function" }

local OPTIONS = { dir = "string", migrations = "table", schema = "any", set_up = "function" }
for key, rule in pairs(RUN_OPTIONS) do
  OPTIONS[key] = rule
end

local function options_of(self, given, what, more)
  local rules = check.copy(RUN_OPTIONS)
  for key, rule in pairs(more or {}) do
    rules[key] = rule
  end
  local merged = check.copy(self._options)
  for key, value in pairs(check.options(given, rules, what)) do
    merged[key] = value
  end
  return merged
end

-- The functions of a migration as native.migrator() takes them: `m` is made for each run.
local function bind(self, box_of, call)
  return call and function()
    call(words.new(box_of(), self._run_handle))
  end
end

-- Two heads are raised as the problem that they are, anything else as it is.
local function raise_heads(self, err)
  local heads = err.code == "conflict" and folder.heads(self._migrations) or {}
  if #heads < 2 then
    return error(err, 0)
  end
  local one = problem.new("H4", nil, ("the history has %s heads, %s and %s"):format(
    #heads == 2 and "two" or #heads, table.concat(heads, ", ", 1, #heads - 1), heads[#heads]),
    "merge them, or give all but one of them a later version")
  one.heads = heads
  return problem.raise("conflict", one)
end

-- The native list, with functions that find their handle when they run.
local function build(self)
  local list, box = {}, nil
  local function box_of()
    return box
  end
  for i, one in ipairs(self._migrations) do
    list[i] = { version = one.version, name = one.name, sql = one.sql, source = one.source,
      checksum = one.up and one.checksum or nil, replaces = one.replaces, merges = one.merges,
      irreversible = one.irreversible, loses = one.up and one.loses ~= false,
      loses_back = one.down ~= nil, -- what `loses = false` says is about the way there
      up = bind(self, box_of, one.up), down = bind(self, box_of, one.down) }
  end
  local good, made = pcall(native.migrator, list)
  if not good then
    raise_heads(self, made)
  end
  box = made
  return box
end

--- Reads the folder again; everything else does so by itself.
function Migrator:load()
  if self._options.dir then
    self._migrations = folder.load(self._options.dir)
  end
  self._box = build(self)
  return self._migrations
end

-- The names of the migrations, by version and name.
local function id_of(version, name)
  return version .. "_" .. name
end

-- Whether a progress function has raised something, which is the error's cause then.
local function is_stopped(err)
  return type(err) == "table" and rawget(err, "code") == "interrupted"
    and rawget(err, "cause") ~= nil
end

-- What a function of a migration raised is raised as what it was, with the migration's name.
local function raise(err)
  local cause = type(err) == "table" and rawget(err, "cause")
  if is_stopped(err) then
    return error(cause, 0)
  elseif is_stopped(cause) then
    return error(cause.cause, 0)
  elseif type(err) ~= "table" or rawget(err, "code") ~= "callback" or cause == nil then
    return error(err, 0)
  elseif getmetatable(cause) ~= getmetatable(err) then
    local id = err.message:match("^(%d+_[%w_]+): ") or "the migration"
    return native.raise("callback", ("%s: %s"):format(id, tostring(cause)), { cause = cause })
  end
  local fields = {}
  for key, value in next, cause do
    fields[key] = value
  end
  local id = err.message:match("^(%d+_[%w_]+): ")
  fields.code, fields.message, fields.cause = nil, nil, cause
  return native.raise(cause.code, id and id .. ": " .. cause.message or cause.message, fields)
end

local function results(good, ...)
  if good then
    return ...
  end
  return raise((...))
end

---------------------------------------------------------------------------------------------------
-- Backups

local function database_path(handle)
  local path = native.connection(handle):path()
  return path ~= ":memory:" and path ~= "" and not path:find("^file:") and path or nil
end

-- The folder for backups, and the name that its files begin with; nil when there are none.
local function backup_place(self, options)
  local path = database_path(self._handle)
  if options.backup == false or not path then
    return nil
  end
  local name = path:match("([^/]+)$")
  if type(options.backup) == "string" and options.backup ~= "always" then
    return options.backup, name
  end
  return path .. "-backups", name
end

-- The file of the backup before the step that is due.
local function backup_file(self, options, id)
  local dir, name = backup_place(self, options)
  if not dir then
    return nil
  end
  native.make_folder(dir)
  return ("%s/%s.%s.before_%s"):format(dir, name, os.date("!%Y%m%dT%H%M%SZ"), id)
end

-- Removes the oldest backups but for `keep`. Their names begin with their time.
local function prune(self, options)
  local dir, name = backup_place(self, options)
  local found = {}
  for _, file in ipairs(dir and native.list_folder(dir) or {}) do
    if file:sub(1, #name + 1) == name .. "." and file:find("%.%d+T%d+Z%.before_[%w_]+$") then
      found[#found + 1] = file
    end
  end
  table.sort(found)
  for i = 1, #found - (options.keep or KEPT_BACKUPS) do
    os.remove(dir .. "/" .. found[i])
  end
end

-- A folder that was made for a backup that was not needed goes again.
local function forget_place(self, options)
  local dir = backup_place(self, options)
  if dir and dir ~= options.backup and #(native.list_folder(dir) or { "x" }) == 0 then
    os.remove(dir)
  end
end

---------------------------------------------------------------------------------------------------
-- Running

local function native_options(options)
  return { whole = options.whole, out_of_order = options.out_of_order,
    no_drift_check = options.drift_check == false, always_backup = options.backup == "always",
    ignore = options.ignore and check.names(options.ignore, "ignore", "pattern"),
    progress = options.progress,
    lock_timeout_ms = options.lock_timeout and (options.lock_timeout > 0
      and math.max(1, math.floor(options.lock_timeout * 1000)) or -1) or nil }
end

-- What was applied and has no line in the list of checksums gets one.
local function note(self, ids)
  local applied = {}
  for _, id in ipairs(ids) do
    applied[id] = true
  end
  if self._options.dir and ids[1] then
    folder.note_sums(self._options.dir, self._migrations, function(id)
      return applied[id]
    end)
  end
end

-- Runs towards a goal and tells what was done.
local function run(self, goal, options)
  local result = { applied = {}, reverted = {}, seconds = 0 }
  local dir = self._options.dir
  if dir and not native.stat_file(dir) then
    check.fail("there is no folder of migrations %s: make it, or name the one that is meant",
      check.quote(dir))
  end
  self:load()
  local version, name = native.next_migration(self._box, self._handle, goal,
    native_options(options))
  if not version then
    return result
  end
  local how = native_options(options)
  how.backup = backup_file(self, options, id_of(version, name))
  how.done = function(step)
    local list = step.direction == "up" and result.applied or result.reverted
    list[#list + 1] = id_of(step.version, step.name)
    result.seconds = result.seconds + step.seconds
    if options.done then
      options.done(step)
    end
  end
  self._run_handle = self._handle
  local good, found = pcall(native.migrate, self._box, self._handle, goal, how)
  self._run_handle = nil
  if good and found.backed_up then
    result.backup = how.backup
    prune(self, options)
  end
  forget_place(self, options)
  note(self, result.applied)
  results(good, found)
  return result
end

--- Applies what is pending, in order, each migration in a transaction of its own.
---@param options? { to: string|integer, whole: boolean, out_of_order: boolean,
--- drift_check: boolean, lock_timeout: number, backup: string|boolean, keep: integer,
--- ignore: string[], progress: function, done: function }
---@return dbcore.MigrateResult
function Migrator:up(options)
  local given = options_of(self, options, "up()", { to = "any" })
  return run(self, { kind = "up", version = given.to and tostring(given.to) }, given)
end

--- Takes back the last `count` that were applied (1).
---@param count? integer
---@param options? table as up() takes them
---@return dbcore.MigrateResult
function Migrator:down(count, options)
  count = check.kind(count or 1, "integer", "the number for down()")
  if count < 1 then
    check.fail("down() takes a number from 1, got %d", count)
  end
  return run(self, { kind = "down", count = count }, options_of(self, options, "down()"))
end

--- Goes forward or back, so that `version` is the last one that is applied; 0 is before all.
---@param version string|integer
---@param options? table as up() takes them
---@return dbcore.MigrateResult
function Migrator:to(version, options)
  if type(version) ~= "string" and math.type(version) ~= "integer" then
    check.fail("to() takes a version such as 3 or \"0003\", got %s", check.describe(version))
  end
  return run(self, { kind = "to", version = tostring(version) }, options_of(self, options, "to()"))
end

--- Takes the last one back and applies just that one again.
---@param options? table as up() takes them
---@return dbcore.MigrateResult
function Migrator:redo(options)
  local back = self:down(1, options)
  local id = back.reverted[1]
  if not id then
    return back
  end
  local forth = run(self, { kind = "up", version = id:match("^%d+") },
    options_of(self, options, "redo()"))
  forth.reverted, forth.backup = back.reverted, back.backup or forth.backup
  forth.seconds = forth.seconds + back.seconds
  return forth
end

---------------------------------------------------------------------------------------------------
-- Rehearsals: migrations run in a database in memory, without any rows

--- A database in memory with the functions and collations of the program, and with what the
--- statements make.
---@param statements? string[] CREATE statements
---@return dbcore.Conn
function base.scratch(self, statements)
  local scratch = open(":memory:", { trusted_schema = true, foreign_keys = false })
  if self._options.set_up then
    self._options.set_up(scratch)
  end
  for _, sql in ipairs(statements or {}) do
    scratch:exec(sql)
  end
  return scratch
end

--- Runs this migrator's migrations on another database, towards a goal.
---@param handle dbcore.Conn
---@param goal table
function base.rehearse(self, handle, goal)
  local how = { no_drift_check = true, out_of_order = true }
  local before = self._run_handle
  self._run_handle = handle
  local good, err = pcall(native.migrate, self._box, handle, goal, how)
  self._run_handle = before
  results(good, err)
end

--- A database in memory in which all migrations were run, up to `version` when it is given.
---@param version? string
---@return dbcore.Conn
function base.end_state(self, version)
  local scratch = base.scratch(self)
  base.rehearse(self, scratch, { kind = "up", version = version })
  return scratch
end

--- Writes a migration that was made into the folder, unless `options` say that it is only to be
--- shown, and reads the folder anew.
---@param self dbcore.Migrator
---@param result { id: string, text: string } gets its path
---@param suffix string
---@param options { dry_run: boolean? }
function base.write(self, result, suffix, options)
  if not options.dry_run then
    result.path = folder.write(self._options.dir, result.id .. suffix, result.text)
    self:load()
  end
  return result
end

base.Migrator, base.Migrator_mt, base.OPTIONS = Migrator, Migrator_mt, OPTIONS
base.id_of, base.options_of, base.build, base.note = id_of, options_of, build, note

return base
