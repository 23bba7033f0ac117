SELECT * FROM dbcore_new_t; SELECT * FROM t; SELECT * FROM t_new;
