// The exercises. Each is an idea, something to run, steps that the machine ticks off, and what to make of it.
import type { Exercise, Seen } from "./exercise.ts";
import { putPrograms } from "./programs.ts";

const SIGABRT = 6;
const SIGKILL = 9;
const SIGSEGV = 11;
const SECOND = 1e9;

const PYTHON = /^python3/;

/** A file's text, "" when it is not there. */
const textOf = (seen: Seen, path: string): Promise<string> => seen.machine.fs.text(path).catch(() => "");

/** A number behind a word in a file of lines: "max 3". */
async function field(seen: Seen, path: string, name: string): Promise<number> {
  return Number(new RegExp(`^${name} (\\d+)$`, "m").exec(await textOf(seen, path))?.[1] ?? 0);
}

/** Have so many seconds passed since the first time this was asked? */
function passed(seen: Seen, note: string, seconds: number): boolean {
  const since = seen.notes.get(note) ?? seen.frame.time;
  seen.notes.set(note, since);
  return seen.frame.time - since >= seconds * SECOND;
}

export const exercises: readonly Exercise[] = [
  {
    id: "kernel-memory",
    title: "Read kernel memory, and be killed",
    before: `<p>Every program here believes that it has all the memory to itself. It has not: the upper half of its
      addresses belongs to the kernel, and no program may read so much as a byte of it. This one tries.</p>
      <p>Look at the gate while it runs: the program appears, and is gone.</p>`,
    tries: ["python3 lab/kernel.py", "ls"],
    steps: [
      {
        text: "A program reads an address of the kernel's, and is killed: signal 11, SIGSEGV.",
        done: (seen) => seen.killed(PYTHON, SIGSEGV),
      },
      { text: "The shell goes on: another program runs and ends well.", done: (seen) => seen.exited(/./, 0) },
    ],
    after: `<p>The processor found no entry for that address in the program's page table, stopped at that very
      instruction, and handed over to the kernel: a <em>page fault</em>. The kernel looked, found that the address is not
      the program's, and sent it SIGSEGV. Nothing was read. Nobody else noticed.</p>
      <p><strong>In production:</strong> a "segmentation fault" means that one program used an address that is not its
      own, mostly through a bug such as a dangling pointer. It is never the machine that is broken. Look for the core file,
      or for the line that the kernel writes into its log (<code>dmesg</code>).</p>`,
    prepare: (machine) => putPrograms(machine, "kernel.py"),
  },
  {
    id: "crash",
    title: "Crash a program, and see the rest go on",
    before: `<p>A program that crashes takes nothing with it but itself. Start something that goes on for a while, then
      crash something else.</p>`,
    tries: ["sleep 60 &", "python3 lab/crash.py"],
    steps: [
      { text: "A program runs in the background.", done: (seen) => seen.process("sleep") !== undefined },
      {
        text: "Another one aborts: signal 6, SIGABRT.",
        done: (seen) => seen.killed(PYTHON, SIGABRT) && seen.process("sleep") !== undefined,
      },
      {
        text: "Two seconds later the first one is still there.",
        done: (seen) => seen.process("sleep") !== undefined && passed(seen, "crash", 2),
      },
    ],
    after: `<p>When a process dies, the kernel closes its files, frees its memory and tells its parent. That is all that
      is shared between processes unless they ask for more, so that is all that can be felt of the crash.</p>
      <p><strong>In production:</strong> run what must not fall together as separate processes, and let something start
      them again: systemd's <code>Restart=on-failure</code>, a supervisor, a container's restart policy. Read the wait
      status: 128 + the signal's number is what a shell shows, here 134.</p>`,
    prepare: (machine) => putPrograms(machine, "crash.py"),
  },
  {
    id: "writes",
    title: "1 MB in 1,000 writes, and in one",
    before: `<p>To write, a program must go through the gate: a <em>system call</em>. Each passage costs something, however
      few bytes it carries. Write the same megabyte twice, and watch the table of system calls.</p>`,
    tries: [
      "dd if=/dev/zero of=/tmp/many bs=1000 count=1000",
      "dd if=/dev/zero of=/tmp/one bs=1000000 count=1",
      "dd if=/dev/zero of=/tmp/worst bs=1 count=100000",
    ],
    steps: [
      {
        text: "A megabyte goes out in a thousand writes or more.",
        done: (seen) => {
          const { calls, bytes } = seen.call("write");
          const small = calls > 0 && bytes / calls < 5000;
          const allCalls = seen.add("calls", small ? calls : 0);
          const allBytes = seen.add("bytes", small ? bytes : 0);
          return allCalls >= 1000 && allBytes >= 1e6;
        },
      },
      {
        text: "A megabyte goes out in a single write.",
        done: (seen) => seen.call("write").largest >= 1e6,
      },
    ],
    after: `<p>The bytes are the same; what differs is how often the gate was passed. Compare the times that
      <code>dd</code> prints. On Linux on a server a write costs some 400 nanoseconds before its first byte is moved.
      The third line, a byte at a time, is what a program does that forgot its buffer.</p>
      <p><strong>In production:</strong> if the doctor says "kernel space" and the write rate is high while the bytes are
      few, the program wants buffering: <code>setvbuf</code>, <code>BufferedWriter</code>, one <code>writev</code> for
      many pieces. It is the cheapest tenfold there is.</p>`,
  },
  {
    id: "ecall",
    title: "Follow one write from ecall to the disk",
    before: `<p>What happens between <code>write()</code> and a disk? This program writes one line and asks that it be
      safe. First read it; then choose the shell in the gate, open its system calls, and run it.</p>`,
    tries: ["cat lab/letter.py", "python3 lab/letter.py", "cat /root/letter"],
    steps: [
      { text: "A program opens a file and writes to it.", done: (seen) => seen.call("fsync").calls > 0 },
      {
        text: "It asked for the bytes to be on disk, and was told that they are.",
        done: (seen) => seen.exited(PYTHON, 0) || seen.exited("cat", 0),
      },
      {
        text: "The letter is in the file.",
        done: async (seen) => (await textOf(seen, "/root/letter")).startsWith("dear disk"),
      },
    ],
    after: `<ol><li>The program puts 64, the number of write, into a register and executes <code>ecall</code>: the one
      door. It is stopped there, and kernel code runs.</li>
      <li>The kernel finds the file behind the descriptor, and checks: may this process write to it? Are the bytes really
      in its own memory?</li>
      <li>It copies them into the <em>page cache</em>, memory that holds parts of files, and answers. The disk has not
      been asked for anything yet: that is why a write is fast, and why a power cut loses it.</li>
      <li><code>fsync</code> is the request to wait until it is really there. Here that is this browser's storage: reload
      the page, and the letter is still there.</li></ol>
      <p><strong>In production:</strong> databases call fsync at each commit, and their speed is the disk's answer to it.
      A program that says "saved" without fsync, or renames a new file over the old one without it, loses data in a power
      cut.</p>`,
    prepare: (machine) => putPrograms(machine, "letter.py"),
  },
  {
    id: "copy-on-write",
    title: "Page faults, and copying when written",
    before: `<p><code>fork</code> makes a second process that has all the memory of the first. Copying it all would take
      long, and mostly for nothing. So the kernel cheats: both see the same pages, marked read-only, and whoever writes
      first gets a copy of that page.</p><p>Watch the page faults in the gate, and choose one of the two
      <code>python3</code> to see its memory.</p>`,
    tries: ["python3 lab/fork.py"],
    steps: [
      {
        text: "A program touches 8,192 pages for the first time: a page fault each.",
        done: (seen) => seen.add("faults", seen.frame.faults) > 8000,
      },
      {
        text: "After fork, two processes share thousands of pages that are to be copied when written.",
        done: async (seen) => {
          const child = seen.process(PYTHON);
          const details = child && (await seen.machine.details(child.pid).catch(() => undefined));
          const shared = details?.areas.reduce((sum, area) => sum + area.copyOnWrite, 0) ?? 0;
          if (shared < 8000) return false;
          seen.notes.set("faults", 0);
          return true;
        },
      },
      {
        text: "The child writes to them, and each is copied.",
        done: (seen) => seen.add("faults", seen.frame.faults) > 8000,
      },
    ],
    after: `<p>The first touch of a page is a fault: the kernel finds a free page, clears it, enters it into the page
      table and lets the program go on, which never knows. The write after fork is a fault of another kind: the page is
      there, but marked. The kernel copies 4,096 bytes and takes the mark away.</p>
      <p><strong>In production:</strong> Redis forks to write its snapshot; if it is written to meanwhile, memory use can
      double. Preforking servers share what they loaded before the fork. "Memory used" summed over processes counts
      shared pages several times: look at PSS in <code>/proc/PID/smaps_rollup</code>.</p>`,
    prepare: (machine) => putPrograms(machine, "fork.py"),
  },
  {
    id: "switches",
    title: "A storm of context switches, and how to calm it",
    before: `<p>Two processes that talk take turns: each message stops one and starts the other. That is a <em>context
      switch</em>. Send 20,000 bytes one at a time, then in one piece, and watch "switches" and "who has the
      processor".</p>`,
    tries: ["python3 lab/pingpong.py 1 20000", "python3 lab/pingpong.py 20000 20000"],
    steps: [
      {
        text: "A storm: more than 2,000 switches in a second.",
        done: (seen) => seen.rate(seen.frame.switches) > 2000,
      },
      {
        text: "The same bytes go over with fewer than a hundred switches.",
        done: (seen) => {
          const ended = seen.exited(PYTHON, 0);
          const running = seen.process(PYTHON) !== undefined || ended;
          const sum = running ? seen.add("switches", seen.frame.switches) : 0;
          if (!running) seen.notes.set("switches", 0);
          const still = seen.process(PYTHON) !== undefined;
          if (ended && !still) seen.notes.set("switches", 0);
          return ended && !still && sum < 100;
        },
      },
    ],
    after: `<p>A switch costs a few microseconds on a server, caches included, and does nothing by itself. A program that
      passes small messages spends its time on them.</p>
      <p><strong>In production:</strong> <code>vmstat 1</code> shows switches in the column <code>cs</code>,
      <code>pidstat -w</code> by process. Voluntary ones (it waits) call for larger messages, batches, fewer locks;
      involuntary ones (it was pushed aside) for fewer runnable threads than you have now.</p>`,
    prepare: (machine) => putPrograms(machine, "pingpong.py"),
  },
  {
    id: "fork-bomb",
    title: "A fork bomb under pids.max",
    before: `<p>A program may start others, and these again others. Without a limit, a mistake in a script fills the
      machine until nobody can even log in to stop it. A <em>control group</em> limits how many processes there may be in
      it.</p>`,
    tries: [
      "cd /sys/fs/cgroup && echo +pids > cgroup.subtree_control; mkdir -p lab && echo 30 > lab/pids.max; cd",
      "bash lab/bomb.sh 2>&1 | head -3",
      "cat /sys/fs/cgroup/lab/pids.events; echo 1 > /sys/fs/cgroup/lab/cgroup.kill",
    ],
    steps: [
      {
        text: "There is a control group in which at most 30 processes may be.",
        done: async (seen) => (await textOf(seen, "/sys/fs/cgroup/lab/pids.max")).trim() === "30",
      },
      {
        text: "The bomb goes off, and the kernel refuses to start more.",
        done: async (seen) => (await field(seen, "/sys/fs/cgroup/lab/pids.events", "max")) > 0,
      },
      {
        text: "One write kills everything in the group.",
        done: async (seen) => (await field(seen, "/sys/fs/cgroup/lab/cgroup.events", "populated")) === 0,
      },
    ],
    after: `<p>From the thirtieth on, <code>clone</code> answered EAGAIN, "resource temporarily unavailable", and
      <code>pids.events</code> counts how often. The terminal beside this stayed usable all the time.
      <code>cgroup.kill</code> is the answer to a bomb that starts new processes faster than you can kill old ones.</p>
      <p><strong>In production:</strong> <code>docker run --pids-limit</code>, Kubernetes' <code>podPidsLimit</code>,
      systemd's <code>TasksMax=</code>. Set it; the default is often "as many as there are numbers".</p>`,
    prepare: (machine) => putPrograms(machine, "bomb.sh"),
  },
  {
    id: "out-of-memory",
    title: "Out of memory, under memory.max",
    before: `<p>This program takes memory and never has enough. A control group gives it 64 MB. What happens when it asks
      for more?</p>`,
    tries: [
      "cd /sys/fs/cgroup && echo +memory > cgroup.subtree_control; mkdir -p lab && echo 64M > lab/memory.max; cd",
      "python3 lab/hungry.py",
      "cat /sys/fs/cgroup/lab/memory.events",
    ],
    steps: [
      {
        text: "There is a control group with at most 64 MB.",
        done: async (seen) => (await textOf(seen, "/sys/fs/cgroup/lab/memory.max")).trim() === "67108864",
      },
      {
        text: "A program in it wants more, and is killed: signal 9, SIGKILL.",
        done: (seen) => seen.killed(PYTHON, SIGKILL),
      },
      {
        text: "The group has counted it.",
        done: async (seen) => (await field(seen, "/sys/fs/cgroup/lab/memory.events", "oom_kill")) > 0,
      },
    ],
    after: `<p>The kernel promises memory when it is asked for, and finds it when it is touched. When the group has no page
      left and nothing can be taken back, there is no one to answer "no" to: the program is in the middle of an
      instruction. So the kernel chooses a process of the group and kills it, the <em>OOM killer</em>, and writes into its
      log what it did.</p>
      <p><strong>In production:</strong> exit code 137 is 128 + 9. If nobody sent that signal, it was this. Look at
      <code>memory.events</code> or <code>dmesg</code>, then raise the limit, or find what grows. Kubernetes says
      "OOMKilled" for the same thing.</p>`,
    prepare: (machine) => putPrograms(machine, "hungry.py"),
  },
  {
    id: "zombie",
    title: "A zombie, and its parent",
    before: `<p>When a process ends, something of it stays: its number, and how it ended, until its parent asks. That is a
      <em>zombie</em>: dead, not yet buried. This parent takes its time.</p>`,
    tries: ["python3 lab/zombie.py &", "ps -o pid,ppid,stat,comm"],
    steps: [
      {
        text: "There is a zombie.",
        done: (seen) => seen.frame.processes.some(({ state, status }) => state === "Z" && status < 0),
      },
      { text: "Its parent asks, ends, and it is gone.", done: (seen) => seen.exited(PYTHON, 0) },
    ],
    after: `<p>The zombie has no memory, no files and runs nothing; it is one entry in a table. It can't be killed, as it
      is dead. It goes when its parent calls <code>wait</code>, or when the parent ends: then process 1 inherits it and
      asks at once.</p>
      <p><strong>In production:</strong> a few zombies are nothing. Thousands are a parent with a bug, and in a container
      mostly a process 1 that never waits: use <code>docker run --init</code> or tini. They count against pids.max.</p>`,
    prepare: (machine) => putPrograms(machine, "zombie.py"),
  },
  {
    id: "race",
    title: "A race, and a futex",
    before: `<p>Two processes share a number and count it up together, 10,000 times each. To add one is to read, to add
      and to write. What if the other comes in between?</p>`,
    tries: ["python3 lab/race.py", "python3 lab/race.py lock"],
    steps: [
      {
        text: "Without a lock, counts are lost: the program ends with code 1.",
        done: (seen) => seen.exited(PYTHON, 1),
      },
      { text: "With a lock, the sum is right: it ends with code 0.", done: (seen) => seen.exited(PYTHON, 0) },
    ],
    after: `<p>One was stopped between its read and its write; the other counted on; then the first wrote its old number
      plus one. A lock lets only one in at a time. Nearly always it is free, and taking it is a single instruction, no
      system call. Only who finds it taken asks the kernel to wait: <code>futex</code>, which you find in the gate's
      table.</p>
      <p><strong>In production:</strong> a race shows seldom, and under load. If the doctor says "waiting, for locks and
      other threads", the lock is the bottleneck: hold it for less, or split what it guards.</p>`,
    prepare: (machine) => putPrograms(machine, "race.py"),
  },
  {
    id: "capabilities",
    title: "Root, capabilities, and what happens without them",
    before: `<p>You are root here: user 0. It seems that root may do everything. But what the kernel asks is not "is this
      root?", it is "has this process the <em>capability</em>?". Root has them all, unless they are taken away.</p>`,
    tries: [
      "touch /tmp/mine; chown 1000 /tmp/mine && echo allowed",
      "setpriv --bounding-set=-all --inh-caps=-all chown 2000 /tmp/mine",
      "setpriv --reuid=65534 --regid=65534 --clear-groups cat /etc/shadow",
    ],
    steps: [
      { text: "Root gives a file to somebody else.", done: (seen) => seen.exited("chown", 0) },
      {
        text: "User 0 without capabilities may not.",
        done: (seen) =>
          seen.ended.some(({ name, uid, status }) => /^(chown|setpriv)$/.test(name) && uid === 0 && status >> 8 === 1),
      },
      {
        text: "Nobody (user 65534) may not read the passwords.",
        done: (seen) =>
          seen.ended.some(({ name, uid, status }) => name === "cat" && uid === 65534 && status >> 8 === 1),
      },
    ],
    after: `<p>There are some forty capabilities: CAP_CHOWN, CAP_NET_ADMIN, CAP_SYS_MODULE and so on, each a piece of what
      root once was. The second command was still user 0, and was refused with EPERM.</p>
      <p><strong>In production:</strong> run services as users of their own, and drop all capabilities but those needed:
      <code>docker run --cap-drop ALL --cap-add NET_BIND_SERVICE</code>, systemd's
      <code>CapabilityBoundingSet=</code>. What a break-in can't do, it can't do.</p>`,
  },
  {
    id: "module",
    title: "Load an unsigned module, and be refused",
    before: `<p>Code in the kernel can do everything: read every process, change every file, hide itself. So the kernel
      takes code only from those it trusts. You are root; hand it a module that nobody has signed.</p>`,
    tries: ["python3 lab/module.py", "dmesg | tail -5"],
    steps: [
      {
        text: "Somebody asks the kernel to load a module, and is refused.",
        done: (seen) => seen.call("finit_module").errors > 0 || seen.call("init_module").errors > 0,
      },
      {
        text: "No module is loaded.",
        done: async (seen) => (await textOf(seen, "/proc/modules")).trim() === "",
      },
    ],
    after: `<p>Being root is not enough: a module must be whole, made for this kernel, and signed with a key that the kernel
      knows. Otherwise a break-in as root would be a break-in into the kernel itself, with no way back but to install
      anew.</p>
      <p><strong>In production:</strong> Secure Boot and <code>lockdown</code> switch this on; <code>sysctl
      kernel.modules_disabled=1</code> closes the door for good once everything is loaded. "Required key not available"
      after an update of a driver is this check at work: sign the driver, don't switch off the check.</p>`,
    prepare: (machine) => putPrograms(machine, "module.py"),
  },
  {
    id: "panic",
    title: "Panic the kernel, and read its crash report",
    before: `<p>A program that crashes takes only itself. When the kernel finds that its own state is wrong, it can't know
      what to trust any more, not even the files: it stops everything. That is a <em>panic</em>. Root can ask for one.</p>
      <p>The machine will be dead; what you have written is kept, and it can be started again.</p>`,
    tries: ["sync", "echo c > /proc/sysrq-trigger"],
    steps: [
      { text: "Everything that was written is on disk.", done: (seen) => seen.call("sync").calls > 0 },
      { text: "The kernel panics.", ends: "panic" },
    ],
    after: `<p>The report says what happened, in which task, what led there, and what to do next. That is all that is left
      of the machine, so it is worth reading from the top.</p>
      <p><strong>In production:</strong> have it kept: kdump, pstore, a serial console. Set <code>kernel.panic=10</code>, so
      that a server comes back by itself. A single panic after an update is the update; a panic at random places is mostly
      memory or power.</p>`,
  },
];
