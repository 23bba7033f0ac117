SELECT _rowid_,rowid,a FROM t;
