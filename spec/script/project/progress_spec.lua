local parts = require("spec.script.parts")
parts.stand_in("dbscript.terminal", { is = function() return false end,
  clock = function() return 0 end, width = function() return 80 end })
local progress = require("dbscript.project.progress")

local COPY = 'step 1 of 2, copy "orders" into its new form'

describe("The line of progress", function()
  it("says the work, how much is done, how fast, and how long it will take", function()
    assert.equal("copying, 250 of 1000 pages (25 %), 50 pages/s, 15 s left",
      progress.line("copying", 250, 1000, "pages", 5, 79))
    assert.equal("reading, 3000000 rows, 300k rows/s", progress.line("reading", 3000000, 0, "rows",
      10, 79))
    assert.equal("a, 1 of 7200 rows (0 %), 1 rows/s, 1 h 59 min left",
      progress.line("a", 1, 7200, "rows", 1, 79))
    assert.equal("a, 10 of 610 rows (1 %), 10 rows/s, 1 min 00 s left",
      progress.line("a", 10, 610, "rows", 1, 79))
  end)

  it("says only the work when nothing is counted", function()
    assert.equal(COPY, progress.line(COPY, 0, 0, "rows", 5, 79))
    assert.equal("a, 0 of 10 rows (0 %)", progress.line("a", 0, 10, "rows", 0, 79))
  end)

  it("cuts the work and keeps the figures when the terminal is narrow", function()
    assert.equal('step 1 of 2, copy "order~, 500000 of 1000000 rows (50 %), 250k rows/s, 2 s left',
      progress.line(COPY, 500000, 1000000, "rows", 2, 79))
    assert.equal("step 1 of 2~, 500000 ~", progress.line(COPY, 500000, 1000000, "rows", 2, 22))
  end)
end)
