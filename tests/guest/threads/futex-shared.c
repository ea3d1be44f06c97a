// Futexes between processes: shared anonymous memory, a file mapped twice, and not across private copies.
#include "t.h"
#include <linux/futex.h>
static long futex(uint32_t *u, int op, uint32_t v, const void *t) { return syscall(SYS_futex, u, op, v, t, 0, ~0); }
int main(void) {
  uint32_t *m = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  pid_t c = CHILD(_exit(futex(m, FUTEX_WAIT, 0, 0) == 0 ? 1 : 2));
  until(c, 'S');
  nap(5);
  T(futex(m, FUTEX_WAKE, 1, 0));
  REAP(c);
  // The same page of a file at two addresses is one futex.
  int fd = MUST(open("f", O_RDWR | O_CREAT, 0644));
  MUST(ftruncate(fd, 8192));
  uint32_t *x = mmap(0, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  uint32_t *y = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 4096);
  c = CHILD(_exit(futex(x + 1024, FUTEX_WAIT, 0, 0) == 0 ? 1 : 2));
  until(c, 'S');
  nap(5);
  T(futex(x, FUTEX_WAKE, 1, 0));
  T(futex(y, FUTEX_WAKE, 1, 0));
  REAP(c);
  // Private memory after fork is two memories.
  static uint32_t own;
  struct timespec t = {0, 200000000};
  c = CHILD(_exit(futex(&own, FUTEX_WAIT, 0, &t) == -1 && errno == ETIMEDOUT ? 3 : 4));
  until(c, 'S');
  nap(5);
  T(futex(&own, FUTEX_WAKE, 1, 0));
  REAP(c);
  // A private futex on shared memory is not seen by another process.
  c = CHILD(_exit(futex(m, FUTEX_WAIT_PRIVATE, 0, &t) == -1 && errno == ETIMEDOUT ? 3 : 4));
  until(c, 'S');
  nap(5);
  T(futex(m, FUTEX_WAKE_PRIVATE, 1, 0));
  REAP(c);
  // Ping-pong.
  c = CHILD({
    for (uint32_t i = 0; i < 200; i++) {
      while (__atomic_load_n(&m[1], __ATOMIC_SEQ_CST) == i) futex(&m[1], FUTEX_WAIT, i, 0);
      __atomic_store_n(&m[2], i + 1, __ATOMIC_SEQ_CST);
      futex(&m[2], FUTEX_WAKE, 1, 0);
    }
  });
  for (uint32_t i = 0; i < 200; i++) {
    __atomic_store_n(&m[1], i + 1, __ATOMIC_SEQ_CST);
    futex(&m[1], FUTEX_WAKE, 1, 0);
    while (__atomic_load_n(&m[2], __ATOMIC_SEQ_CST) == i) futex(&m[2], FUTEX_WAIT, i, 0);
  }
  REAP(c);
  say("rounds %u\n", m[2]);
  return 0;
}
