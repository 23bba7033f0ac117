CREATE TABLE t(id INTEGER PRIMARY KEY,a TEXT  not null default 'A b', "B" int); create index i on t ( a );
