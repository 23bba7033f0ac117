SELECT rowid, a, b FROM f WHERE f MATCH 'pie';
