-- Migrations from Lua: folders of files, words, what a database remembers, and how a history is
-- put in order.
local d = require("dbcore")
local files = require("spec.support.files")
local expect = require("spec.support.expect")

local folder, db

local INIT = [[
CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT);
INSERT INTO users (name) VALUES ('Ada'), ('Ben');
-- down
DROP TABLE users;
]]

local function write(name, text)
  files.write(folder.path("migrations/" .. name), text)
end

local function migrator(options)
  local given = { dir = folder.path "migrations" }
  for key, value in pairs(options or {}) do
    given[key] = value
  end
  return d.migrator(db, given)
end

-- A file of Lua with these functions.
local function lua_file(up, down, more)
  return ("return {\n%s  up = function(m)\n    %s\n  end,\n%s}\n"):format(more or "", up,
    down and ("  down = function(m)\n    %s\n  end,\n"):format(down) or "")
end

local function columns_of(name)
  return table.concat(db:query("SELECT name FROM pragma_table_info(?)", name):list(), " ")
end

local function states(m)
  local words = {}
  for i, entry in ipairs(m:status().entries) do
    words[i] = entry.id .. " " .. entry.state
  end
  return table.concat(words, ", ")
end

local function set_up()
  folder = files.folder()
  os.execute(('mkdir "%s"'):format(folder.path "migrations"))
  db = d.open(folder.path "app.db")
end

local function tear_down()
  db:close()
  folder.remove()
end

describe("A migrator", function()
  before_each(set_up)
  after_each(tear_down)

  it("tells how many rows of how many are copied", function()
    write("0001_init.sql", INIT)
    write("0002_named.lua", lua_file(
      [[m:rebuild("users", function(t) t:change(require("dbcore").text "name" :not_null()) end)]]))
    local done = {}

    migrator { progress = function(at)
      if at.rows_total > 0 then
        done[#done + 1] = ("%d of %d in step %d of %d"):format(at.rows, at.rows_total, at.step,
          at.steps)
      end
    end }:up()

    assert.equal("0 of 2 in step 1 of 1", done[1])
    assert.equal("2 of 2 in step 1 of 1", done[#done])
  end)

  it("keeps its connection for itself while it tells how far it is", function()
    write("0001_init.sql", INIT)

    expect.failure("invalid", "that one of its own statements has called", function()
      migrator { progress = function()
        db:exec("SELECT 1")
      end }:up()
    end)

    assert.equal("", columns_of("users"))
  end)

  it("applies files of SQL and of Lua in their order", function()
    write("0010_last.sql", "CREATE TABLE last (x);")
    write("0001_init.sql", INIT)
    write("0002_role.lua", lua_file('m:add_column("users", d.text "role" :default "reader")'))
    local m = migrator()

    local result = m:up()

    assert.same({ "0001_init", "0002_role", "0010_last" }, result.applied)
    assert.equal("id name role", columns_of "users")
    assert.equal(2, db:query("SELECT count(*) FROM users WHERE role = 'reader'"):value())
    assert.same({}, m:up().applied)
    assert.equal("0010_last", m:status().current)
    assert.equal(0, m:status().pending)
  end)

  it("goes back, to a version, and over the last one again", function()
    write("0001_init.sql", INIT)
    write("0002_role.lua", lua_file('m:add_column("users", d.text "role")',
      'm:drop_column("users", "role")'))
    local m = migrator { backup = false }
    m:up()

    assert.same({ "0002_role" }, m:down().reverted)
    assert.equal("id name", columns_of "users")
    assert.same({ "0002_role" }, m:to(2).applied)
    local again = m:redo()
    assert.same({ "0002_role" }, again.reverted)
    assert.same({ "0002_role" }, again.applied)
    assert.same({ "0002_role", "0001_init" }, m:to("0").reverted)
    assert.equal("", columns_of "users")
    assert.same({}, m:down(3).reverted)
    expect.failure("not_found", "there is no migration", m.to, m, 7)
    expect.misuse("takes a number from 1", m.down, m, 0)
  end)

  it("undoes a migration that raises, and says which and what", function()
    write("0001_init.sql", INIT)
    write("0002_bad.lua", lua_file(
      'm:create_table(d.table("half", { d.integer "id" }))\n    error("no luck")'))
    local m = migrator()

    local err = expect.failure("callback", "0002_bad: ", m.up, m)

    assert.truthy(err.message:find("no luck", 1, true))
    assert.equal("0001_init applied, 0002_bad pending", states(m))
    assert.equal("", columns_of "half")
    write("0002_bad.lua", lua_file('m.db:exec("INSERT INTO users (id) VALUES (1)")'))
    expect.failure("constraint.unique", "0002_bad: ", m.up, m)
    write("0002_bad.lua", lua_file('m:drop_column("users", "nmae")'))
    expect.error(m.up, m)
    write("0002_bad.lua", lua_file('m:drop_colunm("users", "name")'))
    expect.failure("invalid", 'did you mean "drop_column"', m.up, m)
    assert.equal(1, db:query("PRAGMA foreign_keys"):value())
  end)

  it("runs plain code on the rows", function()
    write("0001_init.sql", INIT)
    write("0002_shout.lua", lua_file([[
    for row in m.db:query("SELECT id, name FROM users") do
      m:execute("UPDATE users SET name = ? WHERE id = ?", row.name:upper(), row.id)
    end]]))

    migrator():up()

    assert.same({ "ADA", "BEN" }, db:query("SELECT name FROM users ORDER BY id"):list())
  end)

  it("knows all words of a migration", function()
    write("0001_words.lua", lua_file([[
    m:create_table(d.table("a", {
      d.integer "id" :primary_key(), d.text "x", d.text "y", d.integer "n", d.text "z",
      d.index "a_y" :on "y",
    }))
    m:execute("INSERT INTO a (id, x, y, n) VALUES (1, 'x', 'y', 7)")
    m:create_index("a", d.index "a_x" :on({ "x", desc = true }) :unique() :where "x <> ''")
    m:create_view("v", "SELECT x FROM a")
    m:create_trigger("a_up", "AFTER UPDATE OF x ON a BEGIN SELECT 1; END")
    m:drop_trigger "a_up"
    m:drop_view "v"
    m:create_view(d.view("w", { d.text "y" }, "SELECT y FROM a"))
    m:drop_index "a_y"
    m:rename_column("a", "n", "number")
    m:rename_table("a", "b")
    m:rebuild("b", function(t)
      t:drop_column "z"
      t:change(d.text "y" :not_null())
      t:add(d.text "more" :not_null() :backfill "upper(x)")
      t:rename("x", "first")
      t:add(d.unique("first", "y") :name "b_fy")
      t:add(d.check("b_number", "number > 0"))
      t:options { strict = true }
    end)
    m:rebuild("b", function(t) t:drop_constraint "b_number" end)
    m:drop_column("b", "number")
    m:define "CREATE TABLE c (id INTEGER PRIMARY KEY, gone TEXT); CREATE INDEX c_i ON c (gone)"
    m:drop_index "c_i"
    m:define("CREATE TABLE c (id INTEGER PRIMARY KEY)", { table = "c", allow_loss = { "gone" } })
    m:create_table(d.table("d", { d.integer "id" }))
    m:drop_table "d"]]))

    migrator():up()

    assert.equal("id first y more", columns_of "b")
    assert.same({ id = 1, first = "x", y = "y", more = "X" }, db:query("SELECT * FROM b"):one())
    assert.equal("id", columns_of "c")
    assert.equal(1, db:query("SELECT strict FROM pragma_table_list WHERE name = 'b'"):value())
    assert.equal("y", db:query("SELECT y FROM w"):value())
    assert.same({ "a_x", "b", "c", "dbcore_migrations", "w" }, db:query("SELECT name FROM "
      .. "sqlite_master WHERE name NOT LIKE 'sqlite%' ORDER BY 1"):list())
    local sql = db:query("SELECT sql FROM sqlite_master WHERE name = 'b'"):value()
    assert.truthy(sql:find('CONSTRAINT "b_fy" UNIQUE ("first", "y")', 1, true), sql)
  end)

  it("takes migrations out of a list, too", function()
    local calls = 0
    local m = d.migrator(db, { migrations = {
      { version = 2, name = "two", up = function(m)
        calls = calls + 1
        m:execute "INSERT INTO t VALUES (1)"
      end },
      { version = "1", name = "one", sql = "CREATE TABLE t (x)" },
    } })

    assert.same({ "1_one", "2_two" }, m:up().applied)
    m:up()
    assert.equal(1, calls)
    expect.misuse("writes into a folder", m.generate, m)
    expect.misuse('takes either "dir"', d.migrator, db, {})
    expect.misuse('did you mean "dir"', d.migrator, db, { dri = "x" })
  end)

  it("refuses files that are no migrations", function()
    write("users.sql", "SELECT 1")
    expect.misuse('"users.sql"', function() migrator():up() end)
    os.remove(folder.path "migrations/users.sql")
    write("0001_a.lua", "return 5")
    expect.misuse("must return { up", function() migrator():up() end)
    write("0001_a.lua", "return { up = function() end, dwon = function() end }")
    expect.misuse('did you mean "down"', function() migrator():up() end)
    write("0001_a.lua", "return {")
    expect.failure("syntax", "is no Lua", function() migrator():up() end)
    write("0001_a.lua", "error 'early'")
    expect.failure("invalid", "failed while it was loaded", function() migrator():up() end)
    os.remove(folder.path "migrations/0001_a.lua")
    write("0001_a.sql", "SELECT 1;\nCOMMIT;")
    expect.failure("invalid", "0001_a, line 2: ", function() migrator():up() end)
  end)

  it("does not mind how a file is laid out, but what it says", function()
    write("0001_init.sql", INIT)
    write("0002_role.lua", lua_file('m:add_column("users", d.text "role") -- why'))
    local m = migrator()
    m:up()

    write("0001_init.sql", "\xEF\xBB\xBF-- Licence\r\n" .. INIT:gsub("\n", "\r\n"))
    write("0002_role.lua", "-- Licence\n--[[ more\n]]" .. lua_file(
      '\n\n m:add_column( "users" , d.text "role" )'))
    assert.equal("0001_init applied, 0002_role applied", states(m))
    assert.is_true(m:verify().ok)

    write("0002_role.lua", lua_file('m:add_column("users", d.text "rule")'))
    assert.equal("0001_init applied, 0002_role edited", states(m))
    assert.equal("H2", m:status().problems[1].code)
    expect.failure("drift", "0002_role was edited", m.up, m)
    local err = expect.failure("refused", "says something else", m.repair, m)
    assert.equal("H2", err.problem.code)
    assert.equal(1, m:repair { force = true }.mended)
    assert.equal("0001_init applied, 0002_role applied", states(m))
  end)

  it("refuses a history that is another one", function()
    write("0001_init.sql", INIT)
    write("0003_last.sql", "CREATE TABLE last (x);")
    local m = migrator()
    m:up()

    write("0002_late.sql", "CREATE TABLE late (x);")
    expect.failure("drift", "0002_late comes before", m.up, m)
    assert.same({ "0002_late" }, m:up({ out_of_order = true }).applied)
    os.remove(folder.path "migrations/0003_last.sql")
    expect.failure("drift", "newer than all", m.up, m)
    os.remove(folder.path "migrations/0001_init.sql")
    expect.failure("drift", "0001_init is applied, but is not known", m.up, m)
    expect.failure("refused", "there is no such file", m.repair, m)
    assert.equal(2, m:repair { force = true }.mended)
    assert.same({}, m:up().applied)
  end)

  it("shows what it would do, and does not do it", function()
    write("0001_init.sql", INIT)
    write("0002_role.lua", lua_file('m:add_column("users", d.text "role")'))
    write("0003_rows.lua", lua_file('local n = m.db:query("SELECT * FROM users"):one().id'))
    local m = migrator()
    m:up { to = 1 }

    local plan = m:plan()

    assert.equal(1, #plan.steps)
    assert.equal("0002_role", plan.steps[1].id)
    assert.truthy(plan.steps[1].sql[1]:find('ADD', 1, true))
    assert.truthy(plan.unknown:find("0003_rows", 1, true))
    assert.equal("id name", columns_of "users")
    assert.equal("down", m:plan({ down = 1 }).steps[1].direction)
  end)

  it("backs up before something is lost, and keeps the last few", function()
    write("0001_init.sql", INIT)
    write("0002_drop.sql", "DELETE FROM users WHERE name = 'Ada';\n-- down\n")
    local m = migrator { keep = 1 }

    assert.is_nil(m:up({ to = 1 }).backup)
    local result = m:up()
    local copy <close> = d.open(result.backup, { readonly = true })
    assert.equal(2, copy:query("SELECT count(*) FROM users"):value())
    files.write(folder.path "app.db-backups/app.db.20200101T000000Z.before_0001_old", "x")
    m:down(1, { backup = "always" })
    assert.is_nil(files.read(folder.path "app.db-backups/app.db.20200101T000000Z.before_0001_old"))
    assert.is_nil(m:up({ backup = false }).backup)
  end)

  it("backs up before a way back in Lua, whatever is said of the way there", function()
    write("0001_init.lua", [[return {
      loses = false,
      up = function(m) m:execute "CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT)" end,
      down = function(m) m:drop_table "users" end,
    }]])
    local m = migrator()

    assert.is_nil(m:up().backup)
    db:exec("INSERT INTO users (name) VALUES ('Ada')")
    local copy <close> = d.open(m:down().backup, { readonly = true })

    assert.equal("Ada", copy:query("SELECT name FROM users"):value())
  end)

  it("refuses an index over a column that is not there", function()
    write("0001_init.sql", INIT)
    write("0002_index.lua", [[local d = require "dbcore"
      return { up = function(m) m:create_index("users", d.index "i" :on "nmae") end }]])

    expect.failure("invalid", 'table "users" has no column "nmae"; did you mean "name"?',
      function() migrator():up() end)
    assert.same({}, db:query("SELECT name FROM sqlite_master WHERE type = 'index' "
      .. "AND name = 'i'"):list())
  end)

  it("passes on what is raised, though it is no error of its own", function()
    write("0001_odd.lua", "return { up = function() error({ code = 'mine' }) end }")

    local err = expect.error(function() migrator():up() end)

    assert.equal("callback", err.code)
    assert.equal("mine", err.cause.code)
    assert.truthy(err.message:find("^0001_odd: "))
  end)

  it("refuses to run a folder that is not there", function()
    local m = migrator { dir = folder.path "nosuch" }

    expect.misuse("there is no folder of migrations", function() m:up() end)
    assert.equal(0, m:status().applied)
  end)

  it("begins no other migration when telling of one raises", function()
    write("0001_init.sql", INIT)
    write("0002_more.sql", "CREATE TABLE more (x);")
    local m = migrator { done = function(step)
      error("stop behind " .. step.version, 0)
    end }

    local good, err = pcall(m.up, m)

    assert.is_false(good)
    assert.equal("stop behind 0001", err)
    assert.equal("0001_init applied, 0002_more pending", states(m))
    assert.same({ "0002_more" }, m:up({ done = function() end }).applied)
  end)

  it("tells its progress while a migration's own functions run", function()
    local seen = {}
    write("0001_init.sql", INIT)
    write("0002_rebuild.lua", lua_file(
      'm:rebuild("users", function(t) t:change(d.text "name" :not_null() :copy "shout(name)") end)'
      ))
    local function teach(handle)
      handle:create_function("shout", string.upper)
    end
    teach(db)
    local m = migrator { set_up = teach, progress = function(at)
      seen[at.what] = true
    end }

    assert.same({ "0001_init", "0002_rebuild" }, m:up().applied)
    assert.same({ "ADA", "BEN" }, db:query("SELECT name FROM users ORDER BY id"):list())
    assert.is_true(seen["0002_rebuild"])
    local reasons = 0
    for what in pairs(seen) do
      reasons = reasons + (what:find("users", 1, true) and 1 or 0)
    end
    assert.is_true(reasons > 0)
  end)

  it("notices changes made by hand, and can adopt, ignore or undo them", function()
    write("0001_init.sql", INIT)
    write("0002_more.sql", "CREATE TABLE more (x);")
    local m = migrator { backup = false }
    m:up { to = 1 }
    db:exec "CREATE INDEX by_hand ON users (name)"

    local drift = m:drift()
    assert.equal(1, #drift.differences)
    assert.truthy(drift.differences[1].words:find("by_hand", 1, true))
    assert.truthy(table.concat(drift.adopt):find("CREATE INDEX", 1, true))
    assert.truthy(table.concat(drift.repair):find("DROP INDEX", 1, true))
    expect.failure("drift", "by_hand", m.up, m)
    assert.same({}, m:drift({ ignore = { "by_*" } }).differences)
    assert.same({ "0002_more" }, m:up({ ignore = { "by_*" } }).applied)

    db:exec "CREATE INDEX second ON users (id); CREATE TABLE tmp_mine (x); INSERT INTO tmp_mine \
      VALUES (1)"
    m = migrator { backup = false, ignore = { "tmp_*" } }
    local undone = m:repair({ drift = true }).undone
    assert.equal(1, #undone)
    assert.equal(1, db:query("SELECT x FROM tmp_mine"):value())
    assert.is_true(m:verify().problems[1] == nil or m:verify().problems[1].code ~= "H7")
  end)

  it("adopts changes made by hand into a migration", function()
    write("0001_init.sql", INIT)
    local m = migrator()
    m:up()
    db:exec "ALTER TABLE users ADD nick TEXT"

    local adopted = m:adopt { name = "nick" }

    assert.equal("0002_nick", adopted.id)
    assert.equal("0001_init applied, 0002_nick applied", states(m))
    assert.same({}, m:drift().differences)
    assert.is_true(m:verify().ok)
    assert.is_nil(m:adopt())
  end)

  it("is part of a transaction when it is given one", function()
    write("0001_init.sql", INIT)
    local tx = db:begin()
    local m = d.migrator(tx, { dir = folder.path "migrations" })

    assert.same({ "0001_init" }, m:up().applied)
    tx:rollback()

    assert.equal("", columns_of "users")
    assert.same({ "0001_init" }, migrator():up().applied)
  end)

  it("asks little when there is nothing to do", function()
    write("0001_init.sql", INIT)
    local m = migrator()
    m:up()
    local before = db:stats().statements

    m:up()

    assert.is_true(db:stats().statements - before <= 5)
  end)
end)

describe("A history", function()
  before_each(set_up)
  after_each(tear_down)

  it("gets a baseline only when the database is what it leads to", function()
    write("0001_init.sql", INIT)
    local m = migrator()
    db:exec "CREATE TABLE users (id INTEGER PRIMARY KEY, nick TEXT)"

    local err = expect.failure("drift", "nothing was marked", m.baseline, m)
    assert.equal("H7", err.problem.code)
    assert.is_string(err.differences[1].words)
    db:exec "DROP TABLE users; CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT)"
    assert.same({ "0001_init" }, m:baseline().marked)
    assert.same({}, m:up().applied)
  end)

  it("with two heads is refused until they are merged", function()
    write("0001_init.sql", INIT)
    write("0002_a.sql", "ALTER TABLE users ADD a;")
    write("0002_b.sql", "CREATE TABLE b (x);")
    local m = migrator()

    expect.failure("conflict", "two heads, 0002_a and 0002_b", m.up, m)
    local merged = m:merge()
    assert.same({ "0002_a", "0002_b" }, merged.heads)
    assert.equal("0003_merge", merged.id)
    assert.same({ "0001_init", "0002_a", "0002_b", "0003_merge" }, m:up().applied)
    assert.is_nil(m:merge())
  end)

  it("with heads of two branches is merged, whichever came first", function()
    write("0001_init.sql", INIT)
    write("0002_a.sql", "ALTER TABLE users ADD a;")
    write("0003_a.sql", "CREATE INDEX i ON users (a);")
    write("0002_b.sql", "CREATE TABLE b (x);")
    write("0003_b.sql", "CREATE INDEX j ON b (x);")
    write("0004_b.sql", "CREATE VIEW v AS SELECT x FROM b;")
    local m = migrator()

    assert.same({ "0002_a", "0002_b", "0003_a", "0003_b" }, m:merge().heads)
    assert.equal(6, #m:up().applied - 1)
  end)

  it("with three heads is merged when all six orders come to the same", function()
    write("0001_init.sql", INIT)
    write("0002_a.sql", "ALTER TABLE users ADD a;")
    write("0002_b.sql", "CREATE TABLE b (x);")
    write("0002_c.sql", "CREATE TABLE c (x);")
    local m = migrator()

    local err = expect.failure("conflict", "3 heads, 0002_a, 0002_b and 0002_c", m.up, m)
    assert.equal("H4", err.problem.code)
    assert.same({ "0002_a", "0002_b", "0002_c" }, err.problem.heads)
    assert.same({ "0002_a", "0002_b", "0002_c" }, m:merge().heads)
    m:up()

    write("0002_d.sql", "CREATE TABLE d (x);")
    assert.same({ "0002_a", "0002_b", "0002_c", "0002_d" }, m:merge().heads)
    assert.same({ "0002_d", "0004_merge" }, m:up({ out_of_order = true }).applied)
  end)

  it("with three heads of which two do not commute is not merged", function()
    write("0001_init.sql", INIT)
    write("0002_a.sql", "ALTER TABLE users ADD a;")
    write("0002_b.sql", "CREATE TABLE b (x);")
    write("0002_c.sql", "ALTER TABLE users ADD c;")
    local m = migrator()

    expect.failure("conflict", "0002_a, 0002_b and 0002_c come to something else in another order: "
      .. "give all but one of them a later version", m.merge, m)
    assert.is_nil(files.read(folder.path "migrations/0003_merge.sql"))
  end)

  it("with a head that needs another one says which, and what it misses", function()
    write("0001_init.sql", INIT)
    write("0002_a.sql", "CREATE TABLE a (x);")
    write("0002_b.sql", "CREATE INDEX i ON a (x);")
    local m = migrator()

    expect.failure("conflict", "the heads cannot be merged: with 0002_b before the others, 0002_b, "
      .. "line 1: no such table: main.a", m.merge, m)
  end)

  it("with more heads than can be tried says the way out", function()
    write("0001_init.sql", INIT)
    for i = 1, 7 do
      write(("0002_t%d.sql"):format(i), ("CREATE TABLE t%d (x);"):format(i))
    end
    local m = migrator()

    expect.failure("conflict", "have too many orders to try them all: give those of one branch "
      .. "later versions", m.merge, m)
  end)

  it("with heads that do not commute is not merged", function()
    write("0001_init.sql", INIT)
    write("0002_a.sql", "ALTER TABLE users ADD a;")
    write("0002_b.sql", "ALTER TABLE users ADD b;")
    local m = migrator()

    expect.failure("conflict", "come to something else in another order", m.merge, m)
  end)

  it("is squashed into what comes to the same", function()
    write("0001_init.sql", INIT)
    write("0002_role.lua", lua_file('m:add_column("users", d.text "role")'))
    local m = migrator()
    m:up()

    local squashed = m:squash { data = "INSERT INTO users (name) VALUES ('Ada'), ('Ben');" }

    assert.equal("0003_squash", squashed.id)
    assert.equal("0001_init replaced, 0002_role replaced, 0003_squash applied", states(m))
    assert.same({}, m:up().applied)
    os.remove(folder.path "migrations/0001_init.sql")
    os.remove(folder.path "migrations/0002_role.lua")
    assert.same({}, m:up().applied)
    db:close()
    db = d.open(folder.path "new.db")
    assert.same({ "0003_squash" }, migrator():up().applied)
    assert.equal("id name role", columns_of "users")
    assert.equal(2, db:query("SELECT count(*) FROM users"):value())
  end)

  it("has a list of checksums that every writer keeps", function()
    local m = migrator { schema = d.schema { d.table("t", { d.integer "id" :primary_key() }) } }
    m:generate()
    local sums = files.read(folder.path "migrations/history.sum")
    assert.truthy(sums:find("\n%x+  0001_create_t.lua\n"))

    write("0002_by_hand.sql", "CREATE TABLE by_hand (x);")
    local found = m:verify().problems
    assert.equal("H2", found[1].code)
    assert.equal("0002_by_hand.sql is not in history.sum", found[1].message)
    m:repair()
    for _, one in ipairs(m:verify().problems) do
      assert.are_not.equal("H2", one.code)
    end
  end)

  it("lists a migration that was written by hand when it is applied", function()
    migrator { schema = d.schema { d.table("t", { d.integer "id" :primary_key() }) } }:generate()
    write("0002_by_hand.sql", "CREATE TABLE by_hand (x);")
    write("0003_later.sql", "CREATE TABLE later (x);")

    migrator():up { to = 2 }

    local sums = files.read(folder.path "migrations/history.sum")
    assert.truthy(sums:find("\n%x+  0001_create_t.lua\n%x+  0002_by_hand.sql\n$"))
  end)

  it("never takes an edit for what was listed", function()
    migrator { schema = d.schema { d.table("t", { d.integer "id" :primary_key() }) } }:generate()
    local file = "migrations/0001_create_t.lua"
    files.write(folder.path(file), (files.read(folder.path(file)):gsub('"id"', '"key"')))
    write("0002_by_hand.sql", "CREATE TABLE by_hand (x);")

    local m = migrator()
    m:up()

    local messages = {}
    for _, one in ipairs(m:verify().problems) do
      messages[#messages + 1] = one.message
    end
    assert.same({ "0001_create_t.lua is not what history.sum says: it was edited" }, messages)
    assert.is_true(m:repair().listed)
    assert.is_true(m:verify().ok)
    assert.is_false(m:repair().listed)
  end)

  it("writes a list that is missing, or that a merge left in pieces", function()
    write("0001_init.sql", INIT)
    local m, path = migrator(), folder.path "migrations/history.sum"
    m:up()
    assert.is_nil(io.open(path))

    assert.is_true(m:repair().listed)
    local sums = files.read(path)
    files.write(path, sums .. "<<<<<<< ours\n")

    assert.is_true(m:repair().listed)
    assert.equal(sums, files.read(path))
  end)

  it("takes a way back that leaves the columns in another order", function()
    write("0001_init.sql", "CREATE TABLE t (a TEXT, b TEXT, c TEXT);\n-- down\nDROP TABLE t;")
    write("0002_drop.lua", lua_file([[m:drop_column("t", "b")]],
      [[m:add_column("t", require("dbcore").text "b")]]))
    local m = migrator { backup = false }
    m:up()

    assert.is_true(m:verify().ok)
    m:down()
    assert.equal("a c b", columns_of "t")
    assert.is_true(m:verify().ok)

    write("0002_drop.lua", lua_file([[m:drop_column("t", "b")]],
      [[m:add_column("t", require("dbcore").integer "b")]]))
    assert.equal("H6", m:verify().problems[1].code)
  end)

  it("is verified: ways back, and where it leads", function()
    write("0001_init.sql", INIT)
    write("0002_role.sql", "ALTER TABLE users ADD role;\n-- down\nSELECT 1;")
    local schema = d.schema { d.table("users", { d.integer "id" :primary_key(), d.text "name" }) }

    local found = migrator({ schema = schema }):verify()

    assert.is_false(found.ok)
    assert.equal("H5", found.problems[1].code)
    assert.equal("H6", found.problems[2].code)
    assert.equal("0002_role", found.problems[2].id)
  end)
end)
