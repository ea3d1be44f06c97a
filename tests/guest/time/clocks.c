// clock_gettime and its kin: which clocks there are, resolution, order, errors.
#include "t.h"
int main(void) {
  struct timespec t, u;
  int good[] = {CLOCK_REALTIME, CLOCK_MONOTONIC, CLOCK_PROCESS_CPUTIME_ID, CLOCK_THREAD_CPUTIME_ID, CLOCK_MONOTONIC_RAW, CLOCK_REALTIME_COARSE,
                CLOCK_MONOTONIC_COARSE, CLOCK_BOOTTIME, CLOCK_TAI};
  for (int i = 0; i < 9; i++) {
    int r = clock_gettime(good[i], &t);
    bool ns = t.tv_nsec >= 0 && t.tv_nsec < 1000000000;
    say("clock %d: %d %d ", good[i], r, ns);
    clock_gettime(good[i], &u);
    say("forward %d\n", u.tv_sec > t.tv_sec || (u.tv_sec == t.tv_sec && u.tv_nsec >= t.tv_nsec));
  }
  clock_getres(CLOCK_MONOTONIC, &t);
  say("resolution %ld %ld\n", (long)t.tv_sec, t.tv_nsec);
  clock_getres(CLOCK_REALTIME, &t);
  say("resolution %ld %ld\n", (long)t.tv_sec, t.tv_nsec);
  clock_getres(CLOCK_PROCESS_CPUTIME_ID, &t);
  say("resolution %ld %ld\n", (long)t.tv_sec, t.tv_nsec);
  T(clock_gettime(99, &t));
  T(syscall(SYS_clock_gettime, CLOCK_REALTIME, 16));
  T(clock_getres(99, &t));
  T(clock_getres(CLOCK_REALTIME, 0));
  t = (struct timespec){0, 1000000000};
  T(clock_settime(CLOCK_REALTIME, &t));
  T(clock_settime(CLOCK_MONOTONIC, &t));
  APART({
    MUST(setresuid(1000, 1000, 1000));
    t.tv_nsec = 0;
    T(clock_settime(CLOCK_REALTIME, &t));
    T(settimeofday(&(struct timeval){5, 0}, 0));
  });
  // The clocks agree with one another.
  struct timeval tv;
  gettimeofday(&tv, 0);
  clock_gettime(CLOCK_REALTIME, &t);
  CHECK(llabs((long long)t.tv_sec - tv.tv_sec) <= 1);
  CHECK(llabs((long long)time(0) - t.tv_sec) <= 1);
  clock_gettime(CLOCK_BOOTTIME, &t);
  clock_gettime(CLOCK_MONOTONIC, &u);
  CHECK(t.tv_sec - u.tv_sec >= 0);
  // Sleeping takes wall time and no CPU time.
  struct timespec c0, c1, m0, m1;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &c0);
  clock_gettime(CLOCK_MONOTONIC, &m0);
  nap(60);
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &c1);
  clock_gettime(CLOCK_MONOTONIC, &m1);
  double wall = (m1.tv_sec - m0.tv_sec) * 1e3 + (m1.tv_nsec - m0.tv_nsec) / 1e6;
  double cpu = (c1.tv_sec - c0.tv_sec) * 1e3 + (c1.tv_nsec - c0.tv_nsec) / 1e6;
  CHECK(wall >= 60);
  CHECK(cpu < 30);
  // Another process's clock.
  clockid_t id;
  T(clock_getcpuclockid(0, &id));
  T(clock_gettime(id, &t));
  say("none: %s\n", err(clock_getcpuclockid(999999, &id)));
  pid_t k = CHILD(burn(20); for (;;) pause());
  until(k, 'S');
  T(clock_getcpuclockid(k, &id));
  T(clock_gettime(id, &t));
  CHECK(t.tv_sec > 0 || t.tv_nsec >= 15000000);
  kill(k, SIGKILL);
  reap(k);
  return 0;
}
