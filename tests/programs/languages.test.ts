// Interpreters and compilers: python3 with its native modules, node, lua, gcc, make, git, sqlite3, a Go and a Rust program.
import assert from "node:assert/strict";
import { test } from "node:test";
import { sh, testMachine, underQemu } from "./machine.ts";

const machine = await testMachine();
const python = (code: string) => machine.exec(["python3", "-c", code], { cwd: "/root" });

test("python3: threads, subprocess, sqlite3, ssl, json, re, decimal", async () => {
  const { stdout, stderr } = await python(`
import threading, subprocess, sqlite3, ssl, json, re, decimal, hashlib
out = []
threads = [threading.Thread(target=lambda i=i: out.append(i * i)) for i in range(20)]
[t.start() for t in threads]; [t.join() for t in threads]
print(sum(out))
print(subprocess.run(["sh", "-c", "echo sub; exit 4"], capture_output=True))
db = sqlite3.connect("/root/t.db")
db.execute("create table t(a int, b text)")
db.executemany("insert into t values (?, ?)", [(i, str(i)) for i in range(1000)])
db.commit()
print(db.execute("select count(*), sum(a) from t where b like '%7'").fetchone())
print(ssl.create_default_context().verify_mode, hashlib.sha256(b"x").hexdigest()[:8])
print(json.loads(json.dumps({"a": [1, 2.5, None]})), re.findall(r"\\d+", "a1b22"), decimal.Decimal(2).sqrt())
`);
  assert.equal(stderr, "");
  assert.equal(
    stdout,
    "2470\nCompletedProcess(args=['sh', '-c', 'echo sub; exit 4'], returncode=4, stdout=b'sub\\n', stderr=b'')\n" +
      "(100, 50200)\n2 2d711642\n{'a': [1, 2.5, None]} ['1', '22'] 1.414213562373095048801688724\n",
  );
});

test("python3: multiprocessing and asyncio", async () => {
  machine.fs.write(
    "/root/mp.py",
    `import multiprocessing as mp, asyncio
def f(x): return x * x
if __name__ == "__main__":
    for method in "fork", "spawn":
        with mp.get_context(method).Pool(3) as pool: print(method, pool.map(f, range(8)))
    async def serve(reader, writer):
        writer.write((await reader.readline()).upper()); await writer.drain(); writer.close()
    async def main():
        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        async def ask(i):
            r, w = await asyncio.open_connection("127.0.0.1", port)
            w.write(b"hello %d\\n" % i); line = await r.readline(); w.close(); return line
        print(await asyncio.gather(*(ask(i) for i in range(5))))
        p = await asyncio.create_subprocess_exec("echo", "async", stdout=asyncio.subprocess.PIPE)
        print(await p.stdout.read(), await p.wait())
    asyncio.run(main())
`,
  );
  const squares = "[0, 1, 4, 9, 16, 25, 36, 49]";
  assert.equal(
    await sh(machine, "python3 mp.py"),
    `fork ${squares}\nspawn ${squares}\n[b'HELLO 0\\n', b'HELLO 1\\n', b'HELLO 2\\n', b'HELLO 3\\n', b'HELLO 4\\n']\nb'async\\n' 0\n`,
  );
});

test("python3 and lua compute what they compute under qemu", async () => {
  const code =
    "import math,random;random.seed(5);print([math.sin(random.random()*i) for i in range(50)]);print(2**500%997)";
  assert.equal((await python(code)).stdout, underQemu(["/usr/bin/python3", "-c", code]));
  const lua = "for i=1,20 do print(i, math.sqrt(i), string.format('%q', i/3)) end";
  assert.equal((await machine.exec(["lua5.4", "-e", lua])).stdout, underQemu(["/usr/bin/lua5.4", "-e", lua]));
});

test("nodejs runs, with its JIT", async () => {
  const code =
    "let s=0;for(let i=0;i<3e6;i++)s=(s+i*i)%1000003;console.log(s,[3,1,2].sort(),process.arch);setTimeout(()=>console.log('later'),20)";
  const { stdout } = await machine.exec(["node", "-e", code]);
  let s = 0;
  for (let i = 0; i < 3e6; i++) s = (s + i * i) % 1000003;
  assert.equal(stdout, `${s} [ 1, 2, 3 ] riscv64\nlater\n`);
});

test("git: init, commit, log, branch, merge and clone of a local repository", async () => {
  const script = `
    git init -q -b main r && cd r && git config user.email a@b && git config user.name n
    echo one > f && git add f && git commit -qm first
    git checkout -qb side && echo two > g && git add g && git commit -qm second
    git checkout -q main && echo three > h && git add h && git commit -qm third
    git merge -q side -m merged && git log --format=%s | sort | paste -sd,
    cd .. && git clone -q r r2 && cd r2 && ls | paste -sd, && git status --short | wc -l && git fsck 2>&1 | grep -c error`;
  const { stdout } = await machine.exec(["bash", "-c", script], { cwd: "/root" });
  assert.equal(stdout, "first,merged,second,third\nf,g,h\n0\n0\n");
});

test("gcc compiles, links and runs a C and a threaded C program; make -j4 builds", async () => {
  machine.fs.mkdir("/root/c");
  machine.fs.write(
    "/root/c/a.c",
    '#include <stdio.h>\n#include <math.h>\nint main(){printf("%.6f\\n",sqrt(2));return 5;}\n',
  );
  machine.fs.write(
    "/root/c/t.c",
    '#include <stdio.h>\n#include <pthread.h>\nstatic int n;static pthread_mutex_t m=PTHREAD_MUTEX_INITIALIZER;\nstatic void*f(void*a){for(int i=0;i<1000;i++){pthread_mutex_lock(&m);n++;pthread_mutex_unlock(&m);}return a;}\nint main(){pthread_t t[4];for(int i=0;i<4;i++)pthread_create(t+i,0,f,0);for(int i=0;i<4;i++)pthread_join(t[i],0);printf("%d\\n",n);}\n',
  );
  machine.fs.write("/root/c/Makefile", "all: a t u v\n\n%: %.c\n\tgcc -O2 $< -o $@ -lm -lpthread\n");
  const script =
    "cd c && cp a.c u.c && cp t.c v.c && make -s -j4 && ./a; echo $?; ./t; ./v; gcc -static -O1 t.c -o s && ./s";
  assert.equal(await sh(machine, script), "1.414214\n5\n4000\n4000\n4000\n");
});

test("sqlite3: one file in WAL mode, two processes that write", async () => {
  const script = `
    sqlite3 w.db 'pragma journal_mode=wal; create table t(who, n)'
    add() { for i in 1 2 3 4 5 6 7 8; do sqlite3 w.db "pragma busy_timeout=20000; insert into t values('$1', $i)" >/dev/null; done; }
    add a & add b & wait
    sqlite3 w.db 'select who, count(*), sum(n) from t group by who; pragma integrity_check'`;
  assert.equal(await sh(machine, script), "wal\na|8|36\nb|8|36\nok\n");
});

test("a Go program (fzf) and a Rust program (ripgrep) do their work", async () => {
  assert.equal(await sh(machine, "printf 'apple\\nbanana\\ncherry\\n' | fzf --filter=nan"), "banana\n");
  assert.equal(await sh(machine, "rg -c root /etc/passwd"), "1\n");
  assert.ok(Number(await sh(machine, "rg --files /usr/share/perl5 | wc -l")) > 100);
});
