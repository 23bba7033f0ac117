CREATE VIRTUAL TABLE f USING fts5(a, b, content='t', content_rowid='id'); CREATE TABLE t(id INTEGER PRIMARY KEY, a TEXT NOT NULL, b TEXT NOT NULL DEFAULT 'pie');
