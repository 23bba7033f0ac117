SELECT z,typeof(z) FROM t;
