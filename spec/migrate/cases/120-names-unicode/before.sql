CREATE TABLE "größe"("é" TEXT, "É" TEXT, 名 TEXT); INSERT INTO "größe" VALUES('a','b','c');
