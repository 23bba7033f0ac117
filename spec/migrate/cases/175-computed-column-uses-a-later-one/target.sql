CREATE TABLE t(n TEXT, m TEXT AS (u || '!') CHECK(m <> 'X!'), u TEXT AS (upper(n)));
