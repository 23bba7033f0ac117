-- The rows of version 1: two projects with their tickets and tasks.
return {
  { "projects", rows = { { id = 1, name = "Website" }, { id = 2, name = "Printer" } } },
  { "tickets", rows = {
    { id = 1, project_id = 1, title = "Links are broken", labels = "bug,urgent" },
    { id = 2, project_id = 1, title = "A darker theme", labels = "wish" },
    { id = 3, project_id = 2, title = "Paper jam", labels = "bug" },
    { id = 4, project_id = 2, title = "Order toner", state = "done" },
  } },
  { "tasks", rows = {
    { ticket_id = 1, title = "Find them", done = true },
    { ticket_id = 1, title = "Mend them" },
    { ticket_id = 2, title = "Choose colours" },
    { ticket_id = 3, title = "Open the cover" },
    { ticket_id = 3, title = "Pull gently" },
  } },
}
