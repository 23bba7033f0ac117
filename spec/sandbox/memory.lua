-- Memory, the stack, and output.
local case = require "case"

local MEMORY = "limit"
local STACK = "stack overflow"

return {
  case.limited("a table that grows", MEMORY, "local t = {} while true do t[#t + 1] = {} end"),
  case.limited("a text that doubles", MEMORY, "local s = 'x' while true do s = s .. s end"),
  case.limited("closures", MEMORY, "local t = {} while true do local a = {} t[#t + 1] = function() return a end end"),
  case.limited("coroutines that wait", MEMORY, [[
    local t = {} while true do local co = coroutine.create(function() coroutine.yield() end)
    coroutine.resume(co) t[#t + 1] = co end]]),
  case.limited("memory behind pcall", MEMORY, [[
    local t = {} while true do pcall(function() while true do t[#t + 1] = ('x'):rep(1000) .. #t end
    end) end]]),
  case.limited("life at the edge", MEMORY, [[
    local t = {} for i = 1, 1e9 do t[i] = { i } if i > 150000 then t[i - 150000] = nil end end]]),
  case.limited("a long rep", "string length limit", "return ('x'):rep(1 << 40)"),
  case.limited("a long rep of little", "string length limit", "return (''):rep(1 << 40, 'x')"),
  case.limited("a long pack", "string length limit", "return string.pack('c2000000000', 'x')"),
  case.limited("a long replacement", MEMORY, "return (('a'):rep(100000)):gsub('a', ('b'):rep(100000))"),
  case.limited("a long join", MEMORY, [[
    local t = {} local s = ('x'):rep(100000) for i = 1, 1000 do t[i] = s end
    return table.concat(t)]]),
  case.limited("a wide format", "invalid conversion", "return ('%99999999d'):format(1)"),
  case.limited("names without end", MEMORY, "for i = 1, 1e9 do _G['name' .. i] = i end"),
  case.limited("a huge source", "limit", "assert(load(('x = 1 '):rep(1 << 19)))"),
  case.limited("recursion", "stack overflow|limit", "local function f() return 1 + f() end f()"),
  case.limited("recursion through pcall", "limit", "local function f() pcall(f) return f() end f() while true do end"),
  case.limited("recursion of __index", STACK, "local t = {} setmetatable(t, { __index = function(s, k) return s[k .. 'x'] end }) return t.x"),
  case.limited("a chain of __index", "loop|stack overflow", "local t = {} setmetatable(t, { __index = t }) return t.x"),
  case.limited("recursion of __tostring", STACK, "local t = setmetatable({}, {}) getmetatable(t).__tostring = function() return tostring(t) end return tostring(t)"),
  case.limited("recursion of gsub", STACK, "local function f() return ('x'):gsub('x', f) end f()"),
  case.limited("recursion of sort", STACK, "local function f() table.sort({ 1, 2 }, f) end f()"),
  case.limited("recursion of coroutines", STACK, "local function f() return coroutine.wrap(f)() end f()"),
  case.limited("recursion of load", "overflow|nest|limit", "assert(load('return ' .. ('('):rep(100000) .. '1' .. (')'):rep(100000)))"),
  case.limited("recursion of a transaction", "limit|overflow", "local function f(tx) tx:transaction(f) end db:transaction(f)"),
  case.limited("coroutines that close each other", "limit|overflow", [[
    local co
    for i = 1, 15000 do
      local before = co
      co = coroutine.create(function()
        local x <close> = setmetatable({}, { __close = function() if before then
          assert(coroutine.close(before)) end end })
        coroutine.yield()
      end)
      coroutine.resume(co)
    end
    assert(coroutine.close(co))]]),
  case.limited("a chain of weak keys", "limit", [[
    local last = {}
    for i = 1, 1e9 do
      local weak = setmetatable({}, { __mode = "k" })
      weak[last] = {} last = weak[last] _G[i % 20000] = weak
    end]]),
  case.limited("a flood of output", "output limit exceeded", "while true do print(('x'):rep(1000)) end"),
  case.limited("one long line", "output limit exceeded", "print(('x'):rep(4 << 20))"),
  case.limited("a flood behind pcall", "output limit exceeded", "while true do pcall(print, ('x'):rep(1000)) end"),
}
