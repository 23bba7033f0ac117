SELECT id, "a b", v FROM "tags x" ORDER BY id;
