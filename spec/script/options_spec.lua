require("spec.script.parts")
local options = require("dbscript.options")

local function problem(...)
  local settings, message = options.parse({ ... })
  assert.is_nil(settings)
  return message
end

describe("the command line", function()
  it("ends with the script; what follows is the script's own", function()
    local settings = options.parse({ "--readonly", "--database", "a.db", "x.lua", "--help", "-e" })

    assert.equal("x.lua", settings.script)
    assert.equal(4, settings.first)
    assert.equal("a.db", settings.database)
    assert.is_true(settings.readonly)
    assert.is_nil(settings.help)
  end)

  it("keeps -e and -l in their order", function()
    local settings = options.parse({ "-e", "a()", "-lm", "-eb()", "-l", "n=x.y" })

    assert.same({
      { code = "a()" },
      { module = "m", global = "m" },
      { code = "b()" },
      { module = "x.y", global = "n" },
    }, settings.steps)
  end)

  it("takes a value behind = too, empty text excepted", function()
    assert.equal("a=b.db", options.parse({ "--database=a=b.db" }).database)
    assert.equal('option "--database" needs a value: --database FILE', problem("--database="))
  end)

  it("ends at --, so that a script may begin with a dash", function()
    assert.equal("-e", options.parse({ "--", "-e" }).script)
  end)

  it("takes - for standard input", function()
    local settings = options.parse({ "-", "a" })

    assert.equal("-", settings.script)
    assert.equal(1, settings.first)
  end)

  it("names the nearest option when one is misspelt", function()
    assert.equal('unknown option "--databse": did you mean "--database"?', problem("--databse"))
    assert.equal('unknown option "--shcema": did you mean "--schema"?', problem("--shcema=x"))
  end)

  it("says where the options are listed when none is near", function()
    assert.equal('unknown option "--quiet": dbscript --help lists them all', problem("--quiet"))
    assert.equal('unknown option "-x": dbscript --help lists them all', problem("-x"))
  end)

  it("misses a value at the end", function()
    assert.equal('option "-e" needs a value: -e CODE', problem("-e"))
  end)

  it("refuses a value where none is due", function()
    assert.equal('option "--version" takes no value', problem("--version=1"))
  end)

  it("refuses what has no meaning without a database", function()
    assert.equal('option "--readonly" needs "--database FILE" beside it', problem("--readonly"))
    assert.equal('option "--schema" needs "--database FILE" beside it', problem("--schema=s"))
  end)

  it("is described by the help, every option of it", function()
    local help = options.help()

    for _, name in ipairs({ "-e CODE", "-l NAME", "-i", "--database FILE", "--readonly",
      "--schema FILE", "--version", "--help" }) do
      assert.is_truthy(help:find("\n  " .. name .. " ", 1, true), name)
    end
  end)
end)
