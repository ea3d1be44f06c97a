// cgroups(7), the memory controller: what is charged and given back, limits with and without swap, throttling, protection,
// the OOM killer's choice, events, peaks, reclaim on request.
#include "../cgroup/cgroup.h"
#define MB (1L << 20)
#define PAGE 4096

static long number(const char *file) { return atol(get(file)); }
static long field(const char *file, const char *name) {
  char text[4096], key[64];
  snprintf(text, sizeof text, "|%s", get(file));
  snprintf(key, sizeof key, "|%s ", name);
  char *at = strstr(text, key);
  return at ? atol(at + strlen(key)) : -1;
}
static bool about(long value, long wanted) {
  if (labs(value - wanted) <= MB / 2) return true;
  say("%ld is not about %ld\n", value, wanted);
  return false;
}
static void fill(char *m, long size, int seed) {
  for (long i = 0; i < size; i += PAGE) *(long *)(m + i) = i * 31 + seed;
}
static long wrong(char *m, long size, int seed) {
  long bad = 0;
  for (long i = 0; i < size; i += PAGE) bad += *(long *)(m + i) != i * 31 + seed;
  return bad;
}
static char *anon(long size, int flags) {
  return mmap(0, size, PROT_READ | PROT_WRITE, flags | MAP_ANONYMOUS, -1, 0);
}
// A process in a group that has so much memory and then waits.
static pid_t holder(const char *procs, long size, int adjust) {
  gate ready = gate_new();
  pid_t pid = CHILD({
    char text[16];
    snprintf(text, sizeof text, "%d", adjust);
    set("/proc/self/oom_score_adj", text);
    set_pid(procs, getpid());
    fill(anon(size, MAP_PRIVATE), size, 1);
    gate_open(ready);
    for (;;) pause();
  });
  gate_wait(ready);
  return pid;
}

int main(void) {
  cgroup_begin();
  CHECK(set("cgroup.subtree_control", "+memory") == 0);
  MUST(mkdir("a", 0755)), MUST(mkdir("b", 0755));

  // Numbers: bytes in whole pages, suffixes, "max".
  CHECK(!strcmp(get("a/memory.max"), "max|")), CHECK(!strcmp(get("a/memory.low"), "0|"));
  CHECK(set("a/memory.max", "x") == EINVAL), CHECK(set("a/memory.max", "-1") == EINVAL), CHECK(set("a/memory.max", "1Q") == EINVAL);
  CHECK(set("a/memory.max", "64M") == 0), CHECK(number("a/memory.max") == 64 * MB);
  CHECK(set("a/memory.max", "100000") == 0), CHECK(number("a/memory.max") == 24 * PAGE);
  CHECK(set("a/memory.max", "max") == 0), CHECK(set("a/memory.oom.group", "2") == EINVAL);
  CHECK(!strcmp(get("a/memory.events"), "low 0|high 0|max 0|oom 0|oom_kill 0|oom_group_kill 0|"));
  CHECK(!strcmp(get("a/memory.swap.events"), "high 0|max 0|fail 0|"));
  CHECK(number("a/memory.current") == 0);

  // Charged when touched, to whoever touches; given back.
  APART({
    set_pid("a/cgroup.procs", getpid());
    char *m = anon(16 * MB, MAP_PRIVATE);
    CHECK(number("a/memory.current") < MB);
    fill(m, 8 * MB, 1);
    CHECK(about(number("a/memory.current"), 8 * MB)), CHECK(about(field("a/memory.stat", "anon"), 8 * MB));
    // Copies after fork are the copier's; pages that are only looked at are shared.
    long before = number("a/memory.current");
    APART({
      CHECK(wrong(m, 8 * MB, 1) == 0);
      CHECK(about(number("a/memory.current"), before));
      fill(m, 4 * MB, 2);
      CHECK(about(number("a/memory.current"), before + 4 * MB));
    });
    CHECK(about(number("a/memory.current"), before));
    MUST(munmap(m, 8 * MB));
    CHECK(about(number("a/memory.current"), 0));
    // Files in memory, and shared memory.
    int fd = MUST(memfd_create("f", 0));
    char block[65536];
    memset(block, 7, sizeof block);
    for (int i = 0; i < 64; i++) MUST(write(fd, block, sizeof block));
    CHECK(about(field("a/memory.stat", "shmem"), 4 * MB)), CHECK(about(field("a/memory.stat", "file"), 4 * MB));
    close(fd);
    CHECK(about(number("a/memory.current"), 0));
    m = anon(4 * MB, MAP_SHARED);
    fill(m, 4 * MB, 1);
    CHECK(about(field("a/memory.stat", "shmem"), 4 * MB));
    CHECK(field("a/memory.stat", "kernel_stack") == 16384), CHECK(field("a/memory.stat", "pagetables") > 0);
  });
  // What is left are pages of the program's own file.
  CHECK(about(number("a/memory.current"), 0)), CHECK(number("a/memory.peak") >= 12 * MB);

  // The peak of one open file starts anew.
  int peak = MUST(open("a/memory.peak", O_RDWR));
  MUST(write(peak, "r", 1));
  holder("a/cgroup.procs", 2 * MB, 0);
  char text[64] = "";
  MUST(pread(peak, text, sizeof text - 1, 0));
  CHECK(about(atol(text), 2 * MB)), CHECK(number("a/memory.peak") >= 12 * MB);
  close(peak);
  CHECK(set("a/cgroup.kill", "1") == 0), CHECK(holds("a/cgroup.events", "populated 0"));
  while (wait(0) > 0) {
  }

  // At memory.max the rest goes to swap, and is right when it comes back.
  CHECK(set("a/memory.max", "6M") == 0);
  APART({
    set_pid("a/cgroup.procs", getpid());
    char *m = anon(16 * MB, MAP_PRIVATE), *s = anon(4 * MB, MAP_SHARED);
    fill(m, 16 * MB, 3), fill(s, 4 * MB, 4);
    CHECK(number("a/memory.current") <= 6 * MB), CHECK(number("a/memory.swap.current") >= 12 * MB);
    CHECK(wrong(m, 16 * MB, 3) == 0), CHECK(wrong(s, 4 * MB, 4) == 0);
    APART(CHECK(wrong(m, 16 * MB, 3) == 0); fill(s, 4 * MB, 5); CHECK(number("a/memory.current") <= 6 * MB));
    CHECK(wrong(s, 4 * MB, 5) == 0), CHECK(wrong(m, 16 * MB, 3) == 0);
    MUST(munmap(m, 16 * MB));
    CHECK(number("a/memory.swap.current") <= 5 * MB);
  });
  CHECK(field("a/memory.events", "max") > 0), CHECK(field("a/memory.events", "oom") == 0);
  CHECK(number("a/memory.swap.current") == 0), CHECK(number("a/memory.current") == 0);
  CHECK(number("a/memory.swap.peak") >= 12 * MB);

  // Without swap somebody dies: the one that has most. The group above is told, too.
  CHECK(set("a/memory.swap.max", "0") == 0);
  long kills = field("a/memory.events", "oom_kill");
  pid_t small = holder("a/cgroup.procs", MB, 0);
  int status = reap(CHILD({
    set_pid("a/cgroup.procs", getpid());
    fill(anon(8 * MB, MAP_PRIVATE), 8 * MB, 1);
    _exit(0);
  }));
  CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL), CHECK(kill(small, 0) == 0 && waitpid(small, 0, WNOHANG) == 0);
  CHECK(field("a/memory.events", "oom_kill") == kills + 1), CHECK(field("a/memory.events", "oom") >= 1);
  CHECK(field("memory.events", "oom_kill") >= kills + 1);
  // oom_score_adj moves the choice to another.
  pid_t victim = holder("a/cgroup.procs", 2 * MB, 1000);
  status = reap(CHILD({
    set_pid("a/cgroup.procs", getpid());
    fill(anon(4 * MB, MAP_PRIVATE), 4 * MB, 1);
    _exit(0);
  }));
  CHECK(WIFEXITED(status)), CHECK(WTERMSIG(reap(victim)) == SIGKILL);
  end(small);

  // What was given up with MADV_FREE goes first, and reads as zeros then; what was not needed is still there.
  APART({
    set_pid("a/cgroup.procs", getpid());
    char *m = anon(4 * MB, MAP_PRIVATE);
    fill(m, 4 * MB, 1);
    MUST(madvise(m, 4 * MB, MADV_FREE));
    fill(m, MB, 2);
    fill(anon(3 * MB, MAP_PRIVATE), 3 * MB, 3);
    CHECK(wrong(m, MB, 2) == 0);
    unsigned char there[1024];
    MUST(mincore(m, 4 * MB, there));
    int kept = 0;
    while (kept < 256 && there[kept] == 1) kept++;
    CHECK(kept == 256), CHECK(memchr(there + 256, 0, 768) != 0);
  });

  // memory.oom.group: all of them or none.
  CHECK(set("a/memory.oom.group", "1") == 0);
  pid_t one = holder("a/cgroup.procs", MB, 0), two = holder("a/cgroup.procs", MB, 0), out = holder("b/cgroup.procs", MB, 0);
  status = reap(CHILD({
    set_pid("a/cgroup.procs", getpid());
    fill(anon(8 * MB, MAP_PRIVATE), 8 * MB, 1);
    _exit(0);
  }));
  CHECK(WTERMSIG(status) == SIGKILL), CHECK(WTERMSIG(reap(one)) == SIGKILL), CHECK(WTERMSIG(reap(two)) == SIGKILL);
  CHECK(waitpid(out, 0, WNOHANG) == 0), CHECK(field("a/memory.events", "oom_group_kill") == 1);
  CHECK(number("a/memory.current") == 0);
  end(out);
  CHECK(set("a/memory.oom.group", "0") == 0);

  // A limit that is lowered takes effect at once.
  CHECK(set("a/memory.swap.max", "max") == 0), CHECK(set("a/memory.max", "max") == 0);
  one = holder("a/cgroup.procs", 8 * MB, 0);
  CHECK(set("a/memory.max", "4M") == 0), CHECK(number("a/memory.current") <= 4 * MB);
  CHECK(number("a/memory.swap.current") >= 3 * MB);
  CHECK(set("a/memory.max", "max") == 0);
  // Reclaim on request, as much as there is.
  CHECK(set("a/memory.reclaim", "x") == EINVAL), CHECK(set("a/memory.reclaim", "1M swappiness=201") == EINVAL);
  long had = number("a/memory.current");
  CHECK(set("a/memory.reclaim", "2M") == 0), CHECK(number("a/memory.current") <= had - 2 * MB);
  CHECK(set("a/memory.reclaim", "64M") == EAGAIN);
  end(one);
  CHECK(number("a/memory.swap.current") == 0);

  // memory.high slows down, and kills nobody.
  CHECK(set("a/memory.high", "16M") == 0), CHECK(set("a/memory.swap.max", "0") == 0);
  double start = now();
  status = reap(CHILD({
    set_pid("a/cgroup.procs", getpid());
    char *m = anon(17 * MB, MAP_PRIVATE);
    fill(m, 17 * MB, 1);
    CHECK(wrong(m, 17 * MB, 1) == 0);
    CHECK(number("a/memory.current") > 16 * MB);
  }));
  CHECK(WIFEXITED(status)), CHECK(now() - start > 500), CHECK(field("a/memory.events", "high") > 0);
  char *stalled = strstr(get("a/memory.pressure"), "total=");
  CHECK(stalled && atol(stalled + 6) > 400000);
  CHECK(set("a/memory.high", "max") == 0);
  // A task that rests can be killed.
  CHECK(set("a/memory.high", "1M") == 0);
  pid_t slow = CHILD(set_pid("a/cgroup.procs", getpid()); fill(anon(32 * MB, MAP_PRIVATE), 32 * MB, 1); _exit(0));
  nap(300);
  start = now();
  kill(slow, SIGKILL);
  CHECK(WTERMSIG(reap(slow)) == SIGKILL), CHECK(now() - start < 500);
  CHECK(set("a/memory.high", "max") == 0), CHECK(set("a/memory.swap.max", "max") == 0);

  // Protection: what is below memory.low stays while its neighbour has pages.
  MUST(mkdir("p", 0755));
  CHECK(set("p/cgroup.subtree_control", "+memory") == 0);
  MUST(mkdir("p/kept", 0755)), MUST(mkdir("p/other", 0755));
  CHECK(set("p/memory.low", "6M") == 0), CHECK(set("p/kept/memory.low", "6M") == 0);
  one = holder("p/kept/cgroup.procs", 4 * MB, 0);
  two = holder("p/other/cgroup.procs", 8 * MB, 0);
  CHECK(set("p/memory.max", "8M") == 0);
  CHECK(number("p/kept/memory.current") >= 4 * MB), CHECK(number("p/kept/memory.swap.current") == 0);
  CHECK(number("p/other/memory.swap.current") >= 3 * MB), CHECK(field("p/kept/memory.events", "low") == 0);
  CHECK(set("p/memory.max", "2M") == 0);
  CHECK(number("p/kept/memory.swap.current") > 0), CHECK(field("p/kept/memory.events", "low") > 0);
  CHECK(set("p/memory.max", "max") == 0);
  // A limit above counts what is below; the events go up, the local ones stay.
  CHECK(set("p/memory.max", "10M") == 0);
  long local = field("p/other/memory.events.local", "max");
  APART(set_pid("p/other/cgroup.procs", getpid()); fill(anon(12 * MB, MAP_PRIVATE), 12 * MB, 1));
  CHECK(number("p/memory.current") <= 10 * MB), CHECK(field("p/memory.events", "max") > 0);
  CHECK(field("p/other/memory.events.local", "max") == local);
  end(one), end(two);

  // Pages of a group that is gone are its parent's.
  int shared = MUST(memfd_create("left", 0));
  MUST(ftruncate(shared, 2 * MB));
  char *left = mmap(0, 2 * MB, PROT_READ | PROT_WRITE, MAP_SHARED, shared, 0);
  APART(set_pid("p/other/cgroup.procs", getpid()); fill(left, 2 * MB, 9));
  CHECK(about(number("p/other/memory.current"), 2 * MB));
  CHECK(rmdir("p/other") == 0), CHECK(about(number("p/memory.current"), 2 * MB));
  CHECK(wrong(left, 2 * MB, 9) == 0);
  munmap(left, 2 * MB), close(shared);
  CHECK(number("p/memory.current") == 0);

  // Pollers are told.
  int events = MUST(open("b/memory.events", O_RDONLY));
  MUST(read(events, text, sizeof text));
  CHECK(set("b/memory.max", "1M") == 0), CHECK(set("b/memory.swap.max", "0") == 0);
  APART(reap(CHILD(set_pid("b/cgroup.procs", getpid()); fill(anon(4 * MB, MAP_PRIVATE), 4 * MB, 1))));
  struct pollfd p = {events, POLLPRI, 0};
  CHECK(poll(&p, 1, 2000) == 1 && (p.revents & POLLPRI));
  CHECK(rmdir("p/kept") == 0), CHECK(rmdir("p") == 0), CHECK(rmdir("a") == 0), CHECK(rmdir("b") == 0);
  return 0;
}
