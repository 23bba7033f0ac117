CREATE TABLE "a
b"("c
d" TEXT); INSERT INTO "a
b" VALUES('x');
