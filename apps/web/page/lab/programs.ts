// The lab's small programs, put into /root/lab when an exercise is opened.
import type { Machine } from "../../../../src/browser/index.ts";

const programs: Readonly<Record<string, string>> = {
  "kernel.py": `# Reads eight bytes of kernel space: an address that no program may touch.
import ctypes
print("reading address 0xffffffff80000000 ...", flush=True)
print(ctypes.string_at(0xffffffff80000000, 8))
`,
  "crash.py": `# Something is wrong, and the program gives up: abort() sends itself SIGABRT.
import os
os.abort()
`,
  "letter.py": `# One write, and the request that it be on disk before anything goes on.
import os
fd = os.open("/root/letter", os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o644)
os.write(fd, b"dear disk,\\nplease keep this.\\n")
os.fsync(fd)
os.close(fd)
`,
  "fork.py": `# 32 MB of memory, then a copy of the whole process: fork(2).
import os, time
memory = bytearray(32 << 20)
memory[::4096] = b"x" * len(memory[::4096])     # touches every page
print("touched 8192 pages; forking", flush=True)
child = os.fork()
if child == 0:
    time.sleep(5)                               # parent and child share every page now
    memory[::4096] = b"y" * len(memory[::4096]) # writing: the kernel copies each
    print("the child has written to all of them", flush=True)
    time.sleep(2)
else:
    os.wait()
`,
  "pingpong.py": `# Two processes pass a message back and forth. usage: pingpong.py BYTES TOTAL
import os, sys
size, total = int(sys.argv[1]), int(sys.argv[2])
there, back = os.pipe(), os.pipe()
if os.fork() == 0:
    for _ in range(total // size):
        got = 0
        while got < size: got += len(os.read(there[0], size - got))
        os.write(back[1], b"k")
    os._exit(0)
for _ in range(total // size):
    os.write(there[1], b"m" * size)
    os.read(back[0], 1)
os.wait()
print(f"{total} bytes in messages of {size}")
`,
  "bomb.sh": `# A fork bomb: everyone starts two more. It runs in a control group of its own, and only there.
echo $$ > /sys/fs/cgroup/lab/cgroup.procs || exit
bomb() { bomb | bomb & }
bomb
sleep 2
`,
  "hungry.py": `# Takes memory, a megabyte at a time, and never has enough.
import sys
with open("/sys/fs/cgroup/lab/cgroup.procs", "w") as group: group.write("0")
taken = []
while True:
    taken.append(b"x" * (1 << 20))
    print(f"\\r{len(taken)} MB", end="", flush=True)
`,
  "zombie.py": `# A child that ends, and a parent that does not ask what became of it for six seconds.
import os, time
child = os.fork()
if child == 0:
    os._exit(7)
print(f"child {child} has ended; nobody has asked how", flush=True)
time.sleep(6)
print("asked:", os.waitstatus_to_exitcode(os.wait()[1]))
`,
  "race.py": `# Two processes count to 20000 together, in memory that they share. usage: race.py [lock]
import mmap, os, struct, sys
from multiprocessing import Lock
rounds = 10000
page = mmap.mmap(-1, 4096)
lock = Lock()
careful = sys.argv[1:] == ["lock"]

def count():
    for _ in range(rounds):
        if careful: lock.acquire()
        now, = struct.unpack_from("q", page)
        struct.pack_into("q", page, 0, now + 1)
        if careful: lock.release()

child = os.fork()
count()
if child == 0: os._exit(0)
os.wait()
total, = struct.unpack_from("q", page)
print(f"counted to {total} of {2 * rounds}")
sys.exit(0 if total == 2 * rounds else 1)
`,
  "module.py": `# Asks the kernel to take code from outside: finit_module(2), with a file that nobody has signed.
import ctypes, os, sys
with open("/tmp/evil.ko", "wb") as file: file.write(b"\\x7fELF" + b"any code at all" * 100)
fd = os.open("/tmp/evil.ko", os.O_RDONLY)
libc = ctypes.CDLL(None, use_errno=True)
if libc.syscall(273, fd, b"", 0) == 0: sys.exit("the kernel has taken it!")
print("refused:", os.strerror(ctypes.get_errno()))
`,
};

/** Puts the programs of these names in place. */
export async function putPrograms(machine: Machine, ...names: string[]): Promise<void> {
  const there = await machine.fs.list("/root");
  if (!there.includes("lab")) await machine.fs.mkdir("/root/lab");
  for (const name of names) await machine.fs.write(`/root/lab/${name}`, programs[name]!);
}
