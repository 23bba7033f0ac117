-- The REPL: reads lines, runs them as Lua, as SQL or as a command, and shows what came out.
local dbcore = require("dbcore")
local native = require("dbcore.native")

local catalog = require("dbscript.catalog")
local command = require("dbscript.command")
local complete = require("dbscript.complete")
local editor = require("dbscript.editor")
local history = require("dbscript.history")
local interrupt = require("dbscript.interrupt")
local member = require("dbscript.member")
local present = require("dbscript.present")
local report = require("dbscript.report")
local show = require("dbscript.show")
local sql = require("dbscript.sql")
local terminal = require("dbscript.terminal")
local text = require("dbscript.text")

local Session = {}
local Session_mt = { __name = "dbscript.session", __index = Session }

local repl = {}

local DEFAULT_WIDTH = 80 -- columns, when the terminal does not say

-- What people type before they know the commands.
local ASIDES = {
  exit = ".quit leaves, as Ctrl-D does",
  quit = ".quit leaves, as Ctrl-D does",
  help = ".help shows the commands",
}

local function painter(code, stream)
  local no_color = os.getenv("NO_COLOR")
  if not terminal.is(stream) or (no_color and no_color ~= "") or os.getenv("TERM") == "dumb" then
    return function(s)
      return s
    end
  end
  return function(s)
    return ("\27[%sm%s\27[0m"):format(code, s)
  end
end

local function is_utf8()
  for _, name in ipairs({ "LC_ALL", "LC_CTYPE", "LANG" }) do
    local value = os.getenv(name)
    if value and value ~= "" then
      return value:lower():find("utf%-?8") ~= nil
    end
  end
  return false
end

local function new_session(globals)
  local session = setmetatable({
    database = function()
      return globals.db
    end,
    style = { unicode = is_utf8(), dim = painter("2", "stdout"), null = dbcore.null },
    _globals = globals,
    _red = painter("31", "stderr"),
    _pending = {},
    _kind = nil, -- of what is pending: "lua" or "sql"
    _timing = false,
    _running = true,
  }, Session_mt)
  session.catalog = catalog.new(session.database)
  return session
end

--- Shows a line, or several.
---@param line string
function Session:say(line)
  io.stdout:write(line, "\n")
end

--- Shows a line that says what went wrong.
---@param line string
function Session:complain(line)
  io.stdout:flush()
  io.stderr:write(self._red(line), "\n")
end

--- Shows names in columns.
---@param names string[]
function Session:list(names)
  if #names > 0 then
    self:say(text.columns(names, terminal.width() or DEFAULT_WIDTH))
  end
end

--- Whether there is a database; says so when not.
---@return boolean
function Session:need_database()
  if self._globals.db == nil then
    self:complain("no database is open: .open FILE opens one")
    return false
  end
  return true
end

--- Opens another database as `db`. The one before is closed when that went well.
---@param path string
function Session:open(path)
  self:protect(function()
    local db = dbcore.open(path)
    local before = self._globals.db
    self._globals.db = db
    if member.has_method(before, "close") then
      before:close()
    end
  end)
end

function Session:set_timing(on)
  self._timing = on
end

function Session:quit()
  self._running = false
end

--- Runs `body` so that neither an error nor Ctrl-C ends the session.
---@param body fun()
function Session:protect(body)
  local started = terminal.clock()
  interrupt.arm()
  local ok, failure = xpcall(body, report.capture)
  local stopped = interrupt.disarm()
  self.catalog:forget()
  if stopped and not ok then
    self:complain("interrupted")
  elseif not ok then
    for _, line in ipairs(report.prompt(failure)) do
      self:complain(line)
    end
  end
  if self._timing then
    self:say(("%.1f ms"):format((terminal.clock() - started) * 1000))
  end
end

-- Takes one more line of SQL. Statements are run when the last one has its semicolon.
local function feed_sql(session)
  local statements, rest = sql.split(table.concat(session._pending, "\n"))
  if not sql.is_blank(rest) then
    return
  end
  session:clear()
  if not session:need_database() then
    return
  end
  session:protect(function()
    for _, statement in ipairs(statements) do
      session:say(table.concat(present.statement(session, session.database(), statement), "\n"))
    end
  end)
end

-- An expression is tried first, so that its value can be shown. Returns the function, or nil and
-- what is wrong, and whether more lines could mend it.
local function compile(source)
  local chunk, problem, other
  chunk, other = load("return " .. source, "=stdin", "t")
  if chunk then
    return chunk
  end
  chunk, problem = load(source, "=stdin", "t")
  local is_cut = not chunk and (problem:find("<eof>$") or other:find("<eof>$")) ~= nil
  return chunk, problem, is_cut
end

-- rows() and db:query() return what a loop takes: the cursor, two times nothing, the cursor.
local function is_loop(results)
  return results.n == 4
    and results[1] ~= nil
    and results[2] == nil
    and results[3] == nil
    and rawequal(results[1], results[4])
end

local function show_results(session, results)
  local plain = {}
  for i = 1, is_loop(results) and 1 or results.n do
    local lines = present.value(session, results[i])
    if #lines == 1 then
      plain[#plain + 1] = lines[1]
    else
      session:say(table.concat(lines, "\n"))
    end
  end
  if #plain > 0 then
    session:say(table.concat(plain, "\t"))
  end
end

local function feed_lua(session)
  local chunk, problem, is_cut = compile(table.concat(session._pending, "\n"))
  if is_cut then
    return
  end
  session:clear()
  if not chunk then
    return session:complain((text.clean(problem):gsub("^stdin:1: ", "")))
  end
  session:protect(function()
    show_results(session, table.pack(chunk()))
  end)
end

--- Forgets the lines of a statement that is not whole yet.
function Session:clear()
  self._pending, self._kind = {}, nil
end

--- Takes one line as it was typed.
---@param line string
function Session:feed(line)
  self.style.width = terminal.width()
  if not self._kind then
    if line:find("^%s*$") then
      return
    elseif line:find("^%s*%.") then
      return command.run(self, line)
    end
    local word = line:match("^%s*(%l+)[%s;()]*$")
    if ASIDES[word] and self._globals[word] == nil then
      return self:say(ASIDES[word])
    end
    self._kind = sql.is_statement(line, self._globals) and "sql" or "lua"
  end
  table.insert(self._pending, line)
  if self._kind == "sql" then
    feed_sql(self)
  else
    feed_lua(self)
  end
end

-- What TAB calls: completes behind the lines that are pending.
local function make_completer(session)
  local scope = {
    globals = session._globals,
    catalog = session.catalog,
    commands = command.names(),
    query_methods = native.methods("query"),
    describe = native.describe,
  }
  return function(line)
    local before = table.concat(session._pending, "\n")
    before = before == "" and line or before .. "\n" .. line
    local insert, names = complete.at(before, scope)
    return insert, names and text.columns(names, terminal.width() or DEFAULT_WIDTH)
  end
end

local function greet(session, version)
  session:say(version .. "   .help shows the commands")
  local db = session._globals.db
  if db ~= nil then
    session:say("db is " .. show.value(db:path()))
  end
end

--- Runs the REPL until its input ends.
---@param globals table what the lines see as globals
---@param version string
function repl.run(globals, version)
  local session = new_session(globals)
  local reader <close> = editor.open(make_completer(session), history.LIMIT)
  local path, last = history.path(), nil
  for _, line in ipairs(history.load(path)) do
    reader:remember(line)
    last = line
  end

  interrupt.shield()
  greet(session, version)
  while session._running do
    local line = reader:read(session._kind and ">> " or "> ")
    if line == nil then
      break
    elseif line == false then
      session:clear()
    else
      if line:find("%S") and line ~= last then
        reader:remember(line)
        history.add(path, line)
        last = line
      end
      session:feed(line)
    end
  end
end

return repl
