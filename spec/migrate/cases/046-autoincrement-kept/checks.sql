INSERT INTO t(v) VALUES('d'); SELECT id FROM t; SELECT * FROM sqlite_sequence;
