INSERT INTO t(v) VALUES(5); SELECT * FROM t; SELECT * FROM sqlite_sequence; SELECT count(*) FROM sqlite_master;
