CREATE VIRTUAL TABLE f USING fts5(b, tokenize='porter');
