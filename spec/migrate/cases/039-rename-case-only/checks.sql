SELECT name FROM sqlite_master; SELECT name FROM pragma_table_info('users'); SELECT * FROM users;
