-- Ways around a policy, through a handle that is under one: aliases, subqueries, expressions as text,
-- tables described anew, writes that give rows back.
local case = require "case"

return {
  case.ok("rows of others by every way", [[
    local d = dbcore
    local posts = d.table("posts", { d.integer "id" :primary_key(),
      d.integer "org" :not_null(), d.text "title" :unique() })
    local tags = d.table("tags", { d.integer "id" :primary_key(), d.integer "post",
      d.text "name" })
    db:create(d.schema { posts, tags })
    local function own(c) return posts.org:eq(c.org) end
    local function all() return true end
    d.policy(posts, { select = own, insert = own, update = own, delete = own })
    d.policy(tags, { select = all, insert = all, update = all, delete = all })
    db:insert(posts):values { { id = 1, org = 1, title = "own" },
      { id = 2, org = 2, title = "SECRET" } }:run()
    db:insert(tags):values { { id = 1, post = 2, name = "t" } }:run()
    local h = db:as { org = 1 }

    local function says(v)
      if type(v) ~= "table" then return tostring(v) end
      local parts = {}
      for k, x in pairs(v) do parts[#parts + 1] = tostring(k) .. says(x) end
      return table.concat(parts, " ")
    end
    local title = d.from(posts):select(posts.title):where(posts.id:eq(2))
    local again = d.table("POSTS", { d.integer "id" :primary_key(), d.text "title" })
    local cut = d.table("sts", { d.integer "id" :primary_key(), d.text "title" },
      { prefix = "po" })
    local p = d.alias(posts, "p")
    local function new(id, text) return h:insert(posts):values { id = id, org = 1, title = text } end
    for i, way in ipairs {
      function() return h:from(p):all() end,
      function() return h:from(tags):left_join(posts, posts.id:eq(tags.post)):all() end,
      function() return h:from(tags):select { x = title }:all() end,
      function() return h:from(tags):select { x = d.raw "(SELECT title FROM posts)" }:all() end,
      function() return h:from(tags):select { x = d.sql("(SELECT title FROM posts)") }:all() end,
      function() return h:from(tags):order_by(d.raw "(SELECT title FROM posts)"):all() end,
      function() return h:with("x", d.from(posts)):from("x"):all() end,
      function() return h:from(posts):union(db:from(posts)):all() end,
      function() return h:from(db:from(posts):as "q"):all() end,
      function() return h:from(again):all() end,
      function() return h:from(cut):all() end,
      function() return h:query("SELECT title FROM posts"):all() end,
      function() return h:as { org = 2 }:from(posts):all() end,
      function() return h:update(tags):set { name = title }:everywhere():returning():all() end,
      function() return h:insert(tags):from(d.from(posts):select { name = posts.title })
        :returning():all() end,
      function() return h:insert(tags):values { name = "n" }:returning { x = title }:all() end,
      function() return new(2, "a"):on_conflict("id"):update { org = 1 }:returning():all() end,
      function() return new(7, "SECRET"):on_conflict("title"):update { org = 1 }:run() end,
      function() return new(2, "b"):on_conflict("id"):update { title = posts.title }
        :returning(posts.title):all() end,
      function() return h:update(posts):set { org = 1 }:where(posts.id:eq(2)):returning():all() end,
      function() return h:delete(posts):where(posts.id:eq(2)):returning():all() end,
    } do
      local _, found = pcall(way)
      if says(found):find("SECRET") then print("ESCAPED " .. i) end
      assert(not says(found):find("SECRET"), i)
    end
    assert(new(5, "mine"):run().changes == 1) -- what is allowed still is
    assert(not pcall(function() return h:insert(posts):values { org = 2, title = "x" }:run() end))
    assert(db:from(posts):where { id = 2, org = 2, title = "SECRET" }:count() == 1)
  ]]),
}
