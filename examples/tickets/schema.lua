-- The tables of the project as they are at its last version, and the relations between them.
local d = require "dbcore"

local projects = d.table("projects", {
  d.integer "id" :primary_key(),
  d.text "name" :not_null() :unique(),
})

local tickets = d.table("tickets", {
  d.integer "id" :primary_key(),
  d.integer "project_id" :not_null() :references("projects.id", { on_delete = "cascade" }),
  d.text "subject" :not_null() :length(1, 80),
  d.enum("state", { "open", "done" }) :not_null() :default "open",
  d.integer "priority" :not_null() :default(2) :range(1, 3),
  d.index "tickets_project" :on("project_id"),
  d.trigger("tickets_closed", "AFTER UPDATE OF state ON tickets WHEN NEW.state = 'done' "
    .. "BEGIN UPDATE tasks SET done = 1 WHERE ticket_id = NEW.id; END"),
})

local tasks = d.table("tasks", {
  d.integer "id" :primary_key(),
  d.integer "ticket_id" :not_null() :references("tickets.id", { on_delete = "cascade" }),
  d.text "title" :not_null(),
  d.boolean "done" :not_null() :default(false),
  d.index "tasks_ticket" :on("ticket_id"),
})

local tags = d.table("tags", {
  d.integer "id" :primary_key(),
  d.text "name" :not_null() :unique(),
})

local ticket_tags = d.table("ticket_tags", {
  d.integer "ticket_id" :not_null() :references("tickets.id", { on_delete = "cascade" }),
  d.integer "tag_id" :not_null() :references("tags.id", { on_delete = "cascade" }),
  d.primary_key("ticket_id", "tag_id"),
  d.index "ticket_tags_tag" :on("tag_id"),
})

local board = d.view("board", { d.text "project", d.text "subject", d.integer "left" },
  "SELECT p.name AS project, t.subject AS subject, "
  .. "(SELECT count(*) FROM tasks k WHERE k.ticket_id = t.id AND NOT k.done) AS \"left\" "
  .. "FROM tickets t JOIN projects p ON p.id = t.project_id WHERE t.state = 'open'")

return d.schema { projects, tickets, tasks, tags, ticket_tags, board,
  d.relations(projects, { tickets = d.many "tickets" }),
  d.relations(tickets, {
    project = d.one "projects",
    tasks = d.many "tasks",
    ticket_tags = d.many "ticket_tags",
  }),
  d.relations(ticket_tags, { tag = d.one "tags" }),
}
