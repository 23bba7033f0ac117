-- The Lua of a document, as programs: what is printed must be what it says. Line numbers are those
-- of the document; files *.db lie in a fresh folder.
local document = {}

--- The lines of each program of a document; what is not its code is empty.
---@param text string
---@param by_section? boolean each section (`## `) is a program, behind the code before the first
---@return string[][] programs
---@return integer blocks how many blocks of Lua there are
function document.programs(text, by_section)
  local marked, section, inside, blocks = {}, 0, false, 0
  for line in text:gmatch("([^\n]*)\n") do
    local fence = line:find("^```")
    if fence then
      inside = not inside and line == "```lua"
      blocks = blocks + (inside and 1 or 0)
    elseif not inside and by_section and line:find("^## ") then
      section = section + 1
    end
    marked[#marked + 1] = { section = section, code = inside and not fence and line or "" }
  end
  local programs = {}
  for number = math.min(1, section), section do
    local lines = {}
    for i, one in ipairs(marked) do
      lines[i] = (one.section == 0 or one.section == number) and one.code or ""
    end
    programs[#programs + 1] = lines
  end
  return programs, blocks
end

-- Line → what it should print: behind `-->` on the line itself, or on lines of their own below.
local function expectations(lines)
  local due, current = {}, nil
  for i, line in ipairs(lines) do
    local own = line:match("^%s*%-%-> (.*)$")
    local behind = line:match("%S.-%-%-> (.*)$")
    if own then
      table.insert(due[current], own)
    elseif line:find("%f[%w]print%(") then
      current = i
      due[i] = { behind }
    elseif behind then
      due[current] = { behind } -- a call over several lines
    end
  end
  return due
end

-- Runs a program. Returns line → what it printed.
local function run(lines, path, folder)
  local printed = {}
  local environment = setmetatable({
    print = function(...)
      local words, line = table.pack(...), debug.getinfo(2, "l").currentline
      for i = 1, words.n do
        words[i] = tostring(words[i])
      end
      printed[line] = printed[line] or {}
      table.insert(printed[line], table.concat(words, " "))
    end,
  }, { __index = _G })
  local code = table.concat(lines, "\n"):gsub('"([%w_]+%.db)"', function(name)
    return ("%q"):format(folder.path(name))
  end)
  assert(load(code, "@" .. path, "t", environment))()
  return printed
end

--- Runs a program. Returns the lines that print something else than they say.
---@param lines string[]
---@param path string for errors
---@param folder table of spec.support.files
---@return string[]
function document.differences(lines, path, folder)
  local due, printed, list = expectations(lines), run(lines, path, folder), {}
  for line = 1, #lines do
    local said = table.concat(due[line] or {}, "\n")
    local did = table.concat(printed[line] or {}, "\n")
    if said ~= did then
      list[#list + 1] = ("line %d says %s and prints %s"):format(line, said, did)
    end
  end
  return list
end

return document
