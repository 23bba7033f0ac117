-- A report that nobody had to compile: what each customer ordered.
function report()
  local lines = {}
  for row in db:query([[
    SELECT customer, count(*) AS orders, sum(cents) AS cents
    FROM orders GROUP BY customer ORDER BY sum(cents) DESC, customer]]) do
    lines[#lines + 1] = ("%-8s %2d orders %8.2f"):format(row.customer, row.orders, row.cents / 100)
  end
  return table.concat(lines, "\n")
end
