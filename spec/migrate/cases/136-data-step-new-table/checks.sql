SELECT name FROM city; SELECT * FROM p;
