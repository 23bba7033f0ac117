SELECT dflt_value FROM pragma_table_info('t') WHERE name BETWEEN 'a' AND 'g'; INSERT INTO t(id,h) VALUES(2,'z'); SELECT a,b,c,d,hex(e),f FROM t WHERE id=2;
