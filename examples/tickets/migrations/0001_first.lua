-- Projects with tickets, tickets with tasks. The labels of a ticket are words with commas between.
local d = require("dbcore")

return {
  loses = false,
  up = function(m)
    m:create_table(d.table("projects", {
      d.integer "id" :primary_key(),
      d.text "name" :not_null() :unique(),
    }))
    m:create_table(d.table("tickets", {
      d.integer "id" :primary_key(),
      d.integer "project_id" :not_null() :references("projects.id", { on_delete = "cascade" }),
      d.text "title" :not_null(),
      d.enum("state", { "open", "done" }) :not_null() :default "open",
      d.text "labels" :not_null() :default "",
    }))
    m:create_table(d.table("tasks", {
      d.integer "id" :primary_key(),
      d.integer "ticket_id" :not_null() :references("tickets.id", { on_delete = "cascade" }),
      d.text "title" :not_null(),
      d.boolean "done" :not_null() :default(false),
    }))
    m:create_index("tickets", d.index "tickets_project" :on("project_id"))
    m:create_index("tasks", d.index "tasks_ticket" :on("ticket_id"))
  end,

  down = function(m)
    m:drop_table("tasks")
    m:drop_table("tickets")
    m:drop_table("projects")
  end,
}
