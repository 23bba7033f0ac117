require("spec.script.parts")
local layout = require("dbscript.project.diagram.layout")
local shell = require("spec.script.shell")

-- A picture of `count` boxes with lines between random ones.
local function random_picture(count, lines)
  local sizes, made = {}, {}
  for i = 1, count do
    sizes[i] = { width = math.random(90, 300), height = math.random(48, 400) }
  end
  for i = 1, lines do
    made[i] = { parent = math.random(count), child = math.random(count) }
  end
  return sizes, made
end

local function overlap(a, b)
  return a.x < b.x + b.width and b.x < a.x + a.width and a.y < b.y + b.height
    and b.y < a.y + a.height
end

describe("The layout of a diagram", function()
  it("never puts one box over another, nor a line across a box", function()
    math.randomseed(11)
    for _ = 1, 60 do
      local sizes, lines = random_picture(math.random(1, 25), math.random(0, 40))

      local placed = layout.place(sizes, lines)

      local all = table.move(placed.boxes, 1, #placed.boxes, 1, {})
      for _, path in ipairs(placed.paths) do
        table.move(path, 2, #path - 1, #all + 1, all)
      end
      for i, a in ipairs(all) do
        assert.is_true(a.x >= 0 and a.y >= 0)
        assert.is_true(a.x + a.width <= placed.width and a.y + a.height <= placed.height)
        for j = i + 1, #all do
          assert.is_false(overlap(a, all[j]))
        end
      end
    end
  end)

  it("puts children to the right of their parents where nothing goes in circles", function()
    local sizes = random_picture(4, 0)
    local placed = layout.place(sizes, { { parent = 1, child = 2 }, { parent = 2, child = 3 },
      { parent = 1, child = 3 }, { parent = 4, child = 3 } })

    assert.is_true(placed.boxes[1].x < placed.boxes[2].x)
    assert.is_true(placed.boxes[2].x < placed.boxes[3].x)
    assert.equal(3, #placed.paths[3]) -- its way leads through the layer between
  end)

  it("stands a chain of ten thousand tables", function()
    local sizes, lines = {}, {}
    for i = 1, 10000 do
      sizes[i] = { width = 100, height = 50 }
      lines[i] = i > 1 and { parent = i - 1, child = i } or { parent = 1, child = 1 }
    end

    assert.equal(10000 * 100 + 9999 * 90, layout.place(sizes, lines).width)
  end)
end)

describe("dbscript diagram", function()
  local sh = shell.around(before_each, after_each, function(sh)
    sh:write("schema.lua", [[
      local d = require "dbcore"
      return d.schema {
        d.table("users", { d.integer "id" :primary_key(), d.text "email" :unique(), d.json "x",
          d.integer "boss" :references "users" }),
        d.table("profile", {
          d.integer "user_id" :primary_key() :references "users.id", d.timestamp "at" }),
        d.table("odd posts", { d.integer "id" :primary_key(),
          d.integer "author" :not_null() :references "users.id" }),
      }
    ]])
  end)

  it("writes Mermaid with keys and cardinality", function()
    local result = sh:run("diagram")

    assert.equal("", result.errors)
    assert.equal([[
erDiagram
    users {
        integer id PK
        text email UK
        json x
        integer boss FK
    }
    profile {
        integer user_id PK, FK
        timestamp at
    }
    "odd posts" {
        integer id PK
        integer author FK
    }
    users |o--o{ users : "boss"
    users ||--o| profile : "user_id"
    users ||--o{ "odd posts" : "author"
]], result.output)
  end)

  it("draws SVG that is well-formed and holds every table and column", function()
    local result = sh:json("diagram", "-o", "schema.svg")

    assert.equal(0, result.code)
    assert.equal(3, result.document.tables)
    assert.equal(3, result.document.lines)
    local text = sh:read("schema.svg")
    for _, word in ipairs({ "users", "odd posts", "email", "timestamp", "PK FK" }) do
      assert.truthy(text:find(">" .. word .. "<", 1, true), word)
    end
    local open = {}
    for close, name, tail in text:gmatch("<(/?)(%a+)([^>]*)>") do
      if close == "/" then
        assert.equal(table.remove(open), name)
      elseif not tail:find("/$") then
        open[#open + 1] = name
      end
    end
    assert.same({}, open)
  end)

  it("keeps names with signs of XML and of Mermaid harmless", function()
    sh:write("odd.sql", [[CREATE TABLE "<b>&""x""" ("a<b" "x y", "1" INTEGER);]])

    assert.truthy(sh:run("diagram", "--schema", "odd.sql", "--format", "svg").output
      :find("&lt;b&gt;&amp;&quot;x&quot;", 1, true))
    assert.equal('erDiagram\n    "<b>& x " {\n        x_y a_b\n        INTEGER c_1\n    }\n',
      sh:run("diagram", "--schema", "odd.sql").output)
  end)

  it("draws what a database holds", function()
    sh:sql("a.db", "CREATE TABLE t(a INT)")

    assert.equal("erDiagram\n    t {\n        INT a\n    }\n",
      sh:run("diagram", "--live", "--database", "a.db").output)
  end)

  it("takes a schema in SQL, and says where it is wrong", function()
    sh:write("bad.sql", "CREATE TABLE t(a;")

    local result = sh:run("diagram", "--schema", "bad.sql")

    assert.equal(1, result.code)
    assert.matches("^dbscript: bad.sql: near \";\"", result.errors)
  end)
end)
