// mlock and friends: limits, accounting in /proc/self/status, errors.
#include "t.h"
enum { P = 4096 };
static long kb(const char *name) {
  FILE *f = fopen("/proc/self/status", "r");
  char line[256];
  long v = -1;
  size_t n = strlen(name);
  while (fgets(line, sizeof line, f))
    if (!strncmp(line, name, n) && line[n] == ':') v = atol(line + n + 1);
  fclose(f);
  return v;
}
int main(void) {
  char *m = mmap(0, 16 * P, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  T(kb("VmLck"));
  T(mlock(m, 4 * P));
  T(kb("VmLck"));
  T(mlock(m + 2 * P, 4 * P));
  T(kb("VmLck"));
  T(munlock(m + P, P));
  T(kb("VmLck"));
  T(munmap(m, 2 * P));
  T(kb("VmLck"));
  T(mlock(m, P));
  T(munlock(m, P));
  T(mlock(m + 2 * P + 1, 1)); // rounded to the page
  T(kb("VmLck"));
  T(mlock2(m + 8 * P, P, MLOCK_ONFAULT));
  T(mlock2(m + 8 * P, P, 2));
  // Not inherited.
  REAP(CHILD(T(kb("VmLck"))));
  T(munlockall());
  T(kb("VmLck"));
  T(mlockall(0));
  T(mlockall(MCL_ONFAULT));
  T(mlockall(64));
  APART({
    struct rlimit l = {8 * P, 8 * P};
    setrlimit(RLIMIT_MEMLOCK, &l);
    MUST(setresuid(1000, 1000, 1000));
    T(mlock(m + 4 * P, 8 * P));
    T(mlock(m + 12 * P, P));
    T(munlock(m + 4 * P, 8 * P));
    T(mlock(m + 2 * P, 9 * P));
    T(mlockall(MCL_CURRENT));
    void *x = mmap(0, 9 * P, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_LOCKED, -1, 0);
    say("MAP_LOCKED %s\n", x == MAP_FAILED ? err(errno) : "ok");
  });
  APART({
    struct rlimit l = {0, 0};
    setrlimit(RLIMIT_MEMLOCK, &l);
    MUST(setresuid(1000, 1000, 1000));
    T(mlock(m + 4 * P, P));
    T(munlock(m + 4 * P, P));
  });
  return 0;
}
