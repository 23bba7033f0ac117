SELECT ifnull(v,'null') FROM t;
