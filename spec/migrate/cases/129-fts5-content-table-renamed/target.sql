CREATE TABLE e(id INTEGER PRIMARY KEY, b TEXT); CREATE VIRTUAL TABLE f USING fts5(b, content='e', content_rowid='id');
