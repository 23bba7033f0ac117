CREATE TABLE t(a); CREATE VIEW v AS select A from T; CREATE TRIGGER tr AFTER INSERT ON t begin select 'X y' ; end;
