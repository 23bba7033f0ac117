SELECT count(*), count(v) FROM t;
