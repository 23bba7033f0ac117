-- The settings of this project, for dbscript's commands. Paths are relative to this file.
return {
  database = "tickets.db",
  schema = "schema.lua",
  migrations = "migrations",
}
