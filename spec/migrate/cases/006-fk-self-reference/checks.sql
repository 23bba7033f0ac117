SELECT * FROM n; SELECT "table" FROM pragma_foreign_key_list('n'); PRAGMA foreign_keys=ON; DELETE FROM n WHERE id=2; SELECT count(*) FROM n;
