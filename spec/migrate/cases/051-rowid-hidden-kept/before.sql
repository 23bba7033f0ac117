CREATE TABLE t(a TEXT); INSERT INTO t(rowid,a) VALUES(10,'x'),(5,'y'),(77,'z');
