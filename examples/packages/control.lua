-- Reads Debian's control format, in which dpkg and apt keep their indexes:
-- stanzas of "Field: value" lines with an empty line behind each. The file is
-- read in blocks and one stanza is cut out at a time, so memory stays flat
-- however long it is.
local find, gmatch, sub = string.find, string.gmatch, string.sub

local BLOCK = 256 * 1024 -- bytes asked of the file at once

local control = {}

--- Iterates over the stanzas of an open file. Each begins and ends with a line
--- feed, so that every field is found as "\nField: ".
---@param file file*
---@return fun(): string?
function control.stanzas(file)
  local block, position = "\n", 1

  return function()
    while true do
      local stop = find(block, "\n\n", position + 1, true)
      if stop then
        local stanza = sub(block, position, stop)
        position = stop + 1
        return stanza
      end
      local more = file:read(BLOCK)
      if not more then
        break
      end
      block, position = sub(block, position) .. more, 1
    end
    -- The last stanza may lack its empty line.
    local rest = sub(block, position)
    block, position = "\n", 1
    return find(rest, "%S") and rest .. "\n" or nil
  end
end

--- The value of a field, or nil. Of a value over several lines, the first line.
---@param stanza string
---@param key string the field as it stands in the file: "\nVersion: "
---@return string?
function control.field(stanza, key)
  local _, last = find(stanza, key, 1, true)
  if not last then
    return nil
  end
  return sub(stanza, last + 1, find(stanza, "\n", last, true) - 1)
end

--- Iterates over a list of relations, "libc6 (>= 2.34), awk | gawk:any". Gives
--- a name, its version constraint (">= 2.34", "" when there is none) and what
--- follows: "|" when the next one is an alternative to it, else "," or "".
---@param list string
---@return fun(): string, string, string
function control.relations(list)
  return gmatch(list, "([^ :(,|]+)[^,|(]*%(?([^,|)]*)%)? *([,|]?) *")
end

return control
