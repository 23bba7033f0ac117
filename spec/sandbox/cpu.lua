-- Loops: in Lua, in C functions, in what runs where no hook does.
local CPU = "limit exceeded"
local SLOW = "limit exceeded|too long to match" -- the core matches patterns of columns itself

local cases = {
  { name = "a loop", code = "while true do end" },
  { name = "a loop with goto", code = "::a:: goto a" },
  { name = "a loop behind pcall", code = "while true do pcall(function() while true do end end) end" },
  { name = "a loop in a message handler", code = "xpcall(error, function() while true do end end)" },
  { name = "a handler of the failure itself", code = [[
    while true do xpcall(function() while true do end end, function() while true do end end) end]] },
  { name = "a loop in __close", code = [[
    do local x <close> = setmetatable({}, { __close = function() while true do end end })
    while true do end end]] },
  { name = "closing while closing", code = [[
    local mt = {} mt.__close = function() local y <close> = setmetatable({}, mt) while true do end end
    local x <close> = setmetatable({}, mt)]] },
  { name = "a loop in a coroutine", code = "coroutine.wrap(function() while true do end end)()" },
  { name = "a coroutine closed after its end by a limit", code = [[
    local co = coroutine.create(function()
      local x <close> = setmetatable({}, { __close = function() while true do end end })
      while true do end
    end)
    pcall(coroutine.resume, co) coroutine.close(co)]] },
  { name = "coroutines without end", code = [[
    while true do coroutine.wrap(function() coroutine.yield() end)() end]] },
  { name = "short coroutines without end", code = [[
    while true do local co = coroutine.create(function() for i = 1, 900 do end end)
    coroutine.resume(co) end]] },
  { name = "a loop in a sort order", code = "table.sort({ 3, 2, 1 }, function() while true do end end)" },
  { name = "a loop in a replacement", code = "('x'):gsub('x', function() while true do end end)" },
  { name = "a loop in __index", code = [[
    return setmetatable({}, { __index = function() while true do end end }).x]] },
  { name = "a loop in __tostring", code = [[
    print(setmetatable({}, { __tostring = function() while true do end end }))]] },
  { name = "a loop in a raised value", code = [[
    error(setmetatable({}, { __tostring = function() while true do end end }))]] },
  { name = "a loop in a reader of load", code = "load(function() while true do end end)" },
  { name = "a reader of load without end", code = "load(function() return ' ' end)" },
  { name = "pairs without end", code = "for _ in pairs(setmetatable({}, { __pairs = function() return function() return 1 end end })) do end" },
  { name = "moving what is not there", code = "table.move({}, 1, 1 << 60, 2)" },
  { name = "moving backwards", code = "local t = { 1 } table.move(t, 1, 1 << 60, 3)" },
  { name = "inserting into a lie", code = "table.insert(setmetatable({}, { __len = function() return 1 << 60 end }), 1, 1)" },
  { name = "removing from a lie", code = "table.remove(setmetatable({}, { __len = function() return 1 << 60 end }), 1)" },
  { name = "sorting a lie", code = [[
    table.sort(setmetatable({}, { __len = function() return (1 << 31) - 2 end,
      __index = function() return 1 end }))]] },
  { name = "joining a lie", code = [[
    table.concat(setmetatable({}, { __len = function() return 1 << 60 end,
      __index = function() return "" end }))]] },
  { name = "the empty text repeated", code = "for i = 1, 1 << 60 do (''):rep(1 << 60) end" },
  { name = "many lazy repeats", code = "return (('a'):rep(100000)):find('.-.-.-.-b')" },
  { name = "many greedy repeats", code = "return (('a'):rep(30000)):match('.*.*.*.*b')" },
  { name = "a set as long as a text", code = "return (('a'):rep(20000)):find('[' .. ('b'):rep(20000) .. ']')" },
  { name = "balanced without an end", code = "return (('('):rep(100000)):gsub('%b()', '')" },
  { name = "a frontier at every place", code = "for i = 1, 1e9 do (('a '):rep(50000)):gsub('%f[%w]%w+%f[%W]', '') end" },
  { name = "a back reference", code = "return (('a'):rep(30000)):find('(.*)%1(.*)%2b')" },
  { name = "plain search of what nearly fits", code = "return (('a'):rep(2000000)):find(('a'):rep(1000000) .. 'b', 1, true)" },
  { name = "gmatch over and over", code = "for i = 1, 1e9 do for _ in (('ab'):rep(1000)):gmatch('.-b') do end end" },
  { name = "texts changed over and over", code = [[
    local s = ('x'):rep(1 << 20)
    while true do s:upper() s:lower() s:reverse() utf8.len(s) end]] },
  { name = "offsets from the end", code = [[
    local s = ('é'):rep(1 << 19) while true do utf8.offset(s, -(1 << 18)) end]] },
  { name = "continuation bytes", code = [[
    local s = ('\x80'):rep(1 << 20)
    while true do pcall(function() for _ in utf8.codes(s) do end end) end]] },
  { name = "packing and unpacking", code = [[
    local f = ('b'):rep(1000) local t = {} for i = 1, 1000 do t[i] = 1 end
    while true do string.unpack(f, string.pack(f, table.unpack(t))) end]] },
  { name = "numbers from long texts", code = "local s = (' '):rep(1 << 20) .. '1' while true do tonumber(s) end" },
  { name = "unpacking over and over", code = [[
    local t = {} for i = 1, 100000 do t[i] = i end
    while true do select('#', table.unpack(t)) end]] },
  { name = "loading over and over", code = "local s = ('x = 1 '):rep(10000) while true do load(s) end" },
  { name = "a table emptied from the front", code = [[
    local t = {} for i = 1, 200000 do t['k' .. i] = 1 end
    while true do local k = next(t) if not k then t = {} for i = 1, 200000 do t['k' .. i] = 1 end
    else t[k] = nil end end]] },
  { name = "a tree of calls", code = "local function f(n) if n > 0 then f(n - 1) f(n - 1) end end f(60)" },
  { name = "the clock", code = "while true do os.clock() os.time() os.date() end" },
  { name = "asking for a collection", code = "while true do collectgarbage() end" },
  { name = "a generator of rows without end", code = [[
    local t = dbcore.table("t", { dbcore.integer "a" }) db:create(dbcore.schema { t })
    db:insert(t):values(function() return { a = 1 } end):run()]] },
  { name = "a codec without end", code = [[
    local forever = dbcore.type { name = "forever", sql = "TEXT", encode = function()
      while true do end end, decode = function(v) return v end }
    local t = dbcore.table("t", { forever "a" }) db:create(dbcore.schema { t })
    db:insert(t):values { a = "x" }:run()]] },
  { name = "a rule without end", code = [[
    local t = dbcore.table("t", { dbcore.text "a" :validate(function() while true do end end) })
    db:create(dbcore.schema { t }) db:insert(t):values { a = "x" }:run()]] },
  { name = "a pattern of a column", code = [[
    local t = dbcore.table("t", { dbcore.text "a" :pattern ".-.-.-.-b" })
    db:create(dbcore.schema { t }) db:insert(t):values { a = ("a"):rep(100000) }:run()]] },
  { name = "a transaction behind pcall", code = [[
    while true do pcall(db.transaction, db, function() while true do end end) end]] },
  { name = "try without end", code = "while true do dbcore.try(function() while true do end end) end" },
}

for _, case in ipairs(cases) do
  case.expect, case.message = "limited", case.name:find "^a pattern of" and SLOW or CPU
end
return cases
