CREATE TABLE "a""b c"("x""y" INTEGER PRIMARY KEY, "p q" TEXT NOT NULL, [br ack] TEXT, `ba``ck` TEXT, "" TEXT); CREATE INDEX "i""x" ON "a""b c"("p q");
