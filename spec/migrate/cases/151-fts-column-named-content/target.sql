CREATE VIRTUAL TABLE f USING fts5(title, content, tokenize='porter');
