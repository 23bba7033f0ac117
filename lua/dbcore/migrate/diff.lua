-- Two texts as a unified diff, as `diff -u` writes it: what was edited in a migration after it had
-- been applied. Lines are compared without their ends, so that CR LF is no difference.
local diff = {}

local CONTEXT = 3 -- lines around each change
local MOST = 4000000 -- pairs of lines that are compared; past it, the middle is one change

local function lines_of(text)
  local lines = {}
  text = text:gsub("^\xEF\xBB\xBF", ""):gsub("\r\n", "\n")
  for line in (text:find("\n$") and text or text .. "\n"):gmatch("([^\n]*)\n") do
    lines[#lines + 1] = line
  end
  return lines
end

-- How many lines are equal at the beginning, and behind these at the end.
local function equal_ends(a, b)
  local most, head, tail = math.min(#a, #b), 0, 0
  while head < most and a[head + 1] == b[head + 1] do
    head = head + 1
  end
  while tail < most - head and a[#a - tail] == b[#b - tail] do
    tail = tail + 1
  end
  return head, tail
end

-- lengths[i][j]: of the longest common sequence of a[i…] and b[j…], counted in the middle part.
local function common_lengths(a, b, head, tail)
  local lengths = { [#a - tail + 1] = {} }
  for i = #a - tail, head + 1, -1 do
    local row, below = {}, lengths[i + 1]
    for j = #b - tail, head + 1, -1 do
      row[j] = a[i] == b[j] and (below[j + 1] or 0) + 1
        or math.max(below[j] or 0, row[j + 1] or 0)
    end
    lengths[i] = row
  end
  return lengths
end

-- The script from `a` to `b`: a list of { sign, line }, the sign " ", "-" or "+".
local function script(a, b)
  local head, tail = equal_ends(a, b)
  local edits, i, j = {}, head + 1, head + 1
  local last_a, last_b = #a - tail, #b - tail
  local lengths = (last_a - head) * (last_b - head) <= MOST and common_lengths(a, b, head, tail)
  for k = 1, head do
    edits[k] = { " ", a[k] }
  end
  while i <= last_a or j <= last_b do
    if lengths and i <= last_a and j <= last_b and a[i] == b[j] then
      edits[#edits + 1] = { " ", a[i] }
      i, j = i + 1, j + 1
    elseif i <= last_a and (j > last_b or not lengths
      or (lengths[i + 1][j] or 0) >= (lengths[i][j + 1] or 0)) then
      edits[#edits + 1] = { "-", a[i] }
      i = i + 1
    else
      edits[#edits + 1] = { "+", b[j] }
      j = j + 1
    end
  end
  for k = last_a + 1, #a do
    edits[#edits + 1] = { " ", a[k] }
  end
  return edits
end

-- Groups of edits that are shown together: { first, last } in the script.
local function hunks(edits)
  local found = {}
  for k, edit in ipairs(edits) do
    local last = found[#found]
    if edit[1] == " " then
      goto continue
    elseif last and k - CONTEXT <= last[2] + 1 then
      last[2] = math.min(#edits, k + CONTEXT)
    else
      found[#found + 1] = { math.max(1, k - CONTEXT), math.min(#edits, k + CONTEXT) }
    end
    ::continue::
  end
  return found
end

-- "3,7" or "3" for one line; of no line the number is the one before.
local function range(first, count)
  if count == 1 then
    return tostring(first)
  end
  return ("%d,%d"):format(count == 0 and first - 1 or first, count)
end

--- The difference between two texts.
---@param old string
---@param new string
---@param old_name string for the head
---@param new_name string
---@return string? text lines, each with its end; nil when no line differs
function diff.unified(old, new, old_name, new_name)
  local edits = script(lines_of(old), lines_of(new))
  local out, a, b, k = { "--- " .. old_name, "+++ " .. new_name }, 1, 1, 1
  for _, hunk in ipairs(hunks(edits)) do
    a, b, k = a + hunk[1] - k, b + hunk[1] - k, hunk[1]
    local at, count_a, count_b = #out + 1, 0, 0
    for n = k, hunk[2] do
      local sign, line = edits[n][1], edits[n][2]
      out[#out + 1] = sign .. line
      count_a = count_a + (sign ~= "+" and 1 or 0)
      count_b = count_b + (sign ~= "-" and 1 or 0)
    end
    table.insert(out, at, ("@@ -%s +%s @@"):format(range(a, count_a), range(b, count_b)))
    a, b, k = a + count_a, b + count_b, hunk[2] + 1
  end
  return #out > 2 and table.concat(out, "\n") .. "\n" or nil
end

return diff
