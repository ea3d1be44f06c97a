PRAGMA journal_mode = MEMORY;
CREATE TABLE item (id INTEGER PRIMARY KEY, kind INTEGER, name TEXT, price REAL);
CREATE TABLE sale (item INTEGER, day INTEGER, count INTEGER);
BEGIN;
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ROWS)
  INSERT INTO item SELECT i, i * 7919 % 97, printf('item %d', i * 31 % 1000), i * 0.37 FROM n;
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ROWS * 3)
  INSERT INTO sale SELECT i * 101 % ROWS + 1, i % 365, i % 5 FROM n;
COMMIT;
CREATE INDEX item_kind ON item (kind, price);
CREATE INDEX sale_item ON sale (item);
SELECT kind, count(*), round(sum(price * count), 2) FROM item JOIN sale ON item.id = sale.item GROUP BY kind ORDER BY 3 DESC LIMIT 5;
SELECT count(*), max(name) FROM item WHERE kind BETWEEN 10 AND 20 AND price > 100;
UPDATE item SET price = price + 1 WHERE kind % 2 = 0;
DELETE FROM sale WHERE day < 30;
SELECT count(*), round(total(price), 2) FROM item;
SELECT count(*) FROM sale;
