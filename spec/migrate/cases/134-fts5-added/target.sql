CREATE TABLE d(id INTEGER PRIMARY KEY, b TEXT); CREATE VIRTUAL TABLE f USING fts5(b, content='d', content_rowid='id');
