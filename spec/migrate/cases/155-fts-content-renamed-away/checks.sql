SELECT count(*) FROM d;
