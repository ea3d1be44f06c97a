// mask: tv_(sec|nsec|usec)=\d+
#include "s.h"
static void handler(int s) { (void)s; }
int main(void) {
  struct sigaction a = {.sa_handler = handler};
  int p[2];
  BEGIN();
  sigaction(SIGALRM, &a, NULL);
  pipe2(p, 0);
  struct itimerval t = {{0, 0}, {0, 50000}};
  char b[4];
  call(setitimer, ITIMER_REAL, &t, NULL);
  call(read, p[0], b, 4);
  a.sa_flags = SA_RESTART;
  sigaction(SIGALRM, &a, NULL);
  t.it_interval.tv_usec = 30000;
  call(setitimer, ITIMER_REAL, &t, NULL);
  struct timespec s = {5, 0};
  call(clock_nanosleep, CLOCK_MONOTONIC, 0, &s, &s);
  call(nanosleep, &s, &s);
  struct pollfd f = {p[0], POLLIN, 0};
  call(ppoll, &f, 1, NULL, NULL, 8);
  sigset_t m;
  sigemptyset(&m);
  call(rt_sigsuspend, &m, 8);
  struct itimerval old;
  t.it_interval.tv_usec = t.it_value.tv_usec = 0;
  call(setitimer, ITIMER_REAL, &t, &old);
  call(getitimer, ITIMER_REAL, &old);
  return 0;
}
