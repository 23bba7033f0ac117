SELECT * FROM c; SELECT count(*) FROM pragma_foreign_key_list('c');
