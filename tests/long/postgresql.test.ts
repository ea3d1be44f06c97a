// PostgreSQL: a cluster is made, started, asked over both kinds of socket, and stopped.
import assert from "node:assert/strict";
import { test } from "node:test";
import { sh, testMachine } from "../programs/machine.ts";

test("PostgreSQL: initdb, start, queries, stop", async () => {
  const machine = await testMachine();
  const script = `
    set -e
    bin=$(echo /usr/lib/postgresql/*/bin); data=/var/lib/pg/data
    mkdir -p /var/lib/pg && chown postgres /var/lib/pg && chmod 755 /root
    as() { su postgres -c "$1"; }
    as "$bin/initdb -D $data" >/tmp/initdb.log 2>&1
    as "$bin/pg_ctl -D $data -o '-k /tmp' -l /tmp/pg.log -w start" >/dev/null
    as 'psql -h /tmp -At -c "create table t as select generate_series(1, 10000) n" -c "select sum(n) from t"'
    as 'psql -h 127.0.0.1 -At -c "create index on t(n)" -c "select n from t where n = 4321" -c "select count(*) from t a join t b using (n)"'
    as "$bin/pg_ctl -D $data -m fast stop" | tail -1`;
  assert.equal(await sh(machine, script), "SELECT 10000\n50005000\nCREATE INDEX\n4321\n10000\nserver stopped\n");
});
