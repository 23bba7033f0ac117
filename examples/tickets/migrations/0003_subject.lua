-- A ticket has a subject. The view that reads the column follows by itself.
return {
  loses = false,
  up = function(m)
    m:rename_column("tickets", "title", "subject")
  end,

  down = function(m)
    m:rename_column("tickets", "subject", "title")
  end,
}
