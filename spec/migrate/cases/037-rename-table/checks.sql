SELECT * FROM w; SELECT rootpage FROM sqlite_master WHERE name='b'; SELECT "table" FROM pragma_foreign_key_list('c');
