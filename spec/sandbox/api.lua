-- Hostile arguments for everything that can be reached.
local case = require "case"

return {
  case.safe("every function with hostile arguments", [[
    local loop = {} loop.loop = loop loop[1] = loop
    local liar = setmetatable({}, { __len = function() return 1 << 40 end,
      __index = function() return 1 end, __call = function() return liar end })
    local function yields() coroutine.yield(1) end
    local values = { nil, true, 0, -1, 1 << 62, -(1 << 63), 0/0, 1/0, "", "x", "\0", "%", "[", "a:b",
      ("x"):rep(10000), {}, loop, liar, yields, error, print == nil, coroutine.create(yields), db,
      dbcore, dbcore.null, dbcore.text "c", dbcore.table("h", { dbcore.integer "id" :primary_key() }) }
    local count = 27
    local seen, list = {}, {}
    local function add(value, depth)
      if seen[value] or depth > 4 then return end
      if type(value) == "function" then
        seen[value] = true list[#list + 1] = value
      elseif type(value) == "table" then
        seen[value] = true
        for k, v in next, value do add(k, depth + 1) add(v, depth + 1) end
      end
    end
    for name, value in pairs(_G) do
      if name ~= "print" and name ~= "error" then add(value, 1) end
    end
    add(dbcore, 1)
    for name in ("as begin changes create delete exec explain from in_transaction insert is_open "
      .. "last_id query schema transaction update with"):gmatch("%S+") do
      add(db[name], 1)
    end
    local t = dbcore.table("h2", { dbcore.integer "id" :primary_key() })
    for _, object in ipairs { t.id, db:from(t), db:insert(t), db:update(t), db:delete(t),
      dbcore.text "x", dbcore.integer "y", dbcore.index "i", dbcore.relations(t, {}),
      db:query "SELECT 1" } do
      for name in ("all any as asc between cast close collate count delete desc distinct eq except "
        .. "exists explain from ge glob group_by gt having in_ intersect join json le like limit list "
        .. "lt match ne not_in nulls offset on on_conflict one order_by over page prepare primary_key "
        .. "references returning rows run select set single to_sql union update unique value values "
        .. "where with with_count check default enum length range pattern validate"):gmatch("%S+") do
        local ok, f = pcall(function() return object[name] end)
        if ok and type(f) == "function" then
          add(f, 1)
          for i = 1, count do pcall(f, object, values[i]) pcall(f, object, values[i], values[i]) end
        end
      end
    end
    local skipped = { [coroutine.yield] = true, [pcall] = true, [xpcall] = true }
    for _, f in ipairs(list) do
      if not skipped[f] then
        pcall(f)
        for i = 1, count do
          pcall(f, values[i])
          pcall(f, "x", values[i])
          pcall(f, db, values[i])
          pcall(coroutine.wrap(f), values[i], values[i], values[i])
        end
      end
    end
  ]]),
  case.safe("yields out of every callback", [[
    local function yields() coroutine.yield(1) end
    local t = dbcore.table("t", { dbcore.text "a" :validate(yields) })
    db:create(dbcore.schema { t })
    for _, body in ipairs {
      function() db:insert(t):values { a = "x" }:run() end,
      function() db:insert(t):values(yields):run() end,
      function() db:transaction(yields) end,
      function() dbcore.try(yields) end,
      function() table.sort({ 1, 2 }, yields) end,
      function() ("x"):gsub("x", yields) end,
      function() load(yields) end,
      function() for _ in pairs(setmetatable({}, { __pairs = yields })) do end end,
    } do
      local co = coroutine.create(function() pcall(body) end)
      for i = 1, 5 do coroutine.resume(co) end
      coroutine.close(co)
    end
    assert(not db:in_transaction())
  ]]),
  case.ok("handles that are over", [[
    db:exec "CREATE TABLE t(a)"
    local kept
    db:transaction(function(tx) kept = tx end)
    assert(not pcall(kept.exec, kept, "INSERT INTO t VALUES (1)"))
    assert(not pcall(kept.commit, kept))
    local c = db:query "SELECT 1"
    c:close()
    assert(not pcall(c.all, c))
    assert(db:query "SELECT count(*) FROM t":value() == 0)
  ]]),
  case.ok("JSON that is deep or wrong", [[
    local t = dbcore.table("t", { dbcore.json "j" }) db:create(dbcore.schema { t })
    local deep = {} for i = 1, 10000 do deep = { deep } end
    assert(not pcall(function() db:insert(t):values { j = deep }:run() end))
    local loop = {} loop[1] = loop
    assert(not pcall(function() db:insert(t):values { j = loop }:run() end))
    db:exec("INSERT INTO t VALUES (?)", ("["):rep(100000))
    assert(not pcall(function() return db:from(t):all() end))
  ]]),
}
