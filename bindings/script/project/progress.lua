-- One line that says how far long work is, rewritten in place on a terminal and absent in a pipe.
local terminal = require("dbscript.terminal")
local text = require("dbscript.text")

local Progress = {}
local Progress_mt = { __name = "dbscript.progress", __index = Progress }

local progress = {}

local FIRST = 0.5 -- seconds of work before anything is shown
local EVERY = 0.1 -- seconds between two pictures

--- A line on standard error.
---@param is_wanted boolean? false: never shows anything
---@return dbscript.Progress
function progress.new(is_wanted)
  local now = terminal.clock()
  return setmetatable({
    is_shown = is_wanted ~= false and terminal.is("stderr"),
    _started = now,
    _next = now + FIRST,
    _step_started = now,
    _dirty = false,
  }, Progress_mt)
end

local function duration(seconds)
  seconds = math.ceil(seconds)
  if seconds < 60 then
    return ("%d s"):format(seconds)
  elseif seconds < 3600 then
    return ("%d min %02d s"):format(seconds // 60, seconds % 60)
  end
  return ("%d h %02d min"):format(seconds // 3600, seconds // 60 % 60)
end

local function rate_of(done, seconds, noun)
  local rate = done / seconds
  if rate >= 10000 then
    return ("%.0fk %s/s"):format(rate / 1000, noun)
  end
  return ("%.0f %s/s"):format(rate, noun)
end

local LEAST = 12 -- columns of the work that stay

--- What the line says: the work, how much of it is done, how fast, how long it will take. When it
--- is too wide, the words of the work are cut, not the figures.
---@param what string
---@param done integer
---@param total integer 0 when nobody knows
---@param noun string what is counted: "rows", "pages"
---@param seconds number since it began
---@param width integer columns
---@return string
function progress.line(what, done, total, noun, seconds, width)
  local parts = { "" }
  if total > 0 then
    parts[#parts + 1] = ("%d of %d %s (%d %%)"):format(done, total, noun, done * 100 // total)
  elseif done > 0 then
    parts[#parts + 1] = ("%d %s"):format(done, noun)
  end
  if done > 0 and seconds > 0 then
    parts[#parts + 1] = rate_of(done, seconds, noun)
  end
  if done > 0 and seconds > 0 and total > done then
    parts[#parts + 1] = duration((total - done) * seconds / done) .. " left"
  end
  local figures = table.concat(parts, ", ")
  what = text.cut(text.clean(what), math.max(width - #figures, LEAST), "~")
  return text.cut(what .. figures, width, "~")
end

local function wipe(self)
  if self._dirty then
    io.stderr:write("\r\27[K")
    self._dirty = false
  end
end

--- Tells how far it is. May be called as often as wanted.
---@param what string the step
---@param done integer
---@param total integer
---@param noun string
function Progress:tell(what, done, total, noun)
  if not self.is_shown then
    return
  end
  local now = terminal.clock()
  if what ~= self._what then
    self._what, self._step_started = what, now
  end
  if now < self._next then
    return
  end
  self._next = now + EVERY
  io.stderr:write("\r\27[K", progress.line(what, done, total, noun, now - self._step_started,
    (terminal.width() or 80) - 1))
  io.stderr:flush()
  self._dirty = true
end

--- Takes the line away: before anything else is written.
function Progress:clear()
  if self.is_shown then
    wipe(self)
    io.stderr:flush()
  end
end

return progress
