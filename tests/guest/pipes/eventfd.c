// eventfd(2): counting, semaphore mode, limits, blocking.
#include "t.h"
#include <sys/eventfd.h>
int main(void) {
  T(eventfd(0, 0x100));
  int e = MUST(eventfd(3, EFD_NONBLOCK | EFD_CLOEXEC));
  uint64_t v = 0;
  T(read(e, &v, 8));
  say("%lu\n", (long)v);
  T(read(e, &v, 8));
  T(read(e, &v, 7));
  T(write(e, &v, 7));
  v = 5;
  T(write(e, &v, 8));
  T(write(e, &v, 16));
  uint64_t two[2] = {0, 9};
  T(read(e, two, 16));
  say("%lu %lu\n", (long)two[0], (long)two[1]);
  v = UINT64_MAX;
  T(write(e, &v, 8));
  v = UINT64_MAX - 1;
  T(write(e, &v, 8));
  v = 1;
  T(write(e, &v, 8));
  v = 0;
  T(write(e, &v, 8));
  T(read(e, &v, 8));
  CHECK(v == UINT64_MAX - 1);
  T(lseek(e, 0, SEEK_SET));
  T(pread(e, &v, 8, 0));
  int s = MUST(eventfd(2, EFD_SEMAPHORE | EFD_NONBLOCK));
  for (int i = 0; i < 3; i++) {
    v = 99;
    long r = read(s, &v, 8);
    say("%ld %lu\n", r, (long)v);
  }
  int b = MUST(eventfd(0, 0));
  pid_t me = getpid();
  pid_t c = CHILD(until(me, 'S'); v = 7; write(b, &v, 8));
  T(read(b, &v, 8));
  say("%lu\n", (long)v);
  REAP(c);
  v = UINT64_MAX - 1;
  write(b, &v, 8);
  c = CHILD(until(me, 'S'); read(b, &v, 8); _exit(v == UINT64_MAX - 1));
  v = 3;
  T(write(b, &v, 8));
  REAP(c);
  T(read(b, &v, 8));
  say("%lu\n", (long)v);
  char path[40], text[64] = {0};
  sprintf(path, "/proc/self/fd/%d", b);
  readlink(path, text, 63);
  say("%s\n", text);
  eventfd_write(b, 1);
  T(read(b, (void *)16, 8));
  return 0;
}
