SELECT hex(s) FROM t;
