-- Shows the board: what is open in each project, the most urgent first, with tags and tasks.
--
--   dbscript main.lua             # from this folder, at the last version
--   dbscript main.lua close 3     # closes a ticket; a trigger closes its tasks
local here = arg[0]:match("^(.*)/[^/]*$") or "."
package.path = here .. "/?.lua;" .. package.path

local d = require "dbcore"
local schema = require "schema"
local projects, tickets = schema.projects, schema.tickets

local Tickets = d.repository(tickets, {
  scopes = {
    open = function(q)
      return q:where(tickets.state:eq("open"))
    end,
  },
  close = function(self, id)
    return self:update(id, { state = "done" })
  end,
})

local function names_of(ticket)
  local names = {}
  for i, link in ipairs(ticket.ticket_tags) do
    names[i] = link.tag.name
  end
  table.sort(names)
  return table.concat(names, " ")
end

local function show(db)
  local open = d.from(tickets):where(tickets.state:eq("open"))
    :order_by(tickets.priority, tickets.id):with { "tasks", "ticket_tags.tag" }
  for project in db:from(projects):with({ tickets = open }):order_by(projects.id):rows() do
    print(project.name)
    for _, ticket in ipairs(project.tickets) do
      print(("  %d %s [%s]"):format(ticket.id, ticket.subject, names_of(ticket)))
      for _, task in ipairs(ticket.tasks) do
        print(("    %s %s"):format(task.done and "x" or "-", task.title))
      end
    end
  end
  print(Tickets(db):open():count() .. " open")
end

local db <close> = d.open(here .. "/tickets.db", { schema = schema })
if arg[1] == "close" then
  local id = math.tointeger(arg[2])
  if not id then
    io.stderr:write("usage: dbscript main.lua [close TICKET]\n")
    os.exit(2, true)
  end
  print("closed " .. Tickets(db):close(id).subject)
end
show(db)
