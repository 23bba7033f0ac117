CREATE TABLE dbcore_new_t(a TEXT); CREATE TABLE t_new(a); CREATE TABLE t(a TEXT); INSERT INTO dbcore_new_t VALUES('keep'); INSERT INTO t VALUES('x'); INSERT INTO t_new VALUES('k2');
