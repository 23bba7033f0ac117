local shell = require("spec.script.shell")

describe("dbscript init", function()
  local sh = shell.around(before_each, after_each)

  it("makes the settings, a schema and a folder for migrations", function()
    local result = sh:run("init")

    assert.equal("", result.errors)
    assert.equal(0, result.code)
    assert.matches('database = "app.db"', sh:read("dbcore.lua"), 1, true)
    assert.equal(0, sh:line("test -d migrations").code)
    assert.equal("1\n", sh:run("-e", "print(#dbcore.describe(dofile 'schema.lua').tables)").output)
  end)

  it("leaves alone what is there", function()
    sh:write("schema.lua", "-- mine\n")

    local document = sh:json("init").document

    assert.equal("-- mine\n", sh:read("schema.lua"))
    assert.same({ "schema.lua" }, document.kept)
    assert.same({ "dbcore.lua", "migrations" }, document.created)
  end)

  it("makes the project in another folder, with other names", function()
    local result = sh:run("init", "shop", "--database", "data/it's.db", "--migrations", "steps")

    assert.equal(0, result.code)
    assert.same({ database = "data/it's.db", schema = "schema.lua", migrations = "steps" },
      dofile(sh:path("shop/dbcore.lua")))
    assert.equal(0, sh:line("test -d shop/steps").code)
  end)

  it("says when a file is where the folder should be", function()
    sh:line("mkdir no; touch no/migrations")

    sh:fails(1, '"no/migrations" is a file: a folder is needed there, move it away', "init", "no")
  end)
end)

describe("a command", function()
  local sh = shell.around(before_each, after_each)

  it("is a command though a file has its name", function()
    sh:write("init", "print 'a script'")

    assert.matches("^created", sh:run("init").output)
    assert.equal("a script\n", sh:run("./init").output)
    assert.equal("a script\n", sh:run("--", "init").output)
  end)

  it("that is misspelt is answered with the nearest", function()
    sh:fails(2, 'there is no script "inti": did you mean the command "init"?', "inti")
  end)

  it("called help is answered with the option", function()
    sh:fails(2, 'there is no script "help": dbscript --help shows what there is', "help")
  end)

  it("that is misspelt may still be a script", function()
    sh:write("inti", "print 'a script'")

    assert.equal("a script\n", sh:run("inti").output)
  end)

  it("answers a misspelt option with the nearest", function()
    sh:fails(2, 'unknown option "--databse": did you mean "--database"?', "init", "--databse", "x")
  end)

  it("answers what it cannot use with its help", function()
    local result = sh:run("init", "a", "b")

    assert.equal(2, result.code)
    assert.equal("dbscript: too many arguments: dbscript init --help shows how it is used\n",
      result.errors)
  end)

  it("refuses options that are for scripts", function()
    sh:fails(2, 'option "--readonly" is for scripts; the command "init" does not take '
      .. "it", "--readonly", "init")
  end)

  it("takes the database and the schema before or behind its name", function()
    sh:run("--database", "b.db", "init")

    assert.equal("b.db", dofile(sh:path("dbcore.lua")).database)
  end)

  it("fails as JSON when JSON is wanted", function()
    local result = sh:json("init", "--nope")

    assert.equal(2, result.code)
    assert.same({ command = "init", exit = 2, error = { code = "usage",
      message = 'unknown option "--nope": dbscript init --help lists them all' } },
      result.document)
  end)

  it("has a help that names its options and the exit codes", function()
    local result = sh:run("init", "--help")

    assert.equal(0, result.code)
    assert.matches("^Usage: dbscript init ", result.output)
    assert.matches("--migrations FOLDER", result.output, 1, true)
    assert.matches("3 refused", result.output, 1, true)
  end)

  it("says what is wrong in the settings", function()
    local wrong = {
      ["return 7"] = 'dbcore.lua: it must return a table such as { database = "app.db" }, it '
        .. "returned the number 7",
      ["return { databse = 'x' }"] =
        'dbcore.lua: there is no setting "databse"; did you mean "database"?',
      ["return { database = 7 }"] = 'dbcore.lua: "database" must be text, it is the number 7',
      ["return { schema = {} , ignore = { 1 } }"] =
        'dbcore.lua: "ignore" must be a list of texts, it is a table',
      ["return { lint = { nmaing = {} } }"] =
        'dbcore.lua: there is no setting "lint.nmaing"; did you mean "naming"?',
      ["return {"] = "dbcore.lua:1: unexpected symbol near <eof>",
      ["error('no', 0)"] = "dbcore.lua fails: no",
    }
    for text, message in pairs(wrong) do
      sh:write("dbcore.lua", text)

      local result = sh:run("init")

      assert.equal(1, result.code)
      assert.equal("dbscript: " .. message .. "\n", result.errors)
    end
  end)

  it("says when the settings it was given are not there", function()
    sh:fails(2, 'there is no file "none.lua": --config takes the project\'s settings',
      "init", "--config", "none.lua")
  end)
end)
