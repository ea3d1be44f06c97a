// proc_sys_vm(5), vm.overcommit_memory: what is promised is counted exactly (Committed_AS), and what may be promised in
// each of the three modes.
#include "../cgroup/cgroup.h"
#define MB (1L << 20)

static long meminfo(const char *name) {
  char line[256];
  long value = -1;
  FILE *f = fopen("/proc/meminfo", "r");
  while (fgets(line, sizeof line, f))
    if (!strncmp(line, name, strlen(name)) && line[strlen(name)] == ':') value = atol(line + strlen(name) + 1);
  fclose(f);
  return value * 1024;
}
static char *get_map(long size, int prot, int flags) { return mmap(0, size, prot, MAP_ANONYMOUS | flags, -1, 0); }
static bool may(long size, int prot, int flags) {
  char *m = get_map(size, prot, flags);
  if (m == MAP_FAILED) return false;
  munmap(m, size);
  return true;
}
static long before;
// How much more is promised than when it was last asked.
static long more(void) {
  long now = meminfo("Committed_AS"), difference = now - before;
  before = now;
  return difference;
}
static void mode(const char *text) { CHECK(set("/proc/sys/vm/overcommit_memory", text) == 0); }

int main(void) {
  enum { RW = PROT_READ | PROT_WRITE, P = MAP_PRIVATE, S = MAP_SHARED };
  more();
  CHECK(more() == 0);
  char *m = get_map(64 * MB, RW, P);
  CHECK(more() == 64 * MB);
  MUST(munmap(m + 16 * MB, 16 * MB));
  CHECK(more() == -16 * MB);
  MUST(mmap(m, 8 * MB, RW, P | MAP_ANONYMOUS | MAP_FIXED, -1, 0));
  CHECK(more() == 0);
  MUST(mprotect(m, 8 * MB, PROT_READ));
  CHECK(more() == 0);
  MUST(munmap(m, 64 * MB));
  CHECK(more() == -48 * MB);
  m = get_map(32 * MB, PROT_READ, P);
  CHECK(more() == 0);
  MUST(mprotect(m, 16 * MB, RW));
  CHECK(more() == 16 * MB);
  MUST(mprotect(m, 16 * MB, PROT_NONE)), MUST(mprotect(m, 16 * MB, RW));
  CHECK(more() == 0);
  MUST(munmap(m, 32 * MB));
  CHECK(more() == -16 * MB);
  m = get_map(MB, RW, P);
  m = mremap(m, MB, 32 * MB, MREMAP_MAYMOVE);
  CHECK(more() == 32 * MB);
  m = mremap(m, 32 * MB, 2 * MB, MREMAP_MAYMOVE);
  CHECK(more() == -30 * MB);
  m = mremap(m, 2 * MB, 2 * MB, MREMAP_MAYMOVE | MREMAP_FIXED, get_map(4 * MB, PROT_NONE, P));
  CHECK(more() == 0);
  MUST(munmap(m, 4 * MB));
  CHECK(more() == -2 * MB);
  m = get_map(16 * MB, RW, S);
  CHECK(more() == 16 * MB);
  APART(CHECK(meminfo("Committed_AS") - before < 4 * MB));
  MUST(munmap(m, 16 * MB));
  CHECK(more() == -16 * MB);
  m = get_map(16 * MB, RW, P | MAP_NORESERVE);
  CHECK(more() == 0);
  MUST(munmap(m, 16 * MB));
  sbrk(4 * MB);
  CHECK(more() == 4 * MB);
  sbrk(-4 * MB);
  CHECK(more() == -4 * MB);
  m = get_map(16 * MB, RW, P);
  more();
  APART(long twice = meminfo("Committed_AS") - before; CHECK(twice >= 16 * MB && twice < 20 * MB));
  CHECK(more() == 0);
  MUST(munmap(m, 16 * MB));

  // 0: what could never be had is refused, and nothing else.
  long all = meminfo("MemTotal") + meminfo("SwapTotal");
  CHECK(!may(all + MB, RW, P)), CHECK(may(all + MB, RW, P | MAP_NORESERVE)), CHECK(may(all + MB, PROT_READ, P));
  CHECK(!may(all + MB, RW, S));
  char *one = get_map(all / 4 * 3, RW, P), *two = get_map(all / 4 * 3, RW, P);
  CHECK(one != MAP_FAILED && two != MAP_FAILED);
  MUST(munmap(one, all / 4 * 3)), MUST(munmap(two, all / 4 * 3));
  // 1: everything goes.
  mode("1");
  CHECK(may(4 * all, RW, P)), CHECK(may(4 * all, RW, S));
  // 2: no more than CommitLimit, MAP_NORESERVE or not.
  CHECK(set("/proc/sys/vm/overcommit_ratio", "50") == 0);
  long limit = meminfo("CommitLimit");
  CHECK(labs(limit - (meminfo("MemTotal") / 2 + meminfo("SwapTotal"))) < MB);
  mode("2");
  long left = limit - meminfo("Committed_AS");
  CHECK(may(left - 16 * MB, RW, P)), CHECK(!may(left + MB, RW, P)), CHECK(!may(left + MB, RW, P | MAP_NORESERVE));
  CHECK(!may(left + MB, RW, S)), CHECK(may(left + MB, PROT_READ, P));
  m = get_map(left + MB, PROT_READ, P);
  errno = 0;
  CHECK(mprotect(m, left + MB, RW) == -1 && errno == ENOMEM);
  MUST(munmap(m, left + MB));
  m = get_map(left / 3 * 2, RW, P);
  CHECK(m != MAP_FAILED);
  errno = 0;
  CHECK(fork() == -1 && errno == ENOMEM);
  MUST(munmap(m, left / 3 * 2));
  CHECK(set("/proc/sys/vm/overcommit_kbytes", "65536") == 0);
  CHECK(meminfo("CommitLimit") == 64 * MB + meminfo("SwapTotal"));
  CHECK(set("/proc/sys/vm/overcommit_kbytes", "0") == 0);
  mode("0");
  CHECK(set("/proc/sys/vm/overcommit_memory", "3") == EINVAL);
  return 0;
}
