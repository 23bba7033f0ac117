SELECT * FROM a; SELECT * FROM b; PRAGMA foreign_key_check;
