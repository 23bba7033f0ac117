SELECT id,length(v),n FROM b;
