CREATE TABLE d(id INTEGER PRIMARY KEY, body TEXT); CREATE VIRTUAL TABLE f USING fts5(body, content='d', content_rowid='id'); INSERT INTO d VALUES(1,'a'); INSERT INTO f(f) VALUES('rebuild');
