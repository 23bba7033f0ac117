CREATE TABLE d(id INTEGER PRIMARY KEY, b TEXT); INSERT INTO d VALUES(1,'red fox'); CREATE VIRTUAL TABLE f USING fts5(b, content='d', content_rowid='id'); INSERT INTO f(f) VALUES('rebuild');
