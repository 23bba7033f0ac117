CREATE TABLE t("check" TEXT NOT NULL, "default" TEXT, "unique" INT, "constraint" TEXT, "primary" TEXT);
