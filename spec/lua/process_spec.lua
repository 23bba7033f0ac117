-- Several processes on one file: no update is lost, nobody hears of `busy`.
local d = require("dbcore")
local files = require("spec.support.files")

local t = d.table("t", { d.integer "id" :primary_key(), d.integer "n" :not_null() })

local CHILD = [[
local path, mode, count = ...
package.path, package.cpath = %q, %q
local d = require("dbcore")
local t = d.table("t", { d.integer "id" :primary_key(), d.integer "n" :not_null() })
local db <close> = d.open(path, { schema = d.schema { t }, durability = "off",
  busy_timeout = 20000 })
-- Opening waits its turn; from then on it is for the transactions to try again.
if mode == "deferred" then
  db:exec("PRAGMA busy_timeout = 0")
end
for _ = 1, tonumber(count) do
  db:transaction(function(tx)
    local n = tx:from(t):where(t.id:eq(1)):select(t.n):value()
    tx:update(t):set { n = n + 1 }:where(t.id:eq(1)):run()
  end, { mode = mode })
end
print("done")
]]

local WRITERS, ROUNDS = 4, 100

describe("Writers in several processes", function()
  local folder

  before_each(function()
    folder = files.folder()
    files.write(folder.path "child.lua", CHILD:format(package.path, package.cpath))
    local db <close> = d.open(folder.path "app.db", { schema = d.schema { t } })
    db:create()
    db:insert(t):values { id = 1, n = 0 }:run()
  end)
  after_each(function() folder.remove() end)

  -- Lets all of them run at the same time; what they print is the result.
  local function run_writers(mode)
    local pipes, said = {}, {}
    for i = 1, WRITERS do
      pipes[i] = assert(io.popen(('"%s" "%s" "%s" %s %d 2>&1'):format(arg[-1] or "lua5.4",
        folder.path "child.lua", folder.path "app.db", mode, ROUNDS)))
    end
    for i, pipe in ipairs(pipes) do
      said[i] = pipe:read("a")
      pipe:close()
    end
    return said
  end

  for _, mode in ipairs { "immediate", "deferred" } do
    it("lose no update, in the mode " .. mode, function()
      local said = run_writers(mode)

      for _, text in ipairs(said) do
        assert.equal("done\n", text)
      end
      local db <close> = d.open(folder.path "app.db", { schema = d.schema { t } })
      assert.equal(WRITERS * ROUNDS, db:from(t):one().n)
      assert.is_true((db:integrity_check()))
    end)
  end
end)
