SELECT "é","É",名 FROM "größe";
