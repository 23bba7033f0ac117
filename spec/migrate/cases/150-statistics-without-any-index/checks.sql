SELECT * FROM stat1;
SELECT count(*)>0 FROM sqlite_stat1;
