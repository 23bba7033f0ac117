SELECT n,a,typeof(a) FROM t;
