SELECT count(*), count(note), count(length) FROM p; SELECT note FROM q;
