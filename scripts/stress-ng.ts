// Runs Debian's stress-ng inside, one stressor at a time with verification, and writes docs/stress-ng.md: which pass, and
// what those that don't say. Arguments: names of stressors, or none for all; --seconds N each.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { boot } from "../src/index.ts";

const root = join(import.meta.dirname, "..");
const path = join(root, "docs/stress-ng.md");

const classes: Readonly<Record<string, string>> = {
  cpu: "cpu atomic bitops bsearch hsearch lsearch qsort heapsort mergesort radixsort shellsort matrix matrix-3d prime fp fma funccall goto hash insertionsort branch crypt factor list longjmp jpeg nop opcode rotate skiplist str trig tree tsearch vecmath vecfp wcs workload zlib regs",
  memory:
    "bigheap brk malloc memcpy memfd memrate memthrash mincore misaligned mlock mmap mmapaddr mmapcow mmapfiles mmapfixed mmapfork mmapmany mprotect mremap msync munmap numa pageswap physpage prefetch remap shm shm-sysv stack stackmmap stream swap tmpfs vm vm-addr vm-rw vm-splice vm-segv madvise mmaphuge resources secretmem zero full",
  pipe: "pipe pipeherd fifo splice tee vm-splice sendfile fd-fork fd-race close eventfd poll epoll mq msg sem sem-sysv sock sockpair sockfd sockmany udp dccp rawsock netdev netlink-proc nop",
  signal:
    "kill sigabrt sigbus sigchld sigfd sigfpe sighup sigill sigio signal signest sigpending sigpipe sigq sigrt sigsegv sigsuspend sigtrap sigurg sigvtalrm sigxcpu sigxfsz itimer timer timerfd alarm nanosleep",
  fork: "fork vfork clone exec spawn pthread zombie daemon session exit-group forkheavy vforkmany tlb-shootdown context wait schedpolicy schedmix yield nice affinity get set prctl switch usersyscall getrandom",
  futex: "futex mutex peterson dekker fractal race-sched flock lockf lockofd lockmix locka",
  filesystem:
    "access acl chattr chdir chmod chown chroot copy-file dentry dir dirdeep dirmany dup fallocate fcntl fiemap file-ioctl filename filerace fpunch fsize fstat getdent handle hdd inode-flags inotify io link mknod metamix open procfs pty rename readahead revio seek statmount symlink sync-file touch unlink utime verity xattr sysinfo sysfs",
};

/** They refuse to run as root. */
const AS_NOBODY = new Set(["exec", "spawn"]);

/** Why those fail that do; the others' own words say it. */
const reasons: Readonly<Record<string, string>> = {
  fpunch: "it expects FALLOC_FL_ZERO_RANGE, which tmpfs does not have on Linux either",
  swap: "there is no swap: swapon(2) is not there",
};

const args = process.argv.slice(2);
const at = args.indexOf("--seconds");
const seconds = at >= 0 ? Number(args.splice(at, 2)[1]) : 2;

interface Row {
  stressor: string;
  result: "passes" | "skipped" | "fails";
  says: string;
}

async function run(stressor: string): Promise<Row> {
  const machine = await boot({ image: "debian-test", memory: "2g" });
  const command = [
    "stress-ng",
    `--${stressor}`,
    "1",
    "--timeout",
    `${seconds}s`,
    "--verify",
    "--temp-path",
    "/tmp",
    "--oomable",
  ];
  const child = await machine.spawn(command, {
    stdin: "null",
    cwd: "/tmp",
    ...(AS_NOBODY.has(stressor) ? { user: "nobody" } : {}),
  });
  // Late ones are ended with all their children: what they hold open would keep the streams open.
  let isLate = false;
  const late = setTimeout(
    () => {
      isLate = true;
      void machine.exec(["pkill", "-9", "stress-ng"]);
    },
    seconds * 1000 + 60_000,
  );
  const [stdout, stderr, { code, signal }] = await Promise.all([
    child.stdout.text(),
    child.stderr.text(),
    child.exited,
  ]);
  clearTimeout(late);
  const text = stdout + stderr;
  const oops =
    machine.kernel.oopses > 0
      ? machine.kernel.log.records.find((record) => record.text.startsWith("Oops"))?.text
      : undefined;
  await machine.shutdown();
  const lines = text
    .split("\n")
    .filter((line) => /fail|error|skipp|not supported|unrecogni|warn|invalid option|No such/i.test(line))
    .map((line) => line.replace(/^stress-ng: \w+: +\[\d+\] */, ""));
  const says = oops ?? (isLate || signal === "SIGKILL" ? "did not end in time" : (lines[0] ?? `exit code ${code}`));
  const skipped = code === 0 ? /skipped: 1/.test(text) || !/passed: 1/.test(text) : code === 3 || code === 4;
  return {
    stressor,
    result: oops || isLate || (code !== 0 && !skipped) ? "fails" : skipped ? "skipped" : "passes",
    says,
  };
}

const rows = new Map<string, Row>();
if (existsSync(path) && args.length > 0) {
  for (const [, stressor = "", result = "", says = ""] of readFileSync(path, "utf8").matchAll(
    /^\| ([\w-]+) \| (passes|skipped|fails) \| (.*) \|$/gm,
  )) {
    rows.set(stressor, { stressor, result: result as Row["result"], says });
  }
}
const all = Object.entries(classes).flatMap(([, names]) => names.split(" "));
for (const stressor of args.length > 0 ? args : new Set(all)) {
  const row = await run(stressor);
  rows.set(stressor, row);
  process.stderr.write(`${row.result.padEnd(8)} ${stressor}${row.result === "passes" ? "" : `: ${row.says}`}\n`);
}

const lines = [
  "# stress-ng",
  "",
  `Debian 13's stress-ng, run inside with \`--verify\`, one instance for ${seconds} s each. Made by \`node scripts/stress-ng.ts\`.`,
];
for (const [name, names] of Object.entries(classes)) {
  lines.push("", `## ${name}`, "", "| stressor | result | what it says |", "|---|---|---|");
  for (const stressor of names.split(" ")) {
    const row = rows.get(stressor);
    if (row)
      lines.push(
        `| ${stressor} | ${row.result} | ${row.result === "passes" ? "" : (reasons[stressor] ?? row.says).replaceAll("|", "\\|")} |`,
      );
  }
}
writeFileSync(path, `${lines.join("\n")}\n`);
