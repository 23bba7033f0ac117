CREATE TABLE "a""b c"("x""y" INTEGER PRIMARY KEY, "p q" TEXT, [br ack] TEXT, `ba``ck` TEXT, "" TEXT); CREATE INDEX "i""x" ON "a""b c"("p q"); INSERT INTO "a""b c" VALUES(1,'a','b','c','d');
