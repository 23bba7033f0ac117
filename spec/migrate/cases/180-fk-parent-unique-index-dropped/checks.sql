SELECT count(*) FROM sqlite_master WHERE name='p_code';
