CREATE VIRTUAL TABLE f USING fts5(body, content='');
INSERT INTO f(rowid,body) VALUES(1,'hello');
