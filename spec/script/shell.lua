-- The program as a person at a shell uses it: in a folder of its own, its words, what it wrote and
-- how it ended. DBSCRIPT names the program; else it is the one in the build folder.
local assert = require("luassert")
local files = require("spec.support.files")
local native = require("dbcore.native")

local shell = {}

local function absolute(path)
  if path:find("^/") then
    return path
  end
  local pipe = assert(io.popen("pwd"))
  local here = pipe:read("l")
  pipe:close()
  return here .. "/" .. path
end

shell.program = absolute(os.getenv("DBSCRIPT")
  or (os.getenv("DBCORE_BUILD") or "build") .. "/bin/dbscript")

local Shell = {}
Shell.__index = Shell

local function quote(word)
  return "'" .. word:gsub("'", "'\\''") .. "'"
end

--- A new folder and a shell in it.
function shell.new()
  return setmetatable({ _folder = files.folder() }, Shell)
end

--- A shell that is in a new folder for each spec of a description.
---@param before_each function those of busted
---@param after_each function
---@param prepare? fun(sh: table) what is done there first
function shell.around(before_each, after_each, prepare)
  local sh = setmetatable({}, Shell)
  before_each(function()
    sh._folder = files.folder()
    if prepare then
      prepare(sh)
    end
  end)
  after_each(function()
    sh:close()
  end)
  return sh
end

--- A path in the folder, or the folder.
function Shell:path(name)
  return self._folder.path(name)
end

--- Writes a file, with the folders above it.
function Shell:write(name, content)
  local above = name:match("^(.*)/")
  if above then
    os.execute("mkdir -p " .. quote(self:path(above)))
  end
  files.write(self:path(name), content)
end

--- The content of a file, or nil.
function Shell:read(name)
  return files.read(self:path(name))
end

--- Runs a line of the shell in the folder.
---@return { code: integer, output: string, errors: string }
function Shell:line(line)
  local output, errors = os.tmpname(), os.tmpname()
  local _, _, code = os.execute(("cd %s && { %s\n} >%s 2>%s </dev/null"):format(
    quote(self:path()), line, quote(output), quote(errors)))
  local result = { code = code, output = files.read(output), errors = files.read(errors) }
  os.remove(output)
  os.remove(errors)
  return result
end

--- Runs the program: words of its command line.
function Shell:run(...)
  local quoted = { quote(shell.program) }
  for _, word in ipairs({ ... }) do
    quoted[#quoted + 1] = quote(word)
  end
  return self:line(table.concat(quoted, " "))
end

--- Runs the program, which must end with this code and say this in one line.
---@param code integer
---@param message string
function Shell:fails(code, message, ...)
  local result = self:run(...)
  assert.equal("dbscript: " .. message .. "\n", result.errors)
  assert.equal(code, result.code)
end

--- Runs the program with --json. The document comes with the result.
function Shell:json(...)
  local words = { ... }
  words[#words + 1] = "--json"
  local result = self:run(table.unpack(words))
  result.document = native.decode_json(result.output)
  return result
end

--- Runs SQL on a database in the folder: one SELECT or PRAGMA for its rows, or any statements.
---@return table[] rows
function Shell:sql(name, statement)
  local dbcore = require("dbcore")
  local db <close> = dbcore.open(self:path(name), { pragmas = { journal_mode = "delete" },
    foreign_keys = false })
  local asks = statement:find("^%s*SELECT") or statement:find("^%s*PRAGMA")
  if asks and not statement:find(";", 1, true) then
    return db:query(statement):all()
  end
  db:exec(statement)
  return {}
end

--- Removes the folder.
function Shell:close()
  self._folder.remove()
end

return shell
