SELECT count(*) FROM f;
