SELECT n,typeof(n) FROM t; SELECT strict FROM pragma_table_list('t');
