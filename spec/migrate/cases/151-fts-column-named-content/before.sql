CREATE VIRTUAL TABLE f USING fts5(title, content);
INSERT INTO f(rowid,title,content) VALUES(3,'a','running');
