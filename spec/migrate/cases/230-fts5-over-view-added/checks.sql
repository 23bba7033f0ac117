SELECT rowid, body FROM f WHERE f MATCH 'pie';
