INSERT INTO u(v) VALUES('d'); SELECT id FROM u; SELECT * FROM sqlite_sequence;
