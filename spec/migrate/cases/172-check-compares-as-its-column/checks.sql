SELECT quote(n), quote(m) FROM t ORDER BY n;
