SELECT b FROM f WHERE f MATCH 'fox'; INSERT INTO f(f) VALUES('integrity-check');
