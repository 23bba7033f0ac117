UPDATE w SET v = 'c' WHERE id = 2; SELECT * FROM w ORDER BY id;
