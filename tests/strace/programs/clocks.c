// mask: tv_(sec|nsec|usec)=-?\d+
#include "s.h"
int main(void) {
  struct timespec t = {0, 1000};
  struct timeval tv;
  struct timezone tz;
  struct itimerval it;
  BEGIN();
  call(clock_gettime, CLOCK_MONOTONIC, &t);
  call(clock_gettime, CLOCK_PROCESS_CPUTIME_ID, &t);
  call(clock_gettime, 99, &t);
  call(clock_gettime, (int)((~1234U << 3) | 2), &t);
  call(clock_gettime, CLOCK_REALTIME, WILD);
  call(clock_getres, CLOCK_REALTIME_COARSE, &t);
  call(clock_getres, CLOCK_BOOTTIME, NULL);
  t = (struct timespec){0, 1000};
  call(clock_nanosleep, CLOCK_REALTIME, 0, &t, NULL);
  call(clock_nanosleep, CLOCK_MONOTONIC, TIMER_ABSTIME, &t, &t);
  call(clock_nanosleep, CLOCK_MONOTONIC, 8, &t, WILD);
  call(nanosleep, &t, NULL);
  t.tv_nsec = -1;
  call(nanosleep, &t, &t);
  call(nanosleep, WILD, &t);
  call(gettimeofday, &tv, NULL);
  call(gettimeofday, &tv, &tz);
  call(gettimeofday, NULL, WILD);
  call(getitimer, ITIMER_VIRTUAL, &it);
  call(setitimer, ITIMER_PROF, NULL, &it);
  call(setitimer, 9, WILD, NULL);
  timer_t id;
  struct sigevent e = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1};
  e.sigev_value.sival_int = 5;
  int tid = -1;
  call(timer_create, CLOCK_MONOTONIC, &e, &tid);
  call(timer_create, CLOCK_REALTIME, NULL, &tid);
  e.sigev_notify = SIGEV_NONE;
  call(timer_create, CLOCK_REALTIME, &e, &tid);
  e.sigev_notify = 77;
  call(timer_create, CLOCK_REALTIME, &e, &tid);
  struct itimerspec ts = {{1, 0}, {100000000, 0}};
  call(timer_settime, 0, 0, &ts, NULL);
  call(timer_settime, 0, TIMER_ABSTIME, &ts, &ts);
  call(timer_gettime, 0, &ts);
  call(timer_getoverrun, 0);
  call(timer_delete, 0);
  call(timer_delete, 99);
  (void)id;
  return 0;
}
