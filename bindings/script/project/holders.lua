-- Which other processes have a file open, and which hold a lock on it. Linux tells this under
-- /proc; elsewhere nobody knows, and nil is the answer.
local file = require("dbscript.file")
local folder = require("dbscript.folder")

local holders = {}

---@class dbscript.Holder
---@field pid integer
---@field name string the program
---@field lock string? "read" or "write"

local function read_line(path)
  local handle = io.open(path, "r")
  if not handle then
    return nil
  end
  local line = handle:read("l")
  handle:close()
  return line
end

local function own_pid()
  local line = read_line("/proc/self/stat")
  return line and math.tointeger(tonumber(line:match("^%d+")))
end

local function has_open(pid, wanted)
  local place = ("/proc/%d/fd"):format(pid)
  for _, number in ipairs(folder.list(place) or {}) do
    local found = file.about(place .. "/" .. number)
    if found and found.inode == wanted.inode and found.device == wanted.device then
      return true
    end
  end
  return false
end

-- Adds to `kinds`, pid → kind of lock, the locks on a file.
local function add_locks(kinds, path)
  local found = file.about(path)
  local list = found and io.open("/proc/locks", "r")
  if not list then
    return
  end
  for line in list:lines() do
    local kind, pid, place = line:match("^%d+: %S+%s+%S+%s+(%S+)%s+(%d+)%s+%x+:%x+:(%d+)")
    if place and math.tointeger(tonumber(place)) == found.inode then
      local number = math.tointeger(tonumber(pid))
      if kinds[number] ~= "write" then
        kinds[number] = kind:lower()
      end
    end
  end
  list:close()
end

-- In WAL mode the locks are on the index of the log.
local function locks_on(path)
  local kinds = {}
  add_locks(kinds, path)
  add_locks(kinds, path .. "-shm")
  return kinds
end

--- The other processes that have the file open, by their number. Those of other users are seen by
--- root only.
---@param path string
---@return dbscript.Holder[]? holders nil: unknown on this system
function holders.of(path)
  local me, wanted = own_pid(), file.about(path)
  if not me or not wanted then
    return nil
  end
  local found, locks = {}, locks_on(path)
  for _, name in ipairs(folder.list("/proc") or {}) do
    local pid = name:find("^%d+$") and math.tointeger(tonumber(name))
    if pid and pid ~= me and has_open(pid, wanted) then
      found[#found + 1] = { pid = pid, lock = locks[pid],
        name = read_line(("/proc/%d/comm"):format(pid)) or "?" }
    end
  end
  table.sort(found, function(a, b)
    return a.pid < b.pid
  end)
  return found
end

--- Them in words: "sqlite3 (pid 4711)".
---@param list dbscript.Holder[]
---@return string
function holders.words(list)
  local parts = {}
  for i, one in ipairs(list) do
    parts[i] = ("%s (pid %d%s)"):format(one.name, one.pid,
      one.lock and ", holds a lock to " .. one.lock or "")
  end
  return table.concat(parts, ", ")
end

return holders
