SELECT name FROM sqlite_master WHERE type='index'; SELECT rootpage FROM sqlite_master WHERE name='t';
