// Short waits by every means end neither early nor much too late.
#include "t.h"
#include <poll.h>
#include <sys/epoll.h>
#include <sys/select.h>
int main(void) {
  int ep = MUST(epoll_create1(0));
  sigset_t none;
  sigemptyset(&none);
  sigaddset(&none, SIGUSR1);
  sigprocmask(SIG_BLOCK, &none, 0);
  for (int ms = 10; ms <= 30; ms += 20) {
    struct timespec ts = {0, ms * 1000000L};
    struct timeval tv = {0, ms * 1000L};
    double t[6], s = now();
    poll(0, 0, ms);
    t[0] = now() - s, s = now();
    select(0, 0, 0, 0, &tv);
    t[1] = now() - s, s = now();
    struct epoll_event e;
    epoll_wait(ep, &e, 1, ms);
    t[2] = now() - s, s = now();
    nanosleep(&ts, 0);
    t[3] = now() - s, s = now();
    sigtimedwait(&none, 0, &ts);
    t[4] = now() - s, s = now();
    ppoll(0, 0, &ts, 0);
    t[5] = now() - s;
    for (int i = 0; i < 6; i++) say("%d ms by way %d: early %d late %d\n", ms, i, t[i] < ms - 0.01, t[i] > ms + 400);
  }
  return 0;
}
