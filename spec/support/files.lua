-- Database files of a spec: a fresh folder, and the way to remove it.
local files = {}

--- A new folder with a function that gives paths in it.
---@return { path: (fun(name: string): string), remove: fun() }
function files.folder()
  local root = os.tmpname()
  os.remove(root)
  assert(os.execute(('mkdir "%s"'):format(root)))
  return {
    path = function(name)
      return name and root .. "/" .. name or root
    end,
    remove = function()
      os.execute(('chmod -R u+w "%s"; rm -rf "%s"'):format(root, root))
    end,
  }
end

--- Writes bytes into a file.
function files.write(path, bytes)
  local file = assert(io.open(path, "wb"))
  assert(file:write(bytes))
  assert(file:close())
end

--- The bytes of a file, or nil when there is none.
function files.read(path)
  local file = io.open(path, "rb")
  if not file then
    return nil
  end
  local bytes = file:read("a")
  file:close()
  return bytes
end

return files
