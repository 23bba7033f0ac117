SELECT a,b FROM t; SELECT name,pk FROM pragma_table_info('t') ORDER BY pk;
