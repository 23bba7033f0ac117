SELECT * FROM t; SELECT name,hidden FROM pragma_table_xinfo('t') WHERE hidden;
