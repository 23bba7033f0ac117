SELECT * FROM sqlite_stat1 ORDER BY idx;
