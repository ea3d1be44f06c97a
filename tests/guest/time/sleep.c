// nanosleep, clock_nanosleep: at least as long as asked, absolute times, errors.
#include "t.h"
int main(void) {
  struct timespec t = {0, 30000000};
  double s = now();
  T(nanosleep(&t, 0));
  CHECK(now() - s >= 30 && now() - s < 5000);
  t = (struct timespec){0, 1000000000};
  T(nanosleep(&t, 0));
  t = (struct timespec){0, -1};
  T(nanosleep(&t, 0));
  t = (struct timespec){-1, 0};
  T(nanosleep(&t, 0));
  t = (struct timespec){0, 0};
  T(nanosleep(&t, 0));
  T(syscall(SYS_nanosleep, 16, 0));
  clock_gettime(CLOCK_MONOTONIC, &t);
  t.tv_nsec += 30000000;
  if (t.tv_nsec >= 1000000000) t.tv_sec++, t.tv_nsec -= 1000000000;
  s = now();
  T(clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, 0));
  CHECK(now() - s >= 25);
  T(clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, 0)); // past
  clock_gettime(CLOCK_REALTIME, &t);
  t.tv_nsec += 20000000;
  if (t.tv_nsec >= 1000000000) t.tv_sec++, t.tv_nsec -= 1000000000;
  T(clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &t, 0));
  t = (struct timespec){0, 1000000};
  say("%s\n", err(clock_nanosleep(99, 0, &t, 0)));
  say("%s\n", err(clock_nanosleep(CLOCK_THREAD_CPUTIME_ID, 0, &t, 0)));
  say("%s\n", err(clock_nanosleep(CLOCK_BOOTTIME, 0, &t, 0)));
  say("%s\n", err(clock_nanosleep(CLOCK_TAI, 0, &t, 0)));
  T(syscall(SYS_clock_nanosleep, CLOCK_MONOTONIC_RAW, 0, &t, 0));
  T(syscall(SYS_clock_nanosleep, CLOCK_MONOTONIC_COARSE, 0, &t, 0));
  T(usleep(1000));
  T(sleep(0));
  // Many short sleeps and many sleepers wake in order.
  s = now();
  for (int i = 0; i < 20; i++) nap(1);
  CHECK(now() - s >= 20);
  int p[2];
  MUST(pipe(p));
  for (int i = 4; i >= 0; i--) CHILD(nap(60 + i * 60); char c = '0' + i; write(p[1], &c, 1));
  while (wait(0) > 0) {
  }
  char b[6] = {0};
  read(p[0], b, 5);
  say("%s\n", b);
  return 0;
}
