SELECT sql FROM sqlite_master WHERE name='i';
