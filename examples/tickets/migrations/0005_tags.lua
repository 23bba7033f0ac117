-- Labels become rows: each word once in tags, a line in ticket_tags for each use.
local d = require("dbcore")

return {
  loses = false,
  up = function(m)
    m:create_table(d.table("tags", {
      d.integer "id" :primary_key(),
      d.text "name" :not_null() :unique(),
    }))
    m:create_table(d.table("ticket_tags", {
      d.integer "ticket_id" :not_null() :references("tickets.id", { on_delete = "cascade" }),
      d.integer "tag_id" :not_null() :references("tags.id", { on_delete = "cascade" }),
      d.primary_key("ticket_id", "tag_id"),
    }))
    m:create_index("ticket_tags", d.index "ticket_tags_tag" :on("tag_id"))
    for ticket in m.db:query("SELECT id, labels FROM tickets WHERE labels <> '' ORDER BY id") do
      for word in ticket.labels:gmatch("[^,%s]+") do
        m:execute("INSERT OR IGNORE INTO tags (name) VALUES (?)", word)
        m:execute("INSERT OR IGNORE INTO ticket_tags SELECT ?, id FROM tags WHERE name = ?",
          ticket.id, word)
      end
    end
  end,

  down = function(m)
    m:drop_table("ticket_tags")
    m:drop_table("tags")
  end,
}
