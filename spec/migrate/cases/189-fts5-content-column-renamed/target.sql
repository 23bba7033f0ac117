CREATE TABLE d(id INTEGER PRIMARY KEY, text TEXT); CREATE VIRTUAL TABLE f USING fts5(body, content='d', content_rowid='id');
