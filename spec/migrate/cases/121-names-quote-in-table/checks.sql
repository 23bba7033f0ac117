INSERT INTO "it's"(v) VALUES('c'); SELECT id FROM "it's";
