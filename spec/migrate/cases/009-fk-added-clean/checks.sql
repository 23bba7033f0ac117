SELECT * FROM c; SELECT "table" FROM pragma_foreign_key_list('c');
