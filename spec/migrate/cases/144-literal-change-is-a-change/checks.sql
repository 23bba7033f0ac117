SELECT l FROM v; SELECT dflt_value FROM pragma_table_info('t');
