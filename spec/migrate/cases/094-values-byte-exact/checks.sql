SELECT hex(a),hex(b),length(CAST(b AS BLOB)),c,typeof(d),e,typeof(a) FROM t;
