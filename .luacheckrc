std = "lua54"
max_line_length = 100
self = false
files["examples/host_c"] = {
  globals = { "validate", "price", "report", "Products" },
  read_globals = { "db", "dbcore", "notify" },
}
files["lua/meta"] = { ignore = { "211", "212", "241" } }
files["spec"] = { std = "+busted" }
files["spec/sandbox"] = { max_line_length = false }
