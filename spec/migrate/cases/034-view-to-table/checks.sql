SELECT type FROM sqlite_master WHERE name='x'; SELECT * FROM t;
