SELECT * FROM c ORDER BY id; SELECT * FROM p ORDER BY id; SELECT on_delete,on_update FROM pragma_foreign_key_list('c');
