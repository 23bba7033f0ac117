SELECT quote(k), quote(s), quote(v) FROM t ORDER BY k;
