CREATE TABLE o(id INTEGER PRIMARY KEY, cust TEXT); INSERT INTO o VALUES(1,'ann'),(2,'bob'),(3,'ann');
