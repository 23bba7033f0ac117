-- The folder of migrations: files 0003_add_role.lua or .sql, one for each step, and history.sum,
-- which names them all, a line each, with their checksums. Two branches that both add a migration
-- both add a last line to it, so the conflict shows when they are merged, and not at run time.
local native = require("dbcore.native")
local check = require("dbcore.check")
local checksum = require("dbcore.migrate.checksum")

local folder = {}

folder.SUMS = "history.sum"

local SUMS_HEAD = "# One line for each migration, in order. When branches conflict here, keep both "
  .. "lines and merge\n# the migrations: dbscript merge\n"

local function read_file(path)
  local file, problem = io.open(path, "rb")
  if not file then
    native.raise("cannot_open", ("reading %s failed: %s"):format(check.quote(path), problem))
  end
  local bytes
  bytes, problem = file:read("a")
  file:close()
  if not bytes then
    native.raise("cannot_open", ("reading %s failed: %s"):format(check.quote(path), problem))
  end
  return bytes
end

--- What the code of a migration sees: Lua's globals, and dbcore as `d`.
local function environment()
  return setmetatable({ d = require("dbcore") }, { __index = _G })
end

local RULES = { up = "function", down = "function", irreversible = "boolean", replaces = "table",
  merges = "table", loses = "boolean" }

-- A file of Lua as a migration.
local function load_lua(found, source)
  local chunk, problem = load((source:gsub("^\xEF\xBB\xBF", ""):gsub("^#[^\n]*", "")),
    "@" .. found.path, "t", environment())
  if not chunk then
    native.raise("syntax", ("migration %s is no Lua: %s"):format(found.id, problem))
  end
  local good, result = pcall(chunk)
  if not good then
    native.raise("invalid", ("migration %s failed while it was loaded: %s"):format(found.id,
      tostring(result)), { cause = result })
  end
  if type(result) ~= "table" then
    check.fail("migration %s must return { up = function(m) … end, down = … }, it returns %s",
      found.id, check.describe(result))
  end
  local given = check.options(result, RULES, "migration " .. found.id)
  if not given.up then
    check.fail("migration %s has no function `up`", found.id)
  end
  for _, key in ipairs { "up", "down", "irreversible", "replaces", "merges", "loses" } do
    found[key] = given[key]
  end
  found.checksum = checksum.lua(source)
  return found
end

-- The names behind `-- replaces:` or `-- merges:`; nil when there is no such line.
local function names_in(source, key)
  local line = ("\n" .. source):match("\n[ \t]*%-%-[ \t]*" .. key .. ":([^\n]*)")
  local names
  for name in (line or ""):gmatch("[%w_]+") do
    names = names or {}
    names[#names + 1] = name
  end
  return names
end

local function load_sql(found, source)
  found.sql = source
  found.replaces, found.merges = names_in(source, "replaces"), names_in(source, "merges")
  found.checksum = native.sql_checksum(source)
  return found
end

--- A text that is not in the folder yet, as a migration.
---@param version string
---@param name string
---@param source string Lua
---@return table
function folder.parse(version, name, source)
  local id = version .. "_" .. name
  return load_lua({ version = version, name = name, id = id, path = id .. ".lua",
    file = id .. ".lua", source = source }, source)
end

-- 12 before 100; equal numbers by name.
local function before(a, b)
  local left, right = a.version:gsub("^0+", ""), b.version:gsub("^0+", "")
  if #left ~= #right then
    return #left < #right
  end
  return left < right or left == right and a.name < b.name
end

folder.before = before

--- The migrations of a folder, in order; none when there is no folder.
---@param dir string
---@return table[] migrations { version, name, id, path, source, checksum, sql | up, down, … }
function folder.load(dir)
  local list = {}
  for _, name in ipairs(native.list_folder(dir) or {}) do
    local kind = name:match("%.(%a+)$")
    if (kind == "lua" or kind == "sql") and not name:find("^[._]") then
      local version, word = name:match("^(%d+)_([%w_]+)%.%a+$")
      if not version then
        check.fail("%s in %s is no migration: such a file is named 0001_what_it_does.%s",
          check.quote(name), check.quote(dir), kind)
      end
      local found = { version = version, name = word, id = version .. "_" .. word, file = name,
        path = dir .. "/" .. name }
      found.source = read_file(found.path)
      list[#list + 1] = (kind == "lua" and load_lua or load_sql)(found, found.source)
    end
  end
  table.sort(list, before)
  return list
end

--- The checksums that the folder's list has: file → checksum; nil when there is no list.
---@param dir string
---@return table<string, string>?
function folder.sums(dir)
  local path = dir .. "/" .. folder.SUMS
  if not native.stat_file(path) then
    return nil
  end
  local sums = {}
  for line in read_file(path):gsub("\r", ""):gmatch("[^\n]+") do
    local sum, name = line:match("^(%x+)%s+(%S+)%s*$")
    if sum and #sum == 64 then
      sums[name] = sum
    elseif not line:find("^%s*#") then
      check.fail("%s has a line that is none: %s; a line is a checksum and a file", path,
        check.quote(line))
    end
  end
  return sums
end

-- The list with these lines. Files are named so that they sort as their versions do, but for their
-- number of digits.
local function write_lines(dir, sums)
  local files = check.sorted_keys(sums)
  table.sort(files, function(a, b)
    return before({ version = a:match("^%d*"), name = a }, { version = b:match("^%d*"), name = b })
  end)
  local lines = { SUMS_HEAD }
  for _, file in ipairs(files) do
    lines[#lines + 1] = ("%s  %s\n"):format(sums[file], file)
  end
  native.write_file(dir .. "/" .. folder.SUMS, table.concat(lines))
end

--- Writes the list anew, from what is in the folder.
---@param dir string
---@param list table[] of folder.load()
function folder.write_sums(dir, list)
  local sums = {}
  for _, one in ipairs(list) do
    sums[one.file] = one.checksum
  end
  write_lines(dir, sums)
end

--- Adds lines to a list that is there, for files that were applied before anybody wrote them down.
--- Lines that say something else stay: an edit is not accepted by the way. Where the folder cannot
--- be written, as on a server, nothing is done.
---@param dir string
---@param list table[] of folder.load()
---@param is_applied fun(id: string): boolean
function folder.note_sums(dir, list, is_applied)
  local good, sums = pcall(folder.sums, dir)
  local has_grown = false
  for _, one in ipairs(good and sums and list or {}) do
    if not sums[one.file] and is_applied(one.id) then
      sums[one.file], has_grown = one.checksum, true
    end
  end
  if has_grown then
    pcall(write_lines, dir, sums)
  end
end

--- How the list differs from the folder: a line of words for each file.
---@param dir string
---@param list table[] of folder.load()
---@return { file: string, message: string }[]
function folder.compare_sums(dir, list)
  local sums, found = folder.sums(dir), {}
  if not sums then
    return found
  end
  for _, one in ipairs(list) do
    local sum = sums[one.file]
    if not sum then
      found[#found + 1] = { file = one.file, message = ("%s is not in %s"):format(one.file,
        folder.SUMS) }
    elseif sum ~= one.checksum then
      found[#found + 1] = { file = one.file, message = ("%s is not what %s says: it was edited")
        :format(one.file, folder.SUMS) }
    end
    sums[one.file] = nil
  end
  for _, name in ipairs(check.sorted_keys(sums)) do
    found[#found + 1] = { file = name, message = ("%s is in %s, but there is no such file")
      :format(name, folder.SUMS) }
  end
  return found
end

--- Writes a new migration and its line in the list.
---@param dir string
---@param file string
---@param text string
---@return string path
function folder.write(dir, file, text)
  native.make_folder(dir)
  local path = dir .. "/" .. file
  if native.stat_file(path) then
    native.raise("conflict", ("%s is there already; choose another name"):format(check.quote(path)))
  end
  native.write_file(path, text)
  folder.write_sums(dir, folder.load(dir))
  return path
end

--- The migrations by version, those of one version together.
---@param list table[] in order
---@return table[][] groups
function folder.groups(list)
  local groups, last = {}, nil
  for _, one in ipairs(list) do
    local number = one.version:gsub("^0+", "")
    if number ~= last then
      groups[#groups + 1], last = {}, number
    end
    table.insert(groups[#groups], one)
  end
  return groups
end

--- The heads: migrations of one version of which not all are merged by another one.
---@param list table[] in order
---@return string[] ids
function folder.heads(list)
  local heads, merged = {}, {}
  for _, one in ipairs(list) do
    for _, name in ipairs(one.merges or {}) do
      merged[name] = true
    end
  end
  for _, group in ipairs(folder.groups(list)) do
    local is_open = false
    for _, one in ipairs(group) do
      is_open = is_open or #group > 1 and not merged[one.id]
    end
    for _, one in ipairs(is_open and group or {}) do
      heads[#heads + 1] = one.id
    end
  end
  return heads
end

--- The version of the next migration, as wide as those that are there.
---@param list table[] of folder.load()
---@return string
function folder.next_version(list)
  local last = list[#list]
  if not last then
    return "0001"
  end
  return ("%0" .. #last.version .. "d"):format(math.tointeger(tonumber(last.version)) + 1)
end

--- A name for a file out of free words: letters, digits and `_`.
---@param text string
---@return string
function folder.name(text)
  local name = text:lower():gsub("[^%w]+", "_"):gsub("^_+", ""):gsub("_+$", "")
  if name == "" then
    check.fail("a migration needs a name with a letter or a digit, got %s", check.quote(text))
  end
  return name:sub(1, 60)
end

return folder
