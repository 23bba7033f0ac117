SELECT count(*) FROM pragma_table_info('t');
