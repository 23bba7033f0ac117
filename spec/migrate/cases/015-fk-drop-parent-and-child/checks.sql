SELECT * FROM k; SELECT count(*) FROM sqlite_master;
