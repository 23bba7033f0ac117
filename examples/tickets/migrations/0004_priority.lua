-- Each ticket has a priority; those there were get one by their labels. The subject gets a limit,
-- which takes a rebuild of the table: its rows, index, trigger and the view over it are kept.
local d = require("dbcore")

return {
  loses = false,
  up = function(m)
    m:add_column("tickets", d.integer "priority" :not_null() :default(2) :range(1, 3)
      :backfill "CASE WHEN labels LIKE '%urgent%' THEN 1 ELSE 2 END")
    m:rebuild("tickets", function(t)
      t:change(d.text "subject" :not_null() :length(1, 80))
    end)
  end,

  down = function(m)
    m:rebuild("tickets", function(t)
      t:drop_column("priority")
      t:change(d.text "subject" :not_null())
    end)
  end,
}
