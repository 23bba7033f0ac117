-- What is open, and that the tasks of a ticket are done when it is.
-- up
CREATE VIEW board AS SELECT p.name AS project, t.title AS subject, (SELECT count(*) FROM tasks k WHERE k.ticket_id = t.id AND NOT k.done) AS "left" FROM tickets t JOIN projects p ON p.id = t.project_id WHERE t.state = 'open';

CREATE TRIGGER tickets_closed AFTER UPDATE OF state ON tickets WHEN NEW.state = 'done' BEGIN UPDATE tasks SET done = 1 WHERE ticket_id = NEW.id; END;

-- down
DROP TRIGGER tickets_closed;
DROP VIEW board;
