CREATE TABLE d(b TEXT, k TEXT); INSERT INTO d(rowid,b,k) VALUES(3,'red fox','1'),(9,'hen','2'); CREATE VIRTUAL TABLE f USING fts5(b, content='d'); INSERT INTO f(f) VALUES('rebuild');
