// A tracer reads and writes its tracee's memory whatever its protection; what is private stays so.
#include "ptrace/p.h"

static long word = 0x1122334455667788;

static void peek(const char *what, pid_t pid, void *at) {
  errno = 0;
  long value = ptrace(PTRACE_PEEKDATA, pid, at, 0);
  if (errno) say("peek %s: %s\n", what, err(errno));
  else say("peek %s: %#lx\n", what, value);
}
static void poke(const char *what, pid_t pid, void *at, long value) {
  errno = 0;
  ptrace(PTRACE_POKEDATA, pid, at, value);
  say("poke %s: %s\n", what, err(errno));
}

int main(void) {
  put("file", "the content of a file, longer than one word or two");
  int fd = MUST(open("file", O_RDONLY));
  int rw = MUST(open("file", O_RDWR));
  char *anon = mmap(0, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  strcpy(anon + 4092, "straddling the pages");
  char *none = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  strcpy(none, "no access");
  mprotect(none, 4096, PROT_NONE);
  char *untouched = mmap(0, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  char *private = mmap(0, 4096, PROT_READ, MAP_PRIVATE, fd, 0);
  char *exec = mmap(0, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0);
  char *shared = mmap(0, 4096, PROT_READ, MAP_SHARED, fd, 0);
  char *sharedrw = mmap(0, 4096, PROT_READ, MAP_SHARED, rw, 0);
  char *writable = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, rw, 0);
  char *hole = mmap(0, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  munmap(hole + 4096, 4096);
  char *behind = mmap(0, 8192, PROT_READ, MAP_PRIVATE, fd, 0) + 4096;

  pid_t pid = TRACED({
    say("child: %#lx %.8s %.8s\n", word, private, anon + 4092);
    raise(SIGSTOP);
    say("child: %.8s\n", exec);
  });
  peek("data", pid, &word);
  poke("data", pid, &word, 0x99);
  peek("data", pid, &word);
  say("ours: %#lx\n", word);
  peek("over pages", pid, anon + 4092);
  poke("over pages", pid, anon + 4092, 0x4141414141414141);
  peek("no access", pid, none);
  poke("no access", pid, none, 0x42);
  peek("no access", pid, none);
  peek("untouched", pid, untouched);
  poke("untouched", pid, untouched, 0x43);
  peek("untouched", pid, untouched);
  peek("private", pid, private);
  poke("private", pid, private, 0x6162636465666768);
  peek("private", pid, private);
  say("ours %.8s\n", private);
  print_file("file");
  poke("code", pid, exec, 0x6162636465666768);
  say("ours %.8s\n", exec);
  peek("shared", pid, shared);
  poke("shared", pid, shared, 0x44);
  poke("shared, opened for writing", pid, sharedrw, 0x44);
  poke("shared and writable", pid, writable, 0x4847464544434241);
  print_file("file");
  peek("hole", pid, hole + 4092);
  poke("hole", pid, hole + 4092, 1);
  peek("null", pid, 0);
  peek("wild", pid, (void *)0xfffffffffffffff0);
  peek("behind the file", pid, behind);

  char path[64];
  snprintf(path, sizeof path, "/proc/%d/mem", pid);
  int mem = MUST(open(path, O_RDWR));
  char bytes[16] = "";
  T(pread(mem, bytes, 8, (long)none));
  T(pwrite(mem, "mem", 4, (long)none));
  T(pread(mem, bytes, 8, (long)none));
  print_bytes("bytes", bytes, 4);
  T(pwrite(mem, "private!", 8, (long)private));
  T(pwrite(mem, "shared!", 8, (long)shared));
  T(pread(mem, bytes, 8, (long)hole + 4092));
  T(pread(mem, bytes, 8, (long)hole + 4096));
  T(pread(mem, bytes, 8, 0));

  struct iovec here = {bytes, 8};
  struct iovec there = {none, 8};
  T(process_vm_readv(pid, &here, 1, &there, 1, 0));
  there.iov_base = private;
  T(process_vm_readv(pid, &here, 1, &there, 1, 0));
  print_bytes("bytes", bytes, 8);
  T(process_vm_writev(pid, &here, 1, &there, 1, 0));
  there.iov_base = &word;
  T(process_vm_writev(pid, &here, 1, &there, 1, 0));
  peek("data", pid, &word);
  go(pid, 0);
  next("child", pid);
  go(pid, 0);
  next("child", pid);
  T(pread(mem, bytes, 8, (long)&word));
  return 0;
}
