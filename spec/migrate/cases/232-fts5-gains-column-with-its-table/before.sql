CREATE TABLE t(id INTEGER PRIMARY KEY, a TEXT); CREATE VIRTUAL TABLE f USING fts5(a, content='t', content_rowid='id'); INSERT INTO t VALUES(1,'apple'); INSERT INTO f(f) VALUES('rebuild');
