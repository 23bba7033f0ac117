CREATE TABLE t("check" TEXT, "default" TEXT, "unique" INT, "constraint" TEXT, "primary" TEXT); INSERT INTO t VALUES('a','b',1,'c','d');
