CREATE TABLE t(rowid TEXT, a TEXT); INSERT INTO t(_rowid_,rowid,a) VALUES(10,'r','x'),(5,'s','y');
