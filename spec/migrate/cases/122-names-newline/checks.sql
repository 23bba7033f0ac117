SELECT * FROM "a
b";
