create table [t] (
 -- note
 id integer primary key, `a` text NOT NULL DEFAULT 'A b' /* c */, B INT
);
CREATE INDEX "i" ON "t"(a);
