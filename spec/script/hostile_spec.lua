-- Every hostile script of spec/sandbox in a process of its own, supervised, once in a sandbox and
-- once in a strict one. spec/vm/sandbox_spec.c runs them all in one process.
local files = require("spec.support.files")
local sandboxed = require("spec.support.sandboxed")

package.path = "spec/sandbox/?.lua;" .. package.path -- what its scripts require

local LISTS = { "reach", "cpu", "memory", "siege", "sql", "api", "control", "policy" }

local folder

local function run(case, ...)
  -- What should end well gets its time, on a busy machine, too.
  local time = case.expect == "ok" and "30s" or "1s"
  return sandboxed.run(folder, case.code, "--db", folder.path("test.db"), "--memory", "32M",
    "--time", time, "--instructions", "3M", ...)
end

-- One line, and an exit code that says whether it failed or was stopped.
local function assert_contained(result)
  assert.equal("exit", result.how)
  assert.truthy(result.code == 0 or result.code == 1 or result.code == 7, result.errors)
  assert.falsy(result.output:find("ESCAPED", 1, true))
  assert.truthy(#result.errors < 700)
  assert.falsy(result.errors:find("[\r\27]"))
  assert.truthy(result.errors == "" or result.errors:find("^dbscript: [^\n]+\n$"), result.errors)
end

local function assert_as_expected(case, result)
  if case.expect == "ok" then
    assert.equal("", result.errors)
  elseif case.expect == "safe" then
    assert.falsy(result.errors:find("assertion failed", 1, true), result.errors)
  else
    assert.truthy(result.code ~= 0)
  end
end

describe("dbscript --sandbox", function()
  before_each(function()
    folder = files.folder()
  end)

  after_each(function()
    folder.remove()
  end)

  for _, list in ipairs(LISTS) do
    for _, case in ipairs(dofile("spec/sandbox/" .. list .. ".lua")) do
      it("contains " .. case.name, function()
        local result = run(case)

        assert_contained(result)
        assert_as_expected(case, result)
      end)

      -- It has less to work with, so it may fail sooner.
      it("contains when it is strict " .. case.name, function()
        assert_contained(run(case, "--strict"))
      end)
    end
  end
end)
