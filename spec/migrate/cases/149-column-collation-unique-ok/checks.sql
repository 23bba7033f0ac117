SELECT id FROM t WHERE n='b';
