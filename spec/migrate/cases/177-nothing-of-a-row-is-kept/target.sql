CREATE TABLE p(note REAL, length TEXT);
CREATE TABLE q(note TEXT DEFAULT "n" CHECK(q.note = 'n'));
