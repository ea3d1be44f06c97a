// setitimer, alarm, timer_create: expiry, periods, overruns, what is left, errors.
#include "t.h"
static volatile int hits;
static void handler(int s) { (void)s; hits++; }
int main(void) {
  signal(SIGALRM, handler);
  signal(SIGPROF, handler);
  signal(SIGVTALRM, handler);
  T(alarm(10));
  T(alarm(5) > 8);
  T(alarm(0) > 3);
  T(alarm(0));
  struct itimerval it = {{0, 0}, {0, 20000}}, old;
  T(setitimer(9, &it, 0));
  T(getitimer(9, &old));
  it.it_value.tv_usec = 1000000;
  T(setitimer(ITIMER_REAL, &it, 0));
  it.it_value.tv_usec = -1;
  T(setitimer(ITIMER_REAL, &it, 0));
  it.it_value.tv_usec = 20000;
  double t = now();
  T(setitimer(ITIMER_REAL, &it, 0));
  while (!hits) pause();
  CHECK(now() - t >= 19);
  getitimer(ITIMER_REAL, &old);
  say("after %ld %ld\n", (long)old.it_value.tv_sec, (long)old.it_value.tv_usec);
  // Periodic.
  it.it_interval.tv_usec = 10000;
  hits = 0;
  setitimer(ITIMER_REAL, &it, 0);
  while (hits < 4) pause();
  getitimer(ITIMER_REAL, &old);
  CHECK(old.it_interval.tv_usec == 10000 && old.it_value.tv_usec <= 10000);
  it = (struct itimerval){{0, 0}, {0, 0}};
  T(setitimer(ITIMER_REAL, &it, &old));
  say("interval %ld\n", (long)old.it_interval.tv_usec);
  // alarm and ITIMER_REAL are one.
  alarm(100);
  getitimer(ITIMER_REAL, &old);
  CHECK(old.it_value.tv_sec >= 98);
  alarm(0);
  // CPU timers count only running time.
  hits = 0;
  it.it_value.tv_usec = 20000;
  setitimer(ITIMER_VIRTUAL, &it, 0);
  nap(60);
  say("asleep %d\n", hits);
  while (!hits) {
  }
  say("busy %d\n", hits);
  hits = 0;
  setitimer(ITIMER_PROF, &it, 0);
  while (!hits) {
  }
  say("profile %d\n", hits);
  // POSIX timers.
  timer_t a, b;
  struct sigevent ev = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGRTMIN, .sigev_value.sival_int = 1};
  T(timer_create(99, &ev, &a));
  ev.sigev_signo = 99;
  T(timer_create(CLOCK_MONOTONIC, &ev, &a));
  ev.sigev_signo = SIGRTMIN;
  ev.sigev_notify = 77;
  T(syscall(SYS_timer_create, CLOCK_MONOTONIC, &ev, &a));
  ev.sigev_notify = SIGEV_SIGNAL;
  sigset_t s;
  sigemptyset(&s);
  sigaddset(&s, SIGRTMIN);
  sigprocmask(SIG_BLOCK, &s, 0);
  T(timer_create(CLOCK_MONOTONIC, &ev, &a));
  struct itimerspec its = {{0, 5000000}, {0, 5000000}}, left;
  T(timer_gettime(a, &left));
  say("unarmed %ld %ld\n", (long)left.it_value.tv_sec, left.it_value.tv_nsec);
  T(timer_settime(a, 0, &its, 0));
  nap(60);
  // Blocked meanwhile: one signal, the others counted.
  siginfo_t si;
  CHECK(sigwaitinfo(&s, &si) == SIGRTMIN);
  CHECK(si.si_overrun >= 5);
  CHECK(timer_getoverrun(a) >= 5);
  its = (struct itimerspec){{0, 0}, {0, 0}};
  T(timer_settime(a, 0, &its, &left));
  CHECK(left.it_interval.tv_nsec == 5000000);
  struct timespec zero = {0, 0};
  while (sigtimedwait(&s, 0, &zero) > 0) {
  }
  its.it_value.tv_nsec = 1000000000;
  T(timer_settime(a, 0, &its, 0));
  // Absolute, already past: at once.
  its.it_value = (struct timespec){1, 0};
  T(timer_settime(a, TIMER_ABSTIME, &its, 0));
  CHECK(sigwaitinfo(&s, &si) == SIGRTMIN);
  // SIGEV_NONE can be asked only.
  ev.sigev_notify = SIGEV_NONE;
  T(timer_create(CLOCK_REALTIME, &ev, &b));
  its.it_value = (struct timespec){100, 0};
  timer_settime(b, 0, &its, 0);
  timer_gettime(b, &left);
  CHECK(left.it_value.tv_sec >= 98);
  T(timer_delete(b));
  T(syscall(SYS_timer_delete, 12345));
  T(syscall(SYS_timer_gettime, 12345, &left));
  T(syscall(SYS_timer_getoverrun, 12345));
  T(timer_delete(a));
  while (sigtimedwait(&s, 0, &zero) > 0) {
  }
  sigset_t p;
  // CPU clock of the process.
  ev = (struct sigevent){.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGRTMIN};
  T(timer_create(CLOCK_PROCESS_CPUTIME_ID, &ev, &a));
  its.it_value = (struct timespec){0, 10000000};
  timer_settime(a, 0, &its, 0);
  do sigpending(&p);
  while (!sigismember(&p, SIGRTMIN));
  say("cpu timer\n");
  // Not inherited.
  REAP(CHILD(T(syscall(SYS_timer_gettime, a, &left))));
  return 0;
}
