-- The mistakes that people make with the commands, and the one line that answers each.
local shell = require("spec.script.shell")

local NOTES = 'local d = require "dbcore"\n'
  .. 'return d.schema { d.table("notes", { d.integer "id" :primary_key(), d.text "title" }) }\n'

describe("a schema file", function()
  local sh = shell.around(before_each, after_each)

  local function push(content)
    if content then
      sh:write("schema.lua", content)
    end
    return sh:run("push", "--database", "a.db", "--schema", "schema.lua")
  end

  it("is named with the line of what is wrong in it", function()
    local wrong = {
      ['local d = require "dbcore"\nd.integr "id"'] =
        'schema.lua:2: dbcore has no "integr"; did you mean "integer"?',
      ['local d = require "dbcore"\n\nd.table("a", { d.integer "id" :primary_kye() })'] =
        'schema.lua:3: the integer column "id" has no verb "primary_kye"; did you mean '
        .. '"primary_key"?',
      ['require "nowhere.to_be"'] =
        'schema.lua:1: there is no module "nowhere.to_be" where LUA_PATH and LUA_CPATH say',
      ["error({})"] = "schema.lua fails: an error object that is a table: {}",
      ["error()"] = "schema.lua fails: an error without a message: error(nil)",
      ["x = = 1"] = "schema.lua:1: unexpected symbol near '='",
    }
    for content, message in pairs(wrong) do
      local result = push(content)

      assert.equal("dbscript: " .. message .. "\n", result.errors)
      assert.equal(1, result.code)
    end
  end)

  it("may begin with a byte order mark and have the line ends of Windows", function()
    local result = push("\xEF\xBB\xBF" .. NOTES:gsub("\n", "\r\n"))

    assert.equal("", result.errors)
    assert.equal(0, result.code)
  end)

  it("that is a folder is said to be one", function()
    sh:line("mkdir schema.lua")

    assert.equal("dbscript: cannot read the schema: schema.lua: Is a directory\n", push().errors)
  end)
end)

describe("the settings", function()
  local sh = shell.around(before_each, after_each)

  it("say which pattern of names is none", function()
    sh:write("dbcore.lua", "return { lint = { naming = { table = '[' } } }")

    assert.equal('dbscript: dbcore.lua: "lint.naming.table" is no Lua pattern: malformed pattern '
      .. "(missing ']')\n", sh:run("lint").errors)
  end)

  it("that are missing are made by init", function()
    local result = sh:run("status")

    assert.equal(2, result.code)
    assert.matches("which dbscript init makes", result.errors, 1, true)
  end)

  it("name a file as database and a folder for migrations", function()
    sh:write("schema.lua", NOTES)

    for _, path in ipairs { "", "nowhere/" } do
      local result = sh:run("push", "--database", path)

      assert.equal(2, result.code)
      assert.equal(('dbscript: "%s" is no name of a file: --database takes the database\n')
        :format(path), result.errors)
    end
    assert.equal('dbscript: "schema.lua" is a file: migrations are in a folder\n',
      sh:run("migrate", "--database", "a.db", "--migrations", "schema.lua").errors)
  end)
end)

describe("a file whose name is not UTF-8", function()
  local sh = shell.around(before_each, after_each)

  it("is named in lines and in JSON", function()
    local name = "b\xFF.db"
    sh:write("schema.lua", NOTES)
    assert.equal(0, sh:run("push", "--database", name).code)

    local result = sh:run("backup", "c\xFF.db", "--database", name)
    local told = sh:json("backup", "d\xFF.db", "--database", name)

    assert.matches("^c\\xFF%.db: ", result.output)
    assert.equal("", told.errors)
    assert.equal("backup", told.document.command)
  end)
end)

describe("migrations by hand", function()
  local sh = shell.around(before_each, after_each, function(sh)
    sh:run("init")
    sh:write("migrations/0001_one.sql", "-- up\nCREATE TABLE one (a);\n-- down\nDROP TABLE one;\n")
  end)

  it("are due before there is a database, which status does not make", function()
    local result = sh:run("status")

    assert.equal("", result.errors)
    assert.matches("0 applied, 1 due", result.output, 1, true)
    assert.matches('there is no database "app.db" yet: dbscript migrate makes it', result.output,
      1, true)
    assert.equal(6, sh:run("status", "--check").code)
    assert.is_nil(sh:read("app.db"))
  end)

  it("are files, and a folder among them is said to be one", function()
    sh:line("mkdir migrations/0002_two.sql")

    assert.equal('dbscript: reading "migrations/0002_two.sql" failed: Is a directory\n',
      sh:run("migrate").errors)
  end)

  it("are generated with a loss when the option says so, which is named", function()
    sh:fails(3, 'table "one" would be dropped with all that is in it: --allow-loss one '
      .. "lets it go, --rename one=TABLE says what it was renamed to", "generate", "two")
    assert.equal(0, sh:run("generate", "two", "--allow-loss", "one").code)
  end)

  it("are not taken back for a number that is none", function()
    sh:run("migrate")

    for _, word in ipairs { "x", "0", "1.5", "" } do
      local result = sh:run("rollback", word)

      assert.equal(2, result.code)
      assert.equal(('dbscript: rollback takes a number from 1, got "%s"\n'):format(word),
        result.errors)
    end
    assert.equal(1, sh:json("status").document.applied)
  end)

  it("that were edited are answered with the command that accepts them", function()
    sh:run("migrate")
    sh:write("migrations/0001_one.sql", "CREATE TABLE one (a, b);")

    assert.matches("accept it with dbscript repair --force\n", sh:run("migrate").errors, 1, true)
    assert.equal("dbscript: 0001_one says something else than when it was applied: undo the edit "
      .. "and write a new migration, or accept it with dbscript repair --force\n",
      sh:run("repair").errors)
    assert.matches("accept it with dbscript repair --force\n", sh:run("status").output, 1, true)
    assert.equal(0, sh:run("repair", "--force").code)
  end)
end)
