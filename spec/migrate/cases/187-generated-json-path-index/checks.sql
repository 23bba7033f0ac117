SELECT id FROM t WHERE n='ada'; SELECT rootpage FROM sqlite_master WHERE name='t';
