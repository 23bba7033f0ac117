SELECT rowid,b FROM f WHERE f MATCH 'fox';
