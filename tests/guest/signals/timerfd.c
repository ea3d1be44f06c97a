// timerfd: reads count expirations; absolute, periodic, poll, errors.
#include "t.h"
#include <poll.h>
#include <sys/timerfd.h>
int main(void) {
  T(timerfd_create(99, 0));
  T(timerfd_create(CLOCK_MONOTONIC, 1));
  T(timerfd_create(CLOCK_PROCESS_CPUTIME_ID, 0));
  int fd = MUST(timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC));
  T(fcntl(fd, F_GETFD));
  uint64_t n = 0;
  T(read(fd, &n, 8));
  T(read(fd, &n, 4));
  T(write(fd, &n, 8));
  struct itimerspec its = {{0, 0}, {0, 20000000}}, left;
  T(timerfd_settime(fd, 16, &its, 0));
  T(timerfd_settime(1, 0, &its, 0));
  T(timerfd_settime(99, 0, &its, 0));
  its.it_value.tv_nsec = 1000000000;
  T(timerfd_settime(fd, 0, &its, 0));
  its.it_value.tv_nsec = 20000000;
  T(timerfd_settime(fd, 0, &its, 0));
  T(timerfd_gettime(fd, &left));
  CHECK(left.it_value.tv_nsec > 0 && left.it_value.tv_nsec <= 20000000);
  T(read(fd, &n, 8));
  struct pollfd p = {fd, POLLIN, 0};
  T(poll(&p, 1, 0));
  double t = now();
  T(poll(&p, 1, -1));
  T(poll(&p, 1, -1)); // stays readable
  T(read(fd, &n, 8));
  say("expirations %d\n", (int)n);
  T(read(fd, &n, 8));
  T(poll(&p, 1, 0));
  (void)t;
  // Periodic: what was missed is counted.
  its = (struct itimerspec){{0, 5000000}, {0, 5000000}};
  T(timerfd_settime(fd, 0, &its, 0));
  nap(60);
  T(read(fd, &n, 8));
  CHECK(n >= 8 && n < 1000);
  fcntl(fd, F_SETFL, 0);
  T(read(fd, &n, 8));
  CHECK(n >= 1);
  // Setting it again forgets what had expired.
  nap(15);
  its = (struct itimerspec){{0, 0}, {100, 0}};
  struct itimerspec old;
  T(timerfd_settime(fd, 0, &its, &old));
  CHECK(old.it_interval.tv_nsec == 5000000);
  fcntl(fd, F_SETFL, O_NONBLOCK);
  T(read(fd, &n, 8));
  // Absolute.
  struct timespec ts;
  clock_gettime(CLOCK_MONOTONIC, &ts);
  its.it_value = ts;
  T(timerfd_settime(fd, TFD_TIMER_ABSTIME, &its, 0));
  T(poll(&p, 1, 1000));
  T(read(fd, &n, 8));
  say("past: %d\n", (int)n);
  its.it_interval.tv_sec = 0;
  its.it_value = (struct timespec){0, 0};
  T(timerfd_settime(fd, 0, &its, 0)); // disarmed
  T(poll(&p, 1, 20));
  int r = MUST(timerfd_create(CLOCK_REALTIME, 0));
  clock_gettime(CLOCK_REALTIME, &ts);
  ts.tv_nsec += 20000000;
  if (ts.tv_nsec >= 1000000000) ts.tv_sec++, ts.tv_nsec -= 1000000000;
  its.it_value = ts;
  T(timerfd_settime(r, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &its, 0));
  T(read(r, &n, 8));
  say("%d\n", (int)n);
  // Shared by fork, since it is a file.
  its.it_value = (struct timespec){0, 10000000};
  timerfd_settime(r, 0, &its, 0);
  REAP(CHILD(T(read(r, &n, 8))));
  fcntl(r, F_SETFL, O_NONBLOCK);
  T(read(r, &n, 8));
  char path[40], text[64] = {0};
  sprintf(path, "/proc/self/fd/%d", r);
  readlink(path, text, 63);
  say("%s\n", text);
  return 0;
}
