-- Migrations written for what stands on tables: views, triggers and full-text indexes that are
-- added, changed, renamed and dropped, there and back, on a file with rows in it.
local d = require("dbcore")
local files = require("spec.support.files")

local folder, db

before_each(function()
  folder = files.folder()
  db = d.open(folder.path "app.db")
end)

after_each(function()
  db:close()
  folder.remove()
end)

local function posts(options, ...)
  local given = options or {}
  return d.table(given.name or "posts", { d.integer "id" :primary_key(),
    given.column or d.text "title" :not_null(), d.text "body" :not_null() :default "",
    d.integer "changes" :not_null() :default(0), ... }, { renamed_from = given.from })
end

local function towards(...)
  return d.migrator(db, { dir = folder.path "migrations", schema = d.schema { ... },
    backup = false })
end

-- Generates and applies; goes back and forth once; proves that nothing is left to be done.
local function reach(...)
  local m = towards(...)
  local made = assert(m:generate { hints = { { kind = "allow_loss" } } }, "nothing was generated")
  assert.same({ made.id }, m:up().applied)
  assert.same({ made.id }, m:down().reverted)
  assert.same({ made.id }, m:up().applied)
  local found = m:verify() -- that nothing is left to be done, among other things
  assert.is_true(found.ok, found.problems[1] and found.problems[1].message)
  return made
end

local function fill()
  local tx <close> = db:begin()
  tx:exec("PRAGMA trusted_schema = ON")
  tx:exec("INSERT INTO posts (title) VALUES ('red fox'), ('owl')")
  tx:commit()
end

local function found(index, word)
  return db:query(("SELECT count(*) FROM %s WHERE %s MATCH ?"):format(index, index), word):value()
end

describe("A view", function()
  local function view(name, sql, ...)
    return d.view(name, { d.integer "id", d.text "title", ... }, sql)
  end

  it("is changed, renamed and dropped", function()
    reach(posts())
    fill()
    reach(posts(), view("heads", "SELECT id, title FROM posts"))
    reach(posts(), view("heads", "SELECT id, upper(title) AS title FROM posts"))
    assert.equal("RED FOX", db:query("SELECT title FROM heads"):value())
    reach(posts(), view("titles", "SELECT id, upper(title) AS title FROM posts"))
    assert.equal("RED FOX", db:query("SELECT title FROM titles"):value())
    reach(posts())
    assert.equal(2, db:query("SELECT count(*) FROM posts"):value())
  end)

  it("takes along the views that stand on it", function()
    local top, middle = view("a_top", "SELECT id, title FROM middle"),
      view("middle", "SELECT id, title FROM z_base")
    reach(posts(), view("z_base", "SELECT id, title FROM posts"), middle, top)
    fill()

    local made = reach(posts(), view("z_base", "SELECT id, lower(title) AS title FROM posts"),
      middle, top)

    assert.equal("red fox", db:query("SELECT title FROM a_top"):value())
    assert.same({ "a_top", "middle", "z_base" }, (function()
      local names = {}
      for name in made.text:match("up = function.-\n  end"):gmatch('drop_view%("([%w_]+)"%)') do
        names[#names + 1] = name
      end
      return names
    end)())
    reach(posts(), view("a_top", "SELECT id, title FROM posts"))
  end)

  it("keeps the triggers that make it writable", function()
    local insert = d.trigger("heads_insert", [[INSTEAD OF INSERT ON heads
      BEGIN INSERT INTO posts (title) VALUES (new.title); END]])
    reach(posts(), view("heads", "SELECT id, title FROM posts"))
    reach(posts(), view("heads", "SELECT id, title FROM posts", insert))
    local heads = view("heads", "SELECT id, upper(title) AS title FROM posts", insert)
    reach(posts(), heads)

    db:insert(heads):values { title = "owl" }:run()

    assert.equal("OWL", db:from(heads):one().title)
  end)

  it("follows a table and a column that are renamed", function()
    reach(posts(), view("heads", "SELECT id, title FROM posts"))
    fill()
    reach(posts { name = "entries", from = "posts" },
      view("heads", "SELECT id, title FROM entries"))
    reach(posts { name = "entries", column = d.text "head" :not_null() :renamed_from "title" },
      view("heads", "SELECT id, head AS title FROM entries"))

    assert.equal("red fox", db:query("SELECT title FROM heads"):value())
  end)
end)

describe("A trigger", function()
  local function counting(name, by, owner)
    return d.trigger(name, ("AFTER UPDATE OF title ON %s BEGIN UPDATE %s "
      .. "SET changes = changes + %d WHERE id = new.id; END"):format(owner or "posts",
      owner or "posts", by))
  end

  it("is changed, renamed and dropped", function()
    reach(posts())
    fill()
    reach(posts(nil, counting("count", 1)))
    reach(posts(nil, counting("count", 2)))
    db:exec("UPDATE posts SET title = 'x' WHERE id = 1")
    assert.equal(2, db:query("SELECT changes FROM posts WHERE id = 1"):value())
    reach(posts(nil, counting("counting", 2)))
    reach(posts({ name = "entries", from = "posts" }, counting("counting", 2, "entries")))
    db:exec("UPDATE entries SET title = 'y' WHERE id = 1")
    assert.equal(4, db:query("SELECT changes FROM entries WHERE id = 1"):value())
    reach(posts { name = "entries" })
    db:exec("UPDATE entries SET title = 'z' WHERE id = 1")
    assert.equal(4, db:query("SELECT changes FROM entries WHERE id = 1"):value())
  end)

  it("keeps its place among the others when it is changed", function()
    local last = d.trigger("last", [[AFTER UPDATE OF title ON posts
      BEGIN UPDATE posts SET body = body || new.changes WHERE id = new.id; END]])
    local order = "SELECT group_concat(name, ' ') FROM sqlite_schema WHERE type = 'trigger'"
    reach(posts(nil, counting("first", 1), last))

    reach(posts(nil, counting("first", 5), last))

    assert.equal("first last", db:query(order):value())
  end)
end)

describe("A full-text index", function()
  local function index(name, columns, content, options)
    local given = options or {}
    given.content = content
    return d.fts(name, columns, given)
  end

  it("is made by a connection that does not trust the file, and does not then", function()
    local p = posts()

    reach(p, index("posts_text", { "title" }, p))

    assert.equal(0, db:query("PRAGMA trusted_schema"):value())
  end)

  it("gets other columns, another tokenizer, another name, and goes", function()
    local p = posts()
    reach(p, index("posts_text", { "title" }, p))
    fill()
    reach(p, index("posts_text", { "title", "body" }, p))
    assert.equal(1, found("posts_text", "fox"))
    reach(p, index("posts_text", { "title", "body" }, p, { tokenize = "porter" }))
    assert.equal(1, found("posts_text", "foxes"))
    reach(p, index("search", { "title", "body" }, p, { tokenize = "porter" }))
    assert.equal(1, found("search", "foxes"))
    reach(p)
    assert.equal(2, db:query("SELECT count(*) FROM posts"):value())
  end)

  it("stays beside triggers of its table that come and change", function()
    local p = posts()
    reach(p, index("posts_text", { "title" }, p))
    for by = 1, 2 do
      p = posts(nil, d.trigger("count", ("AFTER UPDATE OF title ON posts BEGIN "
        .. "UPDATE posts SET changes = changes + %d WHERE id = new.id; END"):format(by)))
      reach(p, index("posts_text", { "title" }, p))
    end
    fill()

    assert.equal(1, found("posts_text", "fox"))
  end)

  it("follows its table to another name", function()
    local p = posts()
    reach(p, index("posts_text", { "title" }, p))
    fill()
    p = posts { name = "entries", from = "posts" }
    reach(p, index("posts_text", { "title" }, p))
    assert.equal(1, found("posts_text", "fox"))

    db:exec("PRAGMA trusted_schema = ON")
    db:exec("UPDATE entries SET title = 'whale' WHERE id = 1")

    assert.same({ 0, 1 }, { found("posts_text", "fox"), found("posts_text", "whale") })
    db:exec("INSERT INTO posts_text (posts_text, rank) VALUES ('integrity-check', 1)")
  end)

  it("follows a column to another name", function()
    local p = posts()
    reach(p, index("posts_text", { "title" }, p))
    fill()
    p = posts { column = d.text "head" :not_null() :renamed_from "title" }
    reach(p, index("posts_text", { "head" }, p))

    assert.equal(1, found("posts_text", "head:fox"))
  end)
end)
