-- Watching what a connection runs: slow statements, and one query run over and over with other
-- values where a single one would do.
local native = require("dbcore.native")
local check = require("dbcore.check")

local Conn = native.methods("conn")
local observe_raw = Conn.on_query

local THRESHOLD = 10 -- runs of one shape

local observe = {}

-- What is watched on each connection: { user = fn, slow = fn, repeats = fn }.
local watches = setmetatable({}, { __mode = "k" })

local function one_line(sql)
  local line = sql:gsub("%s+", " ")
  if #line > 300 then
    line = line:sub(1, 297):gsub("[\xC0-\xFF]?[\x80-\xBF]*$", "") .. "..."
  end
  return line
end

local function write_line(text)
  io.stderr:write("dbcore: ", text, "\n")
end

local function report_slow(event)
  write_line(("slow: %.3f s, %d rows: %s"):format(event.seconds, event.rows, one_line(event.sql)))
end

local function report_repeats(event)
  write_line(("n+1: run %d times with other values: %s; one query can do it: in_ with a list, "
    .. "or a join"):format(event.runs, one_line(event.sql)))
end

local function watch_slow(limit, report)
  return function(event)
    if event.seconds >= limit then
      report(event)
    end
  end
end

-- Tells once for each shape of which `threshold` runs are among the last statements. Other
-- statements in between do not hide it, as long as they are not more than the runs themselves.
local function watch_repeats(threshold, report)
  local window = 2 * threshold
  local recent, at, runs, told = {}, 0, {}, {}
  return function(event)
    local reads = event.sql:find("^%s*[SsWw][EeIi][LlTt][EeHh]")
      and not event.sql:find(' AS "_parent"', 1, true) -- relatives of many rows, a batch at a time
    local shape = reads and event.shape or false
    at = at % window + 1
    local oldest = recent[at]
    if oldest then
      runs[oldest] = runs[oldest] > 1 and runs[oldest] - 1 or nil
    end
    recent[at] = shape
    if not shape then
      return
    end
    runs[shape] = (runs[shape] or 0) + 1
    if runs[shape] >= threshold and not told[shape] then
      told[shape] = true
      report({ sql = event.sql, shape = shape, runs = runs[shape] })
    end
  end
end

-- Puts one function on the connection for all that watch it, or none.
local function install(conn)
  local watch = watches[conn]
  local slow, repeats, user = watch.slow, watch.repeats, watch.user
  if not slow and not repeats then
    observe_raw(conn, user)
    return
  end
  observe_raw(conn, function(event)
    if slow then
      slow(event)
    end
    if repeats then
      repeats(event)
    end
    if user then
      user(event)
    end
  end)
end

--- Calls `fn` after every statement that ran, with an event: { sql, seconds, rows, shape, code }.
--- `shape` is the same for runs that differ only by their values; `code` is that of the error, if
--- it failed. Returns the function that was there before; nil ends it. `fn` cannot use the
--- connection.
---@param fn? fun(event: table)
---@return function? before
function Conn:on_query(fn)
  local watch = watches[self]
  if not watch then
    return observe_raw(self, fn)
  elseif fn ~= nil then
    check.kind(fn, "function", "on_query()")
  end
  local before = watch.user
  watch.user = fn
  install(self)
  return before
end

-- One set on a transaction would go on behind its end.
native.methods("txn").on_query = nil

-- The options of d.open() that are for this module.
local OPTIONS = { slow = "number", on_slow = "function", detect_n_plus_one = "any",
  on_n_plus_one = "function" }

local function threshold_of(value)
  if type(value) == "table" then
    local rules = { threshold = "integer" }
    local threshold = check.options(value, rules, "detect_n_plus_one").threshold or THRESHOLD
    if threshold < 2 then
      check.fail("the threshold of detect_n_plus_one is a number of runs, from 2; got %d",
        threshold)
    end
    return threshold
  elseif type(value) ~= "boolean" then
    check.fail("detect_n_plus_one takes true, false or { threshold = 10 }, got %s",
      check.describe(value))
  end
  return value and THRESHOLD or nil
end

--- Takes the options of this module out of those of d.open().
---@param options table
---@return table rest a copy without them
---@return table watch
function observe.split(options)
  local rest, mine = {}, {}
  for key, value in pairs(options) do
    if OPTIONS[key] then
      mine[key] = value
    else
      rest[key] = value
    end
  end
  check.options(mine, OPTIONS, "open")
  local watch = {}
  if mine.slow then
    if mine.slow < 0 or mine.slow ~= mine.slow then
      check.fail('option "slow" of open takes seconds, from 0; got %s', tostring(mine.slow))
    end
    watch.slow = watch_slow(mine.slow, mine.on_slow or report_slow)
  end
  local threshold = mine.detect_n_plus_one ~= nil and threshold_of(mine.detect_n_plus_one)
  if threshold then
    watch.repeats = watch_repeats(threshold, mine.on_n_plus_one or report_repeats)
  end
  return rest, watch
end

--- Watches a connection as observe.split() has read it.
---@param conn dbcore.Conn
---@param watch table
function observe.start(conn, watch)
  if watch.slow or watch.repeats then
    watches[conn] = watch
    install(conn)
  end
end

return observe
