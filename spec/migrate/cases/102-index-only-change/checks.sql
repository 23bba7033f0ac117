SELECT rootpage FROM sqlite_master WHERE name='t'; SELECT "desc" FROM pragma_index_xinfo('i') WHERE key;
