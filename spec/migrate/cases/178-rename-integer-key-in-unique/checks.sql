SELECT quote(id), b, c FROM t ORDER BY b; SELECT * FROM k; SELECT count(*) FROM v;
