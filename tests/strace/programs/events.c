#include "s.h"
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/timerfd.h>
#include <sys/signalfd.h>
int main(void) {
  uint64_t one = 1;
  char b[200];
  BEGIN();
  int e = call(eventfd2, 3, EFD_CLOEXEC | EFD_NONBLOCK);
  call(eventfd2, 0, EFD_SEMAPHORE | 0x40);
  call(write, e, &one, 8);
  call(read, e, &one, 8);
  call(read, e, &one, 8);
  int t = call(timerfd_create, CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
  call(timerfd_create, 99, 1);
  struct itimerspec s = {{0, 0}, {100, 5}}, old;
  call(timerfd_settime, t, 0, &s, NULL);
  call(timerfd_settime, t, TFD_TIMER_ABSTIME, &s, NULL);
  s.it_value = (struct timespec){0, 0};
  call(timerfd_settime, t, 0, &s, NULL);
  call(timerfd_gettime, t, &old);
  call(timerfd_gettime, e, &old);
  call(read, t, b, 8);
  sigset_t m;
  sigemptyset(&m);
  sigaddset(&m, SIGCHLD);
  sigaddset(&m, SIGRTMIN);
  call(signalfd4, -1, &m, 8, SFD_CLOEXEC);
  call(signalfd4, 1, &m, 8, SFD_NONBLOCK);
  int i = call(inotify_init1, IN_CLOEXEC | IN_NONBLOCK);
  call(inotify_init1, 1);
  call(inotify_add_watch, i, ".", IN_CREATE | IN_DELETE | IN_ONLYDIR);
  call(inotify_add_watch, i, "none", IN_ALL_EVENTS);
  call(inotify_rm_watch, i, 1);
  call(inotify_rm_watch, i, 9);
  return 0;
}
