// Servers and their clients over the loopback device.
import assert from "node:assert/strict";
import { test } from "node:test";
import { sh, testMachine } from "./machine.ts";

const machine = await testMachine();

test("redis-server with redis-cli", async () => {
  const script = `
    redis-server --port 7000 --daemonize yes --save '' --dir /root >/dev/null
    for i in $(seq 100); do redis-cli -p 7000 ping >/dev/null 2>&1 && break; sleep 0.05; done
    redis-cli -p 7000 set k v; redis-cli -p 7000 get k
    seq 200 | sed 's/^/rpush l /' | redis-cli -p 7000 | tail -1
    redis-cli -p 7000 lrange l 198 199
    redis-cli -p 7000 shutdown nosave`;
  assert.equal(await sh(machine, script), "OK\nv\n200\n199\n200\n");
});

test("nginx with curl", async () => {
  machine.fs.write(
    "/root/nginx.conf",
    "worker_processes 2; pid /root/nginx.pid; error_log /root/error.log; events {} http { access_log off; server { listen 127.0.0.1:8080; root /root/www; } }",
  );
  const script = `
    mkdir -p www && chmod 755 /root && echo hello > www/index.html && head -c 3000000 /dev/urandom > www/big
    nginx -c /root/nginx.conf
    curl -s http://127.0.0.1:8080/
    curl -s http://127.0.0.1:8080/big | cmp - www/big && echo same
    curl -s -o /dev/null -w '%{http_code}\\n' http://127.0.0.1:8080/none
    nginx -c /root/nginx.conf -s stop`;
  assert.equal(await sh(machine, script), "hello\nsame\n404\n");
});

test("python3's http.server with curl, keep-alive and a large body", async () => {
  const script = `
    mkdir -p p && seq 200000 > p/n
    (cd p && exec python3 -m http.server 8001 --bind ::1 2>/dev/null) &
    for i in $(seq 200); do curl -s -o /dev/null 'http://[::1]:8001/' && break; sleep 0.05; done
    curl -s 'http://[::1]:8001/n' | sha256sum | cut -c1-16; sha256sum p/n | cut -c1-16
    kill %1`;
  const [fetched, direct] = (await sh(machine, script)).split("\n");
  assert.equal(fetched, direct);
});
