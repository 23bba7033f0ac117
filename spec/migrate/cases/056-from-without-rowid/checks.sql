SELECT k FROM t ORDER BY k; SELECT wr FROM pragma_table_list('t');
