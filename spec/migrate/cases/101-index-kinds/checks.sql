SELECT name,sql FROM sqlite_master WHERE type='index' ORDER BY 1;
