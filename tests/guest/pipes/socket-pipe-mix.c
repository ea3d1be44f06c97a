// A small event loop over pipes, a timer, a signal descriptor and a child: everything arrives once.
#include "t.h"
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
int main(void) {
  int ep = MUST(epoll_create1(0)), p[2];
  MUST(pipe2(p, O_NONBLOCK));
  sigset_t m;
  sigemptyset(&m);
  sigaddset(&m, SIGCHLD);
  sigprocmask(SIG_BLOCK, &m, 0);
  int sf = MUST(signalfd(-1, &m, SFD_NONBLOCK)), tf = MUST(timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK));
  struct itimerspec its = {{0, 5000000}, {0, 5000000}};
  timerfd_settime(tf, 0, &its, 0);
  int fds[3] = {p[0], sf, tf};
  for (int i = 0; i < 3; i++) {
    struct epoll_event e = {.events = EPOLLIN, .data.u32 = i};
    MUST(epoll_ctl(ep, EPOLL_CTL_ADD, fds[i], &e));
  }
  pid_t c = CHILD(close(p[0]); for (int i = 0; i < 10; i++) write(p[1], "line\n", 5), nap(3); _exit(12));
  close(p[1]);
  int lines = 0, children = 0, eof = 0, status = 0;
  long ticks = 0;
  while (!(eof && children && ticks >= 5)) {
    struct epoll_event e[4];
    int n = epoll_wait(ep, e, 4, 5000);
    if (n <= 0) {
      say("timed out\n");
      break;
    }
    for (int i = 0; i < n; i++) {
      char b[200];
      uint64_t v;
      if (e[i].data.u32 == 0) {
        long r = read(p[0], b, sizeof b);
        if (r > 0) lines += r / 5;
        else if (r == 0) eof = 1, epoll_ctl(ep, EPOLL_CTL_DEL, p[0], 0);
      } else if (e[i].data.u32 == 1) {
        if (read(sf, b, sizeof b) > 0) children++, waitpid(c, &status, 0);
      } else if (read(tf, &v, 8) == 8) ticks += v;
    }
  }
  say("lines %d children %d status %d\n", lines, children, WEXITSTATUS(status));
  return 0;
}
