INSERT INTO t(v) VALUES('d'); SELECT id FROM t; SELECT count(*) FROM sqlite_sequence;
