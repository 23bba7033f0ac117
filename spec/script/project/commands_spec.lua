-- Every command with every mistake that it can meet: one line on standard error, the same in the
-- document of --json, the right exit code, and nothing changed.
require("spec.script.parts")
local commands = require("dbscript.project.commands")
local shell = require("spec.script.shell")

local STEP = "-- up\nCREATE TABLE notes (id INTEGER PRIMARY KEY, title TEXT);\n-- down\n"
  .. "DROP TABLE notes;\n"
local SCHEMA = 'local d = require "dbcore"\nreturn d.schema { d.table("notes", {\n'
  .. '  d.integer "id" :primary_key(), d.text "title" }) }\n'

-- What a command cannot do without.
local WORDS = { restore = { "old.db" }, backup = { "new.db" }, pull = { "--force" },
  migrate = { "--lock-timeout", "0.1" } }

local function without(...)
  local left_out, list = {}, {}
  for _, name in ipairs { ... } do
    left_out[name] = true
  end
  for _, name in ipairs(commands.names()) do
    if not left_out[name] then
      list[#list + 1] = name
    end
  end
  return list
end

local ALL = commands.names()
local ON_DATABASE = { "rollback", "verify", "pull", "baseline", "repair", "seed", "backup",
  "doctor" }
local READS_DATABASE = { "migrate", "rollback", "status", "verify", "lint", "push", "pull",
  "baseline", "repair", "seed", "backup" }
local WITH_SCHEMA = { "generate", "verify", "lint", "push", "types", "diagram" }
local WITH_STEPS = { "generate", "migrate", "rollback", "status", "verify", "lint", "baseline",
  "squash", "merge", "repair" }

-- Each: what it is, who meets it, the exit code, a piece of the line, further words, and what was
-- done to the project before.
local MISTAKES = {
  { "an unknown option", ALL, 2, 'unknown option "--nope": dbscript %s --help lists them all',
    { "--nope" } },
  { "a misspelt option", ALL, 2, 'unknown option "--confg": did you mean "--config"?',
    { "--confg", "x" } },
  { "an option without its value", ALL, 2, 'option "--database" requires an argument',
    { "--database" } },
  { "settings that are not there", ALL, 2, 'there is no file "none.lua"',
    { "--config", "none.lua" } },
  { "broken settings", ALL, 1, "dbcore.lua:2: unexpected symbol near", {}, function(sh)
    sh:write("dbcore.lua", "return {\n = }")
  end },
  { "no settings", without("init", "generate", "squash", "merge", "lint", "types", "diagram"), 2,
    "no database is named: give --database FILE, or write", {}, function(sh)
      sh:line("rm dbcore.lua")
    end },
  { "a database that is not there", ON_DATABASE, 1, 'there is no database "app.db"', {},
    function(sh)
      sh:line("rm app.db")
    end },
  { "a file that is no database", READS_DATABASE, 1, '"app.db" is not a SQLite database', {},
    function(sh)
      sh:write("app.db", ("garbage\n"):rep(1000))
    end },
  { "a folder as database", without("init", "generate", "squash", "merge", "types", "diagram"), 1,
    '"migrations" is a folder and no database', { "--database", "migrations" } },
  { "a schema that is not there", WITH_SCHEMA, 1, 'there is no schema "none.lua": dbscript init',
    { "--schema", "none.lua" } },
  { "a mistake in the schema", WITH_SCHEMA, 1,
    'schema.lua:2: dbcore has no "tabel"; did you mean "table"?', {}, function(sh)
      sh:write("schema.lua", (SCHEMA:gsub("d%.table", "d.tabel")))
    end },
  { "a folder of migrations that is not there", without("init", "lint", "push", "pull", "seed",
    "backup", "restore", "doctor", "types", "diagram"), 1,
    'there is no folder of migrations "none": dbscript init makes it', { "--migrations", "none" } },
  { "a migration that is no Lua", WITH_STEPS, 1,
    "migration 0002_x is no Lua: migrations/0002_x.lua:1: ", {}, function(sh)
      sh:write("migrations/0002_x.lua", "return {")
    end },
  { "a migration whose name is none", WITH_STEPS, 1, "such a file is named 0001_what_it_does.sql",
    {}, function(sh)
      sh:write("migrations/two.sql", "SELECT 1;")
    end },
}

-- Everything in the folder, but for what SQLite keeps beside a database while it is open.
local function picture(sh)
  return sh:line("find . -type f ! -name '*-shm' ! -name '*-wal' -exec cksum {} + | sort -k 3; "
    .. "find . -type d | sort").output
end

describe("Every command answers in one line", function()
  local sh = shell.around(before_each, after_each, function(sh)
    sh:write("dbcore.lua", 'return { database = "app.db" }')
    sh:write("schema.lua", SCHEMA)
    sh:write("migrations/0001_notes.sql", STEP)
    sh:write("seed.lua", 'return { { "notes", rows = { { title = "a" } } } }')
    assert.equal(0, sh:run("migrate").code)
    sh:line("cp app.db old.db; rm -rf app.db-backups")
  end)

  for _, mistake in ipairs(MISTAKES) do
    local about, names, code, piece, words, prepare = table.unpack(mistake)

    it(about, function()
      if prepare then
        prepare(sh)
      end
      local before = picture(sh)
      for _, name in ipairs(names) do
        local all = { name }
        table.move(WORDS[name] or {}, 1, #(WORDS[name] or {}), 2, all)
        table.move(words, 1, #words, #all + 1, all)
        local result = sh:json(table.unpack(all))

        assert.matches("^dbscript: [^\n]+\n$", result.errors, name)
        assert.truthy(result.errors:find(piece:format(name), 1, true), name .. result.errors)
        assert.equal(code, result.code, name .. result.errors)
        assert.equal(name, result.document.command)
        assert.equal(code, result.document.exit)
        assert.equal(result.errors, "dbscript: " .. result.document.error.message .. "\n")
        assert.is_string(result.document.error.code)
        assert.equal(before, picture(sh), name)
      end
    end)
  end
end)

describe("A command that cannot write", function()
  local sh = shell.around(before_each, after_each, function(sh)
    sh:write("dbcore.lua", 'return { database = "app.db", schema = "schema.sql" }')
    sh:write("schema.sql", "CREATE TABLE t(id INTEGER PRIMARY KEY, a TEXT NOT NULL);")
    sh:write("migrations/0001_t.sql", "UPDATE t SET a = a || a; CREATE TABLE u(x);")
    sh:write("seed.lua", 'return { { "t", count = 3000, row = function() return '
      .. '{ a = ("x"):rep(100) } end } }')
    sh:sql("app.db", "CREATE TABLE t(id INTEGER PRIMARY KEY, a TEXT); INSERT INTO t(a) WITH "
      .. "RECURSIVE c(i) AS (VALUES(1) UNION ALL SELECT i + 1 FROM c WHERE i < 300) "
      .. "SELECT hex(zeroblob(200)) FROM c")
  end)

  local function assert_as_before()
    assert.same({ { n = 300, size = 120000 } },
      sh:sql("app.db", "SELECT count(*) AS n, sum(length(a)) AS size FROM t"))
    assert.same({ { n = 0 } }, sh:sql("app.db",
      "SELECT count(*) AS n FROM sqlite_schema WHERE name = 'u'"))
    assert.equal("ok", sh:sql("app.db", "PRAGMA integrity_check")[1].integrity_check)
  end

  it("because the disk is full says so and changes nothing", function()
    -- In blocks of 512 bytes: less than the database has.
    for _, words in ipairs { "push --no-backup", "migrate --no-backup", "seed --append",
      "backup b.db" } do
      local result = sh:line(("trap '' XFSZ; ulimit -f 150; exec %s %s --json"):format(
        shell.program, words))

      assert.matches("^dbscript: [^\n]+\n$", result.errors, words)
      assert.equal(1, result.code, words .. result.errors)
      assert.matches("disk", result.errors, 1, true)
      assert_as_before()
    end
    assert.is_nil(sh:read("b.db"))
  end)

  it("because the file may only be read says so and changes nothing", function()
    local is_root = sh:line("id -u").output == "0\n"
    local as_other = is_root and "setpriv --reuid=65534 --regid=65534 --clear-groups " or ""
    sh:line("chmod 755 . migrations; chmod 444 app.db *.sql *.lua")
    if sh:line(as_other .. shell.program .. " --version").code ~= 0 then
      return pending("no other user may run the program here")
    end
    for _, words in ipairs { "push --no-backup", "migrate --no-backup", "seed --append",
      "repair --accept", "baseline --force" } do
      local result = sh:line(("exec %s%s %s --json"):format(as_other, shell.program, words))

      assert.matches("^dbscript: [^\n]+\n$", result.errors, words)
      assert.equal(1, result.code, words .. result.errors)
      assert.matches("read", result.errors, 1, true)
      assert_as_before()
    end
  end)
end)
