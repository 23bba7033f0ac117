SELECT k FROM p; SELECT k FROM c; PRAGMA foreign_key_check;
