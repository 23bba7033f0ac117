SELECT o.id, c.name FROM o JOIN customer c ON c.id=o.customer_id ORDER BY 1;
