-- Text as a terminal shows it: how wide it is, cut to a width, with nothing in it that could
-- move the cursor.
local text = {}

-- First and last code points that take no column, and those that take two. Rough but short:
-- combining marks and joiners; East Asian scripts and pictographs.
local NARROW = {
  { 0x300, 0x36F }, { 0x483, 0x489 }, { 0x591, 0x5BD }, { 0x610, 0x61A }, { 0x64B, 0x65F },
  { 0x1AB0, 0x1AFF }, { 0x1DC0, 0x1DFF }, { 0x200B, 0x200F }, { 0x20D0, 0x20FF },
  { 0xFE00, 0xFE0F }, { 0xFE20, 0xFE2F },
}
local WIDE = {
  { 0x1100, 0x115F }, { 0x2E80, 0x303E }, { 0x3041, 0xA4CF }, { 0xAC00, 0xD7A3 },
  { 0xF900, 0xFAFF }, { 0xFE30, 0xFE6F }, { 0xFF00, 0xFF60 }, { 0xFFE0, 0xFFE6 },
  { 0x1F300, 0x1F64F }, { 0x1F680, 0x1F6FF }, { 0x1F900, 0x1F9FF }, { 0x20000, 0x3FFFD },
}

local function is_in(ranges, code)
  for _, range in ipairs(ranges) do
    if code < range[1] then
      return false
    elseif code <= range[2] then
      return true
    end
  end
  return false
end

local function columns_of(code)
  if code < 0x300 then
    return 1
  elseif is_in(NARROW, code) then
    return 0
  end
  return is_in(WIDE, code) and 2 or 1
end

--- Columns that `s` takes. It must be what text.clean() returns.
---@param s string
---@return integer
function text.width(s)
  if not s:find("[\x80-\xFF]") then
    return #s
  end
  local width = 0
  for _, code in utf8.codes(s) do
    width = width + columns_of(code)
  end
  return width
end

local ESCAPES = { ["\n"] = "\\n", ["\r"] = "\\r", ["\t"] = "\\t" }

local function escape(control)
  return ESCAPES[control] or ("\\x%02X"):format(control:byte())
end

local function escape_wide(control)
  return ("\\u{%X}"):format(utf8.codepoint(control))
end

local function hexadecimal(byte)
  return ("%02X"):format(byte:byte())
end

--- `s` without control characters, which could do anything to a terminal. What is not UTF-8 is
--- shown as a blob: x'00FF'. At most `limit` bytes are looked at.
---@param s string
---@param limit integer?
---@return string
function text.clean(s, limit)
  local cut = ""
  if limit and #s > limit then
    s, cut = s:sub(1, (utf8.offset(s, 0, limit + 1) or limit + 1) - 1), "..."
  end
  if not utf8.len(s) then
    return "x'" .. s:gsub(".", hexadecimal) .. "'" .. cut
  end
  s = s:gsub("[%c\127]", escape)
  if s:find("[\xC2\xE2]") then
    -- The second set of control characters, and marks that turn the direction of writing.
    s = s:gsub("\xC2[\x80-\x9F]", escape_wide)
    s = s:gsub("\xE2\x80[\xAA-\xAE]", escape_wide):gsub("\xE2\x81[\xA6-\xA9]", escape_wide)
  end
  return s .. cut
end

--- `s` with each byte that is no part of a character of UTF-8 as \xFF: a message with the name of
--- a file in it stays a message.
---@param s string
---@return string
function text.tame(s)
  local _, bad = utf8.len(s)
  if not bad then
    return s
  end
  local parts, first = {}, 1
  while bad do
    parts[#parts + 1] = s:sub(first, bad - 1) .. ("\\x%02X"):format(s:byte(bad))
    first = bad + 1
    _, bad = utf8.len(s, first)
  end
  return table.concat(parts) .. s:sub(first)
end

--- `s` in at most `width` columns; what does not fit is replaced by `mark` (one column).
---@param s string
---@param width integer
---@param mark string
---@return string
function text.cut(s, width, mark)
  if text.width(s) <= width then
    return s
  end
  local used = 0
  for position, code in utf8.codes(s) do
    used = used + columns_of(code)
    if used > width - 1 then
      return s:sub(1, position - 1) .. mark
    end
  end
  return s
end

--- `s` filled up with blanks to `width` columns.
---@param s string
---@param width integer
---@param align "left"|"right"
---@return string
function text.pad(s, width, align)
  local blanks = (" "):rep(width - text.width(s))
  return align == "right" and blanks .. s or s .. blanks
end

--- Names in columns, as a shell lists files.
---@param names string[]
---@param width integer of the whole
---@return string lines without an end of line after the last
function text.columns(names, width)
  local longest = 1
  for _, name in ipairs(names) do
    longest = math.max(longest, text.width(name))
  end
  local across = math.max(1, (width + 2) // (longest + 2))
  local down = (#names + across - 1) // across
  local lines = {}
  for i = 1, down do
    local line = {}
    for j = i, #names, down do
      line[#line + 1] = text.pad(names[j], longest, "left")
    end
    lines[i] = table.concat(line, "  "):gsub(" +$", "")
  end
  return table.concat(lines, "\n")
end

return text
