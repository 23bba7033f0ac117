CREATE TABLE t(id INTEGER PRIMARY KEY, a TEXT, b TEXT); CREATE VIEW v AS SELECT id, a || ' ' || b AS body FROM t; CREATE VIRTUAL TABLE f USING fts5(body, content='v', content_rowid='id');
