SELECT * FROM t; SELECT count(*) FROM pragma_index_list('t');
