-- The labels are tags now. The way back writes them from the tags, so nothing is lost either way.
return {
  loses = true, -- a backup is made before it
  up = function(m)
    m:drop_column("tickets", "labels")
  end,

  down = function(m)
    -- The whole table, because the column stood before the priority.
    m:define([[CREATE TABLE "tickets" (
      "id" INTEGER PRIMARY KEY,
      "project_id" INTEGER NOT NULL REFERENCES "projects" ("id") ON DELETE CASCADE,
      "subject" TEXT NOT NULL CONSTRAINT "tickets_subject_length"
        CHECK (length("subject") BETWEEN 1 AND 80),
      "state" TEXT NOT NULL DEFAULT 'open' CONSTRAINT "tickets_state_enum"
        CHECK ("state" IN ('open', 'done')),
      "labels" TEXT NOT NULL DEFAULT '',
      "priority" INTEGER NOT NULL DEFAULT 2 CONSTRAINT "tickets_priority_range"
        CHECK ("priority" BETWEEN 1 AND 3))]])
    m:execute([[UPDATE tickets SET labels = coalesce((SELECT group_concat(name, ',') FROM
      (SELECT g.name FROM tags g JOIN ticket_tags x ON x.tag_id = g.id
       WHERE x.ticket_id = tickets.id ORDER BY g.id)), '')]])
  end,
}
