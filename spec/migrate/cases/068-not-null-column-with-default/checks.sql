SELECT * FROM t; SELECT rootpage FROM sqlite_master WHERE name='t';
