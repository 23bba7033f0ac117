-- The tutorial of examples/tickets, run line by line in a copy of the folder, and what its
-- migrations do to the rows on the way up, down and up again.
local files = require("spec.support.files")
local shell = require("spec.script.shell")

local FOLDER = "examples/tickets"

-- What differs from run to run: times, and the size of a page or two more.
local function steady(text)
  return (text:gsub("%(%d+%.%d+ s%)", "(s)"):gsub("%d+T%d+Z", "TIME")
    :gsub("|[^|\n]+|%s+[%d.]+ |", "| TIME | SECONDS |"):gsub("%d+%.%d KiB", "SIZE")
    :gsub("[ \t]+\n", "\n"))
end

-- The commands of the tutorial with what it says they print.
local function tutorial()
  local steps = {}
  for line in io.lines(FOLDER .. "/README.md") do
    local command, output = line:match("^    %$ (.*)"), line:match("^    (.*)")
    if command then
      steps[#steps + 1] = { command = command, output = "" }
    elseif output and #steps > 0 then
      steps[#steps].output = steps[#steps].output .. output .. "\n"
    end
  end
  return steps
end

local function line(sh, command)
  return sh:line(("dbscript() { '%s' \"$@\"; }\n{ %s\n} 2>&1"):format(shell.program, command))
end

local function succeed(sh, ...)
  local result = sh:run(...)
  assert.equal("", result.errors)
  assert.equal(0, result.code)
  return result
end

local function column(sh, sql)
  local values = {}
  for i, row in ipairs(sh:sql("tickets.db", sql)) do
    values[i] = row.v
  end
  return values
end

-- Everything the database is made of, but the history; however it is quoted and laid out.
local function definitions(sh)
  local texts = column(sh, "SELECT type || ' ' || name || ' ' || coalesce(sql, '') AS v "
    .. "FROM sqlite_schema WHERE name NOT LIKE '%dbcore%' ORDER BY type, name")
  for i, text in ipairs(texts) do
    texts[i] = text:gsub('[%s"]+', "")
  end
  return texts
end

describe("The tutorial of tickets", function()
  local sh

  before_each(function()
    sh = shell.new()
    for _, name in ipairs { "dbcore.lua", "schema.lua", "seed.lua", "main.lua" } do
      sh:write(name, files.read(FOLDER .. "/" .. name))
    end
    for _, name in ipairs { "0001_first.lua", "0002_board.sql", "0003_subject.lua",
      "0004_priority.lua", "0005_tags.lua", "0006_drop_labels.lua", "history.sum" } do
      sh:write("migrations/" .. name, files.read(FOLDER .. "/migrations/" .. name))
    end
  end)

  after_each(function()
    sh:close()
  end)

  it("prints what it says", function()
    local steps = tutorial()

    assert.is_true(#steps > 20)
    for _, step in ipairs(steps) do
      assert.equal("$ " .. step.command .. "\n" .. steady(step.output),
        "$ " .. step.command .. "\n" .. steady(line(sh, step.command).output))
    end
  end)

  it("keeps the rows at every version", function()
    succeed(sh, "migrate", "--to", "1")
    succeed(sh, "seed")
    local titles = { "Links are broken", "A darker theme", "Paper jam", "Order toner" }
    assert.same(titles, column(sh, "SELECT title AS v FROM tickets ORDER BY id"))

    succeed(sh, "migrate", "--to", "2")
    assert.same({ 1, 1, 2 }, column(sh, 'SELECT "left" AS v FROM board ORDER BY "left"'))

    succeed(sh, "migrate", "--to", "3")
    assert.same(titles, column(sh, "SELECT subject AS v FROM tickets ORDER BY id"))

    succeed(sh, "migrate", "--to", "4")
    assert.same({ 1, 2, 2, 2 }, column(sh, "SELECT priority AS v FROM tickets ORDER BY id"))
    assert.same({ 1, 1, 2 }, column(sh, 'SELECT "left" AS v FROM board ORDER BY "left"'))

    succeed(sh, "migrate", "--to", "5")
    assert.same({ "1 bug", "1 urgent", "2 wish", "3 bug" }, column(sh,
      "SELECT ticket_id || ' ' || name AS v FROM ticket_tags JOIN tags ON id = tag_id "
      .. "ORDER BY ticket_id, name"))

    succeed(sh, "migrate")
    sh:sql("tickets.db", "UPDATE tickets SET state = 'done' WHERE id = 3;")
    assert.same({ 1, 1 }, column(sh, "SELECT done AS v FROM tasks WHERE ticket_id = 3"))
    assert.same({ "Links are broken", "A darker theme" },
      column(sh, "SELECT subject AS v FROM board ORDER BY subject DESC"))
    assert.same(titles, column(sh, "SELECT subject AS v FROM tickets ORDER BY id"))
  end)

  it("comes to the same place by going up, down and up", function()
    succeed(sh, "migrate", "--to", "1")
    succeed(sh, "seed")
    local made = { definitions(sh) }
    for version = 2, 6 do
      succeed(sh, "migrate", "--to", tostring(version))
      made[version] = definitions(sh)
    end
    local content = "SELECT subject || state || priority AS v FROM tickets ORDER BY id"
    local rows = column(sh, content)

    for version = 5, 1, -1 do
      succeed(sh, "rollback")
      assert.same(made[version], definitions(sh))
    end
    assert.same({ "bug,urgent", "wish", "bug", "" },
      column(sh, "SELECT labels AS v FROM tickets ORDER BY id"))
    succeed(sh, "migrate")

    assert.same(made[6], definitions(sh))
    assert.same(rows, column(sh, content))
    assert.matches("nothing to do", succeed(sh, "push").output, 1, true)
    assert.matches("all fits", succeed(sh, "verify").output, 1, true)
  end)

  it("can be taken back to nothing", function()
    succeed(sh, "migrate")
    succeed(sh, "migrate", "--to", "0")

    assert.same({}, definitions(sh))
  end)

  it("shows each statement of a plan with one semicolon", function()
    local shown = succeed(sh, "migrate", "--dry-run").output

    assert.matches("ALTER TABLE", shown, 1, true)
    assert.is_nil(shown:find(";;", 1, true))
  end)
end)
