-- Ordinary programs: what a sandbox must not get in the way of.
local case = require "case"

return {
  case.ok("texts", [[
    assert(("abc"):rep(3, "-") == "abc-abc-abc" and ("x"):rep(0) == "" and ("x"):rep(-1) == "")
    assert(("key = value"):match "^(%w+)%s*=%s*(%w+)$" == "key")
    assert(("a,b,,c"):gsub(",", ";") == "a;b;;c")
    assert(("%5.2f|%-5s|%05d|%q|%x|%s|%%"):format(3.14159, "ab", 42, "x\n", 255, true)
      == ' 3.14|ab   |00042|"x\\\n"|ff|true|%')
    assert(("%s %s"):format(setmetatable({}, { __tostring = function() return "me" end }), nil)
      == "me nil")
    assert(("héllo"):len() == 6 and utf8.len "héllo" == 5 and utf8.char(104, 233) == "hé")
    local t = {} for p, c in utf8.codes "aé" do t[#t + 1] = p .. ":" .. c end
    assert(table.concat(t, " ") == "1:97 2:233" and utf8.offset("aé!", 3) == 4)
    assert(string.unpack("<i4", string.pack("<i4", -7)) == -7 and ("x"):byte() == 120)
    assert(("hello"):sub(-3, -2) == "ll" and ("hello"):sub(2) == "ello" and ("a"):byte(5) == nil)
    assert(("10" + 5) == 15 and tonumber "0x10" == 16 and tonumber("zz", 36) == 1295)
    assert(("a.b"):find(".", 1, true) == 2 and ("abc"):find("b", -2) == 2)
  ]]),
  case.ok("tables", [[
    local t = { 5, 2, 8, 1 } table.sort(t) assert(table.concat(t, ",") == "1,2,5,8")
    table.sort(t, function(a, b) return a > b end) assert(t[1] == 8)
    local long = {} for i = 1, 5000 do long[i] = (i * 7919) % 5003 end
    table.sort(long) for i = 2, #long do assert(long[i - 1] <= long[i]) end
    table.insert(t, 9) table.insert(t, 1, 0) assert(table.remove(t) == 9 and table.remove(t, 1) == 0)
    assert(table.concat(table.move({ 1, 2, 3 }, 1, 3, 2), ",") == "1,1,2,3")
    assert(select("#", table.unpack({ n = 3 }, 1, 3)) == 3 and table.pack(nil, 2).n == 2)
    local n = 0 for _ in pairs(setmetatable({}, { __pairs = function() return next, { 1 } end })) do
      n = n + 1 end assert(n == 1)
    assert(rawlen { 1, 2 } == 2 and rawequal(t, t) and next {} == nil)
  ]]),
  case.ok("errors", [[
    local ok, e = pcall(error, "x", 0) assert(not ok and e == "x")
    ok, e = pcall(error, { code = 5 }) assert(e.code == 5)
    ok, e = xpcall(function() error "deep" end, function(m) return "handled " .. m end)
    assert(not ok and e:find "^handled .*deep")
    assert(select("#", xpcall(function(...) return ... end, print, 1, 2, 3)) == 4)
    ok, e = pcall(function() local x <close> = setmetatable({}, { __close = function(_, err)
      assert(err:find "inner") end }) error "inner" end)
    assert(not ok)
    assert(not pcall(error) and select(2, pcall(error, nil)) == nil)
    local _, err = dbcore.try(db.exec, db, "nonsense") assert(err.code == "syntax")
  ]]),
  case.ok("coroutines", [[
    local gen = coroutine.wrap(function(a) local b = coroutine.yield(a + 1) return b * 2 end)
    assert(gen(1) == 2 and gen(5) == 10)
    local co = coroutine.create(function() error "oops" end)
    local ok, e = coroutine.resume(co) assert(not ok and e:find "oops")
    assert(coroutine.status(co) == "dead" and not coroutine.resume(co))
    co = coroutine.create(function() pcall(coroutine.yield, 1) return 2 end)
    assert(select(2, coroutine.resume(co)) == 1 and select(2, coroutine.resume(co)) == 2)
    local closed co = coroutine.create(function()
      local x <close> = setmetatable({}, { __close = function() closed = true end })
      coroutine.yield() end)
    coroutine.resume(co) assert(coroutine.close(co) and closed)
    assert(coroutine.isyieldable() == false and select(2, coroutine.running()) == true)
    ok, e = pcall(coroutine.wrap(function() error({ 1 }) end)) assert(e[1] == 1)
  ]]),
  case.ok("the database", [[
    local d = dbcore
    local birds = d.table("birds", { d.integer "id" :primary_key(), d.text "name" :not_null(),
      d.json "tags" })
    db:create(d.schema { birds })
    db:insert(birds):values({ { name = "Wren", tags = { "small" } }, { name = "Owl" } }):run()
    assert(db:from(birds):where(birds.name:eq "Wren"):one().tags[1] == "small")
    assert(db:from(birds):count() == 2)
    db:transaction(function(tx) tx:update(birds):set { name = "Eagle" }:where(birds.id:eq(2)):run() end)
    for row in db:from(birds):order_by(birds.id):rows() do assert(row.name) end
    assert(db:delete(birds):where(birds.id:eq(1)):run().changes == 1)
    assert(#db:query("SELECT * FROM birds WHERE id > ?", 0):all() == 1)
    local tx = db:begin() tx:exec "DELETE FROM birds" tx:rollback()
    assert(db:from(birds):exists())
    local found = db:from(birds):where(birds.id:eq(d.param "id")):prepare()
    assert(found:one({ id = 2 }).name == "Eagle") found:close()
    db:exec "CREATE INDEX by_name ON birds(name)"
    assert(#db:query "PRAGMA table_info(birds)":all() == 3)
    db:exec "BEGIN" db:exec "COMMIT"
  ]]),
  case.ok("time and numbers", [[
    assert(os.time { year = 2020, month = 1, day = 1, hour = 12 } > 0 and os.clock() >= 0)
    assert(os.date("!%Y-%m-%d", 0) == "1970-01-01" and os.date("*t").year > 2000)
    assert(math.type(3) == "integer" and math.max(1, 5) == 5 and math.random(1, 3) <= 3)
    assert(7 // 2 == 3 and 2^10 == 1024.0 and 1 << 4 == 16 and math.tointeger(3.0) == 3)
  ]]),
  case.ok("objects and closures", [[
    local Animal = {} Animal.__index = Animal
    function Animal.new(name) return setmetatable({ name = name }, Animal) end
    function Animal:speak() return self.name .. "!" end
    assert(Animal.new("Rex"):speak() == "Rex!" and getmetatable(Animal.new "x") == Animal)
    local memo = setmetatable({}, { __mode = "k" }) memo[{}] = 1
    local add = load "local a, b = ... return a + b" assert(add(1, 2) == 3)
    assert(collectgarbage "count" > 0 and collectgarbage() == 0)
  ]]),
}
