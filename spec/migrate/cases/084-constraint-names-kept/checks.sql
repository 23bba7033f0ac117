SELECT sql LIKE '%CONSTRAINT pk%' AND sql LIKE '%CONSTRAINT pos%' AND sql LIKE '%CONSTRAINT u%' FROM sqlite_master WHERE name='t';
