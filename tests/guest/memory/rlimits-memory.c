// RLIMIT_AS, DATA, STACK, MEMLOCK and RSS: what counts towards each, and which call says so.
#include "t.h"
#define MB (1 << 20)
static int set(int what, long cur, long max) {
  struct rlimit l = {cur, max};
  return setrlimit(what, &l);
}
static void *anon(long size, int prot, int flags) {
  return mmap(0, size, prot, MAP_PRIVATE | MAP_ANONYMOUS | flags, -1, 0);
}
#define GOT(p) say("%s: %s\n", #p, (void *)(p) == (void *)-1 ? err(errno) : "yes")
static __attribute__((noinline)) int deep(int n) {
  volatile char room[4096];
  room[0] = n;
  return n == 0 ? room[0] : deep(n - 1) + room[0];
}
static long field(const char *name) {
  char line[256];
  long value = -1;
  FILE *f = fopen("/proc/self/status", "r");
  while (fgets(line, sizeof line, f))
    if (strncmp(line, name, strlen(name)) == 0) value = atol(line + strlen(name) + 1);
  fclose(f);
  return value;
}
int main(void) {
  // Everything mapped counts as address space, and growing a mapping does too.
  APART({
    char *m = anon(MB, PROT_READ | PROT_WRITE, 0);
    long size = field("VmSize") * 1024;
    T(set(RLIMIT_AS, size + 4 * MB, size + 4 * MB));
    GOT(mremap(m, MB, 16 * MB, MREMAP_MAYMOVE));
    GOT(mremap(m, MB, 2 * MB, MREMAP_MAYMOVE));
    GOT(sbrk(16 * MB));
    GOT(anon(MB, PROT_NONE, MAP_NORESERVE));
    GOT(anon(8 * MB, PROT_NONE, MAP_NORESERVE));
    GOT(mmap(0, 8 * MB, PROT_READ, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
    // What is there already is not taken away, and a child has the same limit.
    T(set(RLIMIT_AS, MB, size + 4 * MB));
    GOT(anon(4096, PROT_READ, 0));
    say("fork: %s\n", status_text(reap(CHILD(GOT(anon(4096, PROT_READ, 0)); _exit(0)))));
  });
  // Data: private and writable; a page becomes data when it may be written.
  APART({
    long data = field("VmData") * 1024;
    char *grown = anon(MB, PROT_READ | PROT_WRITE, 0);
    char *read_only = anon(16 * MB, PROT_READ, 0);
    T(set(RLIMIT_DATA, data + 5 * MB, data + 5 * MB));
    T(mprotect(read_only, 16 * MB, PROT_READ | PROT_WRITE));
    T(mprotect(read_only, MB, PROT_READ | PROT_WRITE));
    GOT(mremap(grown, MB, 16 * MB, MREMAP_MAYMOVE));
    GOT(mmap(0, 16 * MB, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
    GOT(sbrk(16 * MB));
    GOT(anon(16 * MB, PROT_READ | PROT_WRITE, MAP_NORESERVE));
    GOT(anon(16 * MB, PROT_READ | PROT_WRITE, MAP_GROWSDOWN));
  });
  // The stack: as deep as it says, then SIGSEGV; what was set before exec is what mmap leaves room for.
  APART({
    T(set(RLIMIT_STACK, 512 << 10, RLIM_INFINITY));
    say("shallow: %s\n", status_text(reap(CHILD(_exit(deep(20) & 0)))));
    say("deep: %s\n", status_text(reap(CHILD(_exit(deep(400) & 0)))));
    T(set(RLIMIT_STACK, 4 << 20, RLIM_INFINITY));
    say("deep with more: %s\n", status_text(reap(CHILD(_exit(deep(400) & 0)))));
  });
  // Locked memory.
  APART({
    MUST(setresuid(31341, 31341, 31341));
    char *m = anon(MB, PROT_READ | PROT_WRITE, 0);
    T(set(RLIMIT_MEMLOCK, 64 << 10, 64 << 10));
    T(mlock(m, 64 << 10));
    T(mlock(m, 64 << 10));
    T(mlock(m + (64 << 10), 4096));
    T(mlock(m, 68 << 10));
    GOT(anon(4096, PROT_READ | PROT_WRITE, MAP_LOCKED));
    T(munlock(m, 4096));
    GOT(anon(4096, PROT_READ | PROT_WRITE, MAP_LOCKED));
    GOT(anon(4096, PROT_READ | PROT_WRITE, MAP_LOCKED));
    CHECK(field("VmLck") == 64);
    T(munlockall());
    T(mlock(m, 32 << 10));
    GOT(mremap(m, 32 << 10, 128 << 10, MREMAP_MAYMOVE));
    T(munlockall());
    T(mlockall(MCL_FUTURE));
    GOT(anon(128 << 10, PROT_READ | PROT_WRITE, 0));
    GOT(anon(32 << 10, PROT_READ | PROT_WRITE, 0));
    GOT(sbrk(128 << 10));
    T(mlockall(MCL_CURRENT));
    T(set(RLIMIT_MEMLOCK, 0, 0));
    T(mlock(m, 4096));
    T(mlockall(MCL_FUTURE));
    T(munlock(m, 4096));
  });
  // RSS is a word without a deed since Linux 2.4.
  APART({
    T(set(RLIMIT_RSS, 4096, 4096));
    char *m = anon(4 * MB, PROT_READ | PROT_WRITE, 0);
    memset(m, 1, 4 * MB);
    CHECK(m[MB] == 1);
  });
  return 0;
}
