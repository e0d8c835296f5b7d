# 10,000 transactions of their own, in a file in tmpfs, then what a database is for.
rm -f /tmp/session.db
{
	echo 'PRAGMA journal_mode=DELETE; CREATE TABLE t(id INTEGER PRIMARY KEY, name TEXT, value REAL);'
	seq 1 10000 | awk '{ printf "INSERT INTO t VALUES(%d, '\''name%d'\'', %d.5);\n", $1, $1 % 100, $1 }'
	echo 'CREATE INDEX i ON t(name);'
	echo 'SELECT count(*), sum(value), min(name), max(name) FROM t;'
	echo 'SELECT name, count(*), avg(value) FROM t GROUP BY name ORDER BY name LIMIT 5;'
	echo 'BEGIN; DELETE FROM t WHERE id % 2 = 0; ROLLBACK; SELECT count(*) FROM t;'
	echo 'BEGIN; UPDATE t SET value = -value WHERE id <= 100; COMMIT;'
	echo 'SELECT sum(value) FROM t WHERE id <= 100; PRAGMA integrity_check;'
	echo 'WITH RECURSIVE f(a, b) AS (VALUES(0, 1) UNION ALL SELECT b, a + b FROM f LIMIT 20) SELECT group_concat(a) FROM f;'
} | sqlite3 /tmp/session.db
sqlite3 /tmp/session.db 'SELECT count(*) FROM t' 'VACUUM' 'SELECT max(id) FROM t'
rm -f /tmp/session.db
