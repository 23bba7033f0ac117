SELECT rowid,content FROM f WHERE f MATCH 'run';
