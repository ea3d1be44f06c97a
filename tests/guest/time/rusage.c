// getrusage, times, clock: user time, children, faults, context switches.
#include "t.h"
#include <sys/times.h>
int main(void) {
  struct rusage u, v, c;
  T(getrusage(99, &u));
  T(getrusage(RUSAGE_SELF, (void *)16));
  T(getrusage(RUSAGE_SELF, &u));
  burn(30);
  getrusage(RUSAGE_SELF, &v);
  double used = (v.ru_utime.tv_sec - u.ru_utime.tv_sec) * 1e3 + (v.ru_utime.tv_usec - u.ru_utime.tv_usec) / 1e3;
  CHECK(used > 5);
  getrusage(RUSAGE_THREAD, &c);
  CHECK(c.ru_utime.tv_sec * 1000000 + c.ru_utime.tv_usec > 5000);
  getrusage(RUSAGE_CHILDREN, &c);
  CHECK(c.ru_utime.tv_sec == 0 && c.ru_utime.tv_usec == 0);
  reap(CHILD(burn(30)));
  getrusage(RUSAGE_CHILDREN, &c);
  CHECK(c.ru_utime.tv_sec * 1000000 + c.ru_utime.tv_usec > 10000);
  // Grandchildren count once their parent has waited for them.
  struct rusage d;
  reap(CHILD(reap(CHILD(burn(30)))));
  getrusage(RUSAGE_CHILDREN, &d);
  CHECK((d.ru_utime.tv_sec - c.ru_utime.tv_sec) * 1000000 + d.ru_utime.tv_usec - c.ru_utime.tv_usec > 10000);
  // Faults.
  getrusage(RUSAGE_SELF, &u);
  char *m = mmap(0, 100 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  madvise(m, 100 * 4096, MADV_NOHUGEPAGE);
  for (int i = 0; i < 100; i++) m[i * 4096] = 1;
  getrusage(RUSAGE_SELF, &v);
  CHECK(v.ru_minflt - u.ru_minflt >= 100);
  CHECK(v.ru_maxrss > 400);
  // Voluntary switches.
  getrusage(RUSAGE_SELF, &u);
  for (int i = 0; i < 10; i++) nap(1);
  getrusage(RUSAGE_SELF, &v);
  CHECK(v.ru_nvcsw - u.ru_nvcsw >= 10);
  struct tms t;
  clock_t a = times(&t);
  CHECK(a != (clock_t)-1);
  CHECK(t.tms_utime >= 2 && t.tms_cutime >= 4);
  CHECK(clock() > 20000);
  nap(50);
  CHECK(times(&t) - a >= 5);
  T(times(0) > 0);
  return 0;
}
