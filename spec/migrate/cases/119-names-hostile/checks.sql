SELECT * FROM "a""b c";
