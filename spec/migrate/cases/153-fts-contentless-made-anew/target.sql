CREATE VIRTUAL TABLE f USING fts5(body, content='', tokenize='porter');
