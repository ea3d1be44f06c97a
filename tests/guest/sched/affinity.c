// sched_setaffinity(2), sched_getaffinity(2): lengths and masks; threads and children inherit.
#include "t.h"
static long set(int pid, unsigned length, const void *mask) { return syscall(SYS_sched_setaffinity, pid, length, mask); }
static long get(int pid, unsigned length, void *mask) { return syscall(SYS_sched_getaffinity, pid, length, mask); }
int main(void) {
  unsigned long mask[64] = {0};
  long size = get(0, sizeof mask, mask);
  CHECK(size >= 8 && size % 8 == 0);
  CHECK(mask[0] & 1);
  T(get(0, 0, mask));
  T(get(0, 7, mask));
  T(get(0, 12, mask));
  T(get(-1, sizeof mask, mask));
  T(get(999999, sizeof mask, mask));
  T(get(0, sizeof mask, (void *)8));
  mask[0] = 1;
  T(set(0, 8, mask));
  mask[0] = 0;
  T(get(0, 8, mask) > 0);
  say("%lu\n", mask[0]);
  mask[0] = 0;
  T(set(0, 8, mask));
  mask[0] = 1UL << 60;
  T(set(0, 8, mask));
  mask[0] = 1UL << 60 | 1;
  T(set(0, 8, mask));
  T(set(0, 0, mask));
  mask[0] = 1;
  T(set(0, 1, mask));
  T(set(999999, 8, mask));
  T(set(-1, 8, mask));
  T(set(0, 8, (void *)8));
  pid_t root = getpid();
  APART(MUST(setresuid(1000, 1000, 1000)); T(set(root, 8, mask)); T(set(0, 8, mask)); T(get(root, 8, mask) > 0));
  T(sched_getcpu());
  return 0;
}
