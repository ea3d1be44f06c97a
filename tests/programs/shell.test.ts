// bash, coreutils and the small tools around them, alone and in pipelines.
import assert from "node:assert/strict";
import { test } from "node:test";
import { sh, testMachine, underQemu } from "./machine.ts";

const machine = await testMachine();
const same = async (argv: string[], input = ""): Promise<void> => {
  const { stdout } = await machine.exec(argv, { input, env: { LC_ALL: "C.UTF-8" } });
  assert.equal(stdout, underQemu(argv, input));
};
const numbers = Array.from({ length: 5000 }, (_, i) => `${(i * 7919) % 5003} line ${i}\n`).join("");

test("find, xargs, sort and uniq over /usr count what is there", async () => {
  const count = await sh(machine, "find /usr -type f -print0 | xargs -0 -n 500 ls -d | sort | uniq | wc -l");
  const direct = await sh(machine, "find /usr -type f | wc -l");
  assert.ok(Number(count) > 5000, `${count} files`);
  assert.equal(count, direct);
});

test("tar and gzip, xz and zstd give back what they were given", async () => {
  for (const flag of ["--gzip", "--xz", "--zstd", "--bzip2"]) {
    const script = `rm -rf x && mkdir x && tar -C /usr/share -c ${flag} -f a.tar perl5 && tar -C x -x ${flag} -f a.tar && diff -r x/perl5 /usr/share/perl5 && echo same`;
    assert.equal(await sh(machine, script), "same\n", flag);
  }
});

test("sort, cut, tr, wc, head, tail, md5sum and sha256sum print what they print under qemu", async () => {
  await same(["/usr/bin/sort", "-n"], numbers);
  await same(["/usr/bin/sort", "-k2,3", "-r"], numbers);
  await same(["/usr/bin/cut", "-d", " ", "-f", "1,3"], numbers);
  await same(["/usr/bin/tr", "a-z", "A-Z"], numbers);
  await same(["/usr/bin/wc"], numbers);
  await same(["/usr/bin/tail", "-n", "7"], numbers);
  await same(["/usr/bin/md5sum"], numbers);
  await same(["/usr/bin/sha256sum"], numbers);
  await same(["/usr/bin/factor"], "1234567890123 18446744073709551557\n");
  await same(["/usr/bin/od", "-A", "x", "-t", "x1z"], numbers.slice(0, 500));
});

test("sed, gawk and perl scripts print what they print under qemu", async () => {
  await same(["/usr/bin/sed", "-E", "s/([0-9]+) line ([0-9]+)/\\2:\\1/;/5$/d"], numbers);
  await same(
    ["/usr/bin/gawk", '{ s[$1 % 17] += $3 } END { for (i = 0; i < 17; i++) printf "%d %.3f\\n", i, s[i] / 3 }'],
    numbers,
  );
  await same(
    ["/usr/bin/perl", "-ne", '$h{length $_} .= $1 if /(\\d)$/; END { print map { "$_=$h{$_}\\n" } sort keys %h }'],
    numbers,
  );
  await same(["/usr/bin/bc", "-l"], "scale=60; 4*a(1)\n2^200\n");
});

test("bash: arrays, here documents, process substitution, traps, wait and exit codes", async () => {
  const script = `
    set -e
    declare -A m=([one]=1 [two]=2); echo "\${m[two]} \${#m[@]}"
    cat <(echo a) <(echo b) | paste -sd+
    trap 'echo trapped $?' EXIT
    (exit 3) || echo "code $?"
    sleep 0.05 & wait $!; echo "waited $?"
    read -r x < <(seq 3 | tail -1); echo "$x"
    for i in {1..3}; do echo -n $i; done; echo
    kill -USR1 $$ & trap 'echo usr1' USR1; wait || true
    printf '%s\\n' "$(</proc/sys/kernel/ostype)"
    mkfifo f; (echo through > f) & cat f; rm f
    ulimit -n 20; exec 9</dev/null; echo $(ls /proc/self/fd | wc -l) | sed 's/[0-9]*/ok/'
    false | true; echo "\${PIPESTATUS[*]}"`;
  const expected = "2 2\na+b\ncode 3\nwaited 0\n3\n123\nusr1\nLinux\nthrough\nok\n1 0\ntrapped 0\n";
  assert.equal(await sh(machine, script), expected);
});

test("exit codes and signals come out", async () => {
  assert.equal((await machine.exec(["bash", "-c", "exit 7"])).code, 7);
  const killed = await machine.exec(["bash", "-c", "kill -SEGV $$"]);
  assert.deepEqual([killed.code, killed.signal], [139, "SIGSEGV"]);
});

test("ps, top, free, uptime, df, mount, lsof and id read the kernel", async () => {
  assert.match(await sh(machine, "ps aux"), /root +\d+ .* ps aux/);
  assert.match(await sh(machine, "top -b -n1 | head -5"), /Tasks: +\d+ total/);
  assert.match(await sh(machine, "free -m"), /Mem: +\d+ +\d+ +\d+/);
  assert.match(await sh(machine, "uptime"), /load average/);
  assert.match(await sh(machine, "df -h /"), /overlay/);
  assert.match(await sh(machine, "mount"), /proc on \/proc type proc/);
  assert.match(await sh(machine, "lsof -p $$"), /(bash|lsof) +\d+ root +cwd +DIR/);
  assert.match(await sh(machine, "id"), /uid=0\(root\)/);
  assert.match(await sh(machine, "file /bin/ls"), /ELF 64-bit LSB pie executable, UCB RISC-V/);
});
