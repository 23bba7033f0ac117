-- Memory, the stack, and output.
local MEMORY = "limit"
local STACK = "stack overflow"

return {
  { name = "a table that grows", expect = "limited", message = MEMORY,
    code = "local t = {} while true do t[#t + 1] = {} end" },
  { name = "a text that doubles", expect = "limited", message = MEMORY,
    code = "local s = 'x' while true do s = s .. s end" },
  { name = "closures", expect = "limited", message = MEMORY,
    code = "local t = {} while true do local a = {} t[#t + 1] = function() return a end end" },
  { name = "coroutines that wait", expect = "limited", message = MEMORY, code = [[
    local t = {} while true do local co = coroutine.create(function() coroutine.yield() end)
    coroutine.resume(co) t[#t + 1] = co end]] },
  { name = "memory behind pcall", expect = "limited", message = MEMORY, code = [[
    local t = {} while true do pcall(function() while true do t[#t + 1] = ('x'):rep(1000) .. #t end
    end) end]] },
  { name = "life at the edge", expect = "limited", message = MEMORY, code = [[
    local t = {} for i = 1, 1e9 do t[i] = { i } if i > 150000 then t[i - 150000] = nil end end]] },
  { name = "a long rep", expect = "limited", message = "string length limit",
    code = "return ('x'):rep(1 << 40)" },
  { name = "a long rep of little", expect = "limited", message = "string length limit",
    code = "return (''):rep(1 << 40, 'x')" },
  { name = "a long pack", expect = "limited", message = "string length limit",
    code = "return string.pack('c2000000000', 'x')" },
  { name = "a long replacement", expect = "limited", message = MEMORY,
    code = "return (('a'):rep(100000)):gsub('a', ('b'):rep(100000))" },
  { name = "a long join", expect = "limited", message = MEMORY, code = [[
    local t = {} local s = ('x'):rep(100000) for i = 1, 1000 do t[i] = s end
    return table.concat(t)]] },
  { name = "a wide format", expect = "limited", message = "invalid conversion",
    code = "return ('%99999999d'):format(1)" },
  { name = "names without end", expect = "limited", message = MEMORY,
    code = "for i = 1, 1e9 do _G['name' .. i] = i end" },
  { name = "a huge source", expect = "limited", message = "limit",
    code = "assert(load(('x = 1 '):rep(1 << 19)))" },
  { name = "recursion", expect = "limited", message = "stack overflow|limit",
    code = "local function f() return 1 + f() end f()" },
  { name = "recursion through pcall", expect = "limited", message = "limit",
    code = "local function f() pcall(f) return f() end f() while true do end" },
  { name = "recursion of __index", expect = "limited", message = STACK,
    code = "local t = {} setmetatable(t, { __index = function(s, k) return s[k .. 'x'] end }) return t.x" },
  { name = "a chain of __index", expect = "limited", message = "loop|stack overflow",
    code = "local t = {} setmetatable(t, { __index = t }) return t.x" },
  { name = "recursion of __tostring", expect = "limited", message = STACK,
    code = "local t = setmetatable({}, {}) getmetatable(t).__tostring = function() return tostring(t) end return tostring(t)" },
  { name = "recursion of gsub", expect = "limited", message = STACK,
    code = "local function f() return ('x'):gsub('x', f) end f()" },
  { name = "recursion of sort", expect = "limited", message = STACK,
    code = "local function f() table.sort({ 1, 2 }, f) end f()" },
  { name = "recursion of coroutines", expect = "limited", message = STACK,
    code = "local function f() return coroutine.wrap(f)() end f()" },
  { name = "recursion of load", expect = "limited", message = "overflow|nest|limit",
    code = "assert(load('return ' .. ('('):rep(100000) .. '1' .. (')'):rep(100000)))" },
  { name = "recursion of a transaction", expect = "limited", message = "limit|overflow",
    code = "local function f(tx) tx:transaction(f) end db:transaction(f)" },
  { name = "coroutines that close each other", expect = "limited", message = "limit|overflow", code = [[
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
    assert(coroutine.close(co))]] },
  { name = "a chain of weak keys", expect = "limited", message = "limit", code = [[
    local last = {}
    for i = 1, 1e9 do
      local weak = setmetatable({}, { __mode = "k" })
      weak[last] = {} last = weak[last] _G[i % 20000] = weak
    end]] },
  { name = "a flood of output", expect = "limited", message = "output limit exceeded",
    code = "while true do print(('x'):rep(1000)) end" },
  { name = "one long line", expect = "limited", message = "output limit exceeded",
    code = "print(('x'):rep(4 << 20))" },
  { name = "a flood behind pcall", expect = "limited", message = "output limit exceeded",
    code = "while true do pcall(print, ('x'):rep(1000)) end" },
}
