SELECT length(at)>10, e FROM t; SELECT dflt_value FROM pragma_table_info('t') WHERE cid>0;
