SELECT "notnull" FROM pragma_table_info('t') WHERE name='v';
