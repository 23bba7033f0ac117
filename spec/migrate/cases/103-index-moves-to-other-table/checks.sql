SELECT tbl_name FROM sqlite_master WHERE name='i';
