SELECT rootpage FROM sqlite_master WHERE name='t'; SELECT name FROM sqlite_master WHERE type='trigger' ORDER BY rowid;
