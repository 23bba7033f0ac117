require("spec.script.parts")
local hints = require("dbscript.project.hints")

-- The words of a command line as the shell cuts them, for one option.
local function cut(line)
  local pipe = assert(io.popen("printf '%s\\n' " .. line))
  local words = {}
  for word in pipe:lines() do
    words[#words + 1] = word
  end
  pipe:close()
  return words
end

local FIELDS = { ["--rename"] = "rename", ["--rename-index"] = "rename_index",
  ["--backfill"] = "backfill", ["--copy"] = "copy", ["--allow-loss"] = "allow_loss" }

-- What the arguments of a command hold for one hint that was written.
local function read_back(line)
  local words = cut(line)
  local given = { rename = {}, rename_index = {}, backfill = {}, copy = {}, data = {}, ignore = {},
    allow_loss = {} }
  assert.equal(2, #words, line)
  local field = FIELDS[words[1]]
  given[field][1] = field == "allow_loss" and { words[2] } or words[2]
  return hints.read(given)
end

describe("A hint", function()
  it("is written as it is typed", function()
    assert.equal("--rename users.mail=email", hints.write({ kind = "rename_column",
      table = "users", name = "mail", value = "email" }))
    assert.equal("--allow-loss users", hints.write({ kind = "allow_loss", table = "users" }))
    assert.equal("--backfill users.age=SQL", hints.write({ kind = "backfill", table = "users",
      name = "age" }))
  end)

  it("is read back as it was, whatever the names are", function()
    local names = { "users", "Zoë", "a name", 'a"b', "it's", "a.b=c", "$HOME", "`ls`", "x;y", "*" }
    for i, name in ipairs(names) do
      local other = names[i % #names + 1]
      for _, hint in ipairs {
        { kind = "rename_column", table = name, name = other, value = name },
        { kind = "rename_table", table = name, value = other },
        { kind = "rename_index", name = name, value = other },
        { kind = "copy", table = name, name = other, value = "lower('x') || \"y\"" },
        { kind = "allow_loss", table = name, name = other },
      } do
        assert.same({ hint }, read_back(hints.write(hint)))
      end
    end
  end)
end)
