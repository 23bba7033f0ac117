-- Where package indexes come from on this machine.
local sources = {}

local DPKG_STATUS = "/var/lib/dpkg/status"

local function opener(path)
  return function()
    return assert(io.open(path, "rb"))
  end
end

local function is_readable(path)
  local file <close> = io.open(path, "rb")
  return file ~= nil and file:read(0) ~= nil
end

--- A file in Debian's control format.
---@param path string
---@return table[]
function sources.file(path)
  return { { title = path, open = opener(path) } }
end

--- The packages that apt could install, then those that dpkg has installed.
--- nil where there is no dpkg.
---@return table[]?
function sources.machine()
  if not is_readable(DPKG_STATUS) then
    return nil
  end
  local list = {}
  if os.execute "command -v apt-cache >/dev/null 2>&1" then
    list[1] = {
      title = "apt-cache dumpavail",
      open = function()
        return assert(io.popen("apt-cache dumpavail 2>/dev/null", "r"))
      end,
    }
  end
  list[#list + 1] = { title = DPKG_STATUS, open = opener(DPKG_STATUS) }
  return list
end

return sources
