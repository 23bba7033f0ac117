-- What reaches out of the sandbox: functions that are not there, and doors that are locked.
local case = require "case"

return {
  case.ok("only what is listed is there", [[
    local known = {}
    for name in ("_G _VERSION assert collectgarbage coroutine db dbcore error getmetatable ipairs "
      .. "load math next os pairs pcall print rawequal rawget rawlen rawset select setmetatable "
      .. "string table tonumber tostring type utf8 xpcall"):gmatch("%S+") do
      known[name] = true
    end
    for name in pairs(_G) do assert(known[name], name) end
    local function has(library, names)
      local listed = {}
      for name in names:gmatch("%S+") do listed[name] = true end
      for name in pairs(library) do assert(listed[name], name) end
    end
    has(os, "clock date difftime time")
    has(string, "byte char find format gmatch gsub len lower match pack packsize rep reverse sub "
      .. "unpack upper")
    has(table, "concat insert move pack remove sort unpack")
    has(coroutine, "close create isyieldable resume running status wrap yield")
    has(utf8, "char charpattern codepoint codes len offset")
    for _, name in ipairs { "io", "debug", "package", "require", "dofile", "loadfile", "loadstring",
      "warn", "arg", "module", "newproxy", "setfenv", "getfenv", "bit32", "jit", "ffi" } do
      assert(_G[name] == nil, name)
    end
    assert(string.dump == nil and os.getenv == nil and os.exit == nil and os.execute == nil)
  ]]),
  case.ok("the module has no way out", [[
    for _, name in ipairs { "open", "mock", "migrator", "native", "backup", "nothing" } do
      assert(not pcall(function() return dbcore[name] end), name)
    end
    for _, name in ipairs { "close", "backup", "restore", "checkpoint", "vacuum", "optimize", "path",
      "create_function", "create_aggregate", "create_window", "create_collation", "on_query",
      "on_commit", "on_rollback", "on_update", "on_warning", "set_timeout", "with_timeout",
      "interrupt", "restrict", "integrity_check", "advise", "stats", "load_extension" } do
      local ok, f = pcall(function() return db[name] end)
      assert(not ok or f == nil, name)
    end
  ]]),
  case.ok("bytecode is refused in every way", [[
    for _, chunk in ipairs { "\27Lua", "\27LuaT\0\25\147\r\n\26\n" .. ("\0"):rep(60) } do
      assert(load(chunk) == nil)
      assert(load(chunk, "x", "b") == nil)
      assert(load(chunk, "x", "bt") == nil)
      local given
      assert(load(function() if not given then given = true return chunk end end) == nil)
    end
    assert(load("return 1", "x", "b") == nil)
    assert(load("return 1", "x", "t")() == 1)
  ]]),
  case.ok("loaded code has the same globals", [[
    assert(load("return _G")() == _G)
    assert(load("return io, debug, require")() == nil)
    x = 5
    assert(load("return x")() == 5)
    assert(load("return x", "n", "t", { x = 6 })() == 6)
    assert(load("return _ENV", "n", "t", nil)() == nil)
    local parts = { "return ", "7" }
    assert(load(function() return table.remove(parts, 1) end)() == 7)
  ]]),
  case.ok("metatables of ours are locked", [[
    local t = dbcore.table("t", { dbcore.integer "id" :primary_key(), dbcore.json "j" })
    local _, err = dbcore.try(function() db:exec "nonsense" end)
    for i, value in ipairs { "", db, dbcore, dbcore.null, t, t.id, db:from(t), err,
      dbcore.array {}, dbcore.text "x", db:query "SELECT 1", dbcore.schema { t } } do
      assert(getmetatable(value) == false or getmetatable(value) == nil, i)
      if type(value) == "table" and getmetatable(value) ~= nil then
        assert(not pcall(setmetatable, value, {}), i)
      end
    end
  ]]),
  case.ok("finalizers are refused", [[
    assert(not pcall(setmetatable, {}, { __gc = function() end }))
    assert(not pcall(setmetatable, {}, { __gc = false }))
    local late = {}
    setmetatable({}, late)
    late.__gc = function() print "ESCAPED" end
    for i = 1, 1000 do local t = {} end
  ]]),
  case.ok("spoiling libraries spoils nothing of ours", [[
    for _, library in ipairs { string, table, math, utf8, coroutine, os } do
      for name in pairs(library) do library[name] = function() return "POISON" end end
    end
    local _G, pairs, assert = _G, pairs, assert
    for name in pairs(_G) do
      if name ~= "db" and name ~= "dbcore" and name ~= "_G" then _G[name] = function() return "POISON" end end
    end
    local d = dbcore
    local t = d.table("t", { d.integer "id" :primary_key(), d.text "name" :not_null() })
    db:create(d.schema { t })
    db:transaction(function(tx) tx:insert(t):values { name = "x" }:run() end)
    assert(db:from(t):where(t.name:eq "x"):one().id == 1)
    assert(("x"):rep(3) == "xxx")
  ]]),
  case.ok("addresses are not told", [[
    for _, value in ipairs { {}, print, coroutine.create(print), function() end } do
      assert(not tostring(value):find "0x")
      assert(not ("%s"):format(value):find "0x")
      assert(not pcall(string.format, "%p", value))
    end
    local _, e = pcall(function() local t = {} return t.x.y end)
    assert(not e:find "0x%x%x%x%x%x%x") -- the script's path has six letters by chance
    assert(not select(2, pcall(error, setmetatable({}, { __name = 5 }))) or true)
  ]]),
}
