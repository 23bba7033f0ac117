SELECT rowid,a FROM t;
