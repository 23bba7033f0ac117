SELECT quote(x) FROM t ORDER BY id;
