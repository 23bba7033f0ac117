-- The output of busted for spec/run: prints what failed, and as its last line
-- "PASSED FAILED SKIPPED", which spec/run adds up. A run that dies before
-- that line is a failure of its own.
local handler_base = require "busted.outputHandlers.base"

return function()
  local busted = require "busted"
  local handler = handler_base()

  local function show(kind, report)
    local where = report.element.trace or report.trace or {}
    io.write(("%s: %s\n"):format(kind, report.name or tostring(where.short_src)))
    if where.short_src and where.currentline then
      io.write(("  at %s:%d\n"):format(where.short_src, where.currentline))
    end
    for line in tostring(report.message or report.trace.traceback):gmatch "[^\n]+" do
      io.write("  ", line, "\n")
    end
    io.flush()
  end

  busted.subscribe({ "suite", "end" }, function()
    for _, report in ipairs(handler.failures) do
      show("failed", report)
    end
    for _, report in ipairs(handler.errors) do
      show("error", report)
    end
    local failed = handler.failuresCount + handler.errorsCount
    io.write(("%d %d %d\n"):format(handler.successesCount, failed, handler.pendingsCount))
    io.flush()
    return nil, true
  end)

  return handler
end
