CREATE TABLE t(a); CREATE VIRTUAL TABLE f USING fts5(a, content='gone');
