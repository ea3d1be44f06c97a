// epoll in epoll, in poll, across fork; loops and depth; edges from peers of every sort.
#include "t.h"
#include <poll.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
static int add(int ep, int fd, uint32_t ev) {
  struct epoll_event e = {.events = ev, .data.fd = fd};
  return epoll_ctl(ep, EPOLL_CTL_ADD, fd, &e);
}
int main(void) {
  int a = MUST(epoll_create1(0)), b = MUST(epoll_create1(0)), c = MUST(epoll_create1(0)), ev = MUST(eventfd(0, EFD_NONBLOCK));
  T(add(a, b, EPOLLIN));
  T(add(b, c, EPOLLIN));
  T(add(c, a, EPOLLIN)); // a loop
  T(add(c, ev, EPOLLIN));
  struct epoll_event e;
  T(epoll_wait(a, &e, 1, 0));
  eventfd_write(ev, 1);
  T(epoll_wait(a, &e, 1, 0));
  CHECK(e.data.fd == b);
  struct pollfd p = {a, POLLIN, 0};
  T(poll(&p, 1, 0));
  T(epoll_wait(c, &e, 1, 0));
  CHECK(e.data.fd == ev);
  eventfd_t v;
  eventfd_read(ev, &v);
  T(epoll_wait(a, &e, 1, 0));
  T(poll(&p, 1, 0));
  // Depth.
  int chain[8];
  for (int i = 0; i < 8; i++) chain[i] = MUST(epoll_create1(0));
  for (int i = 0; i < 7; i++) {
    int r = add(chain[i + 1], chain[i], EPOLLIN);
    say("depth %d: %s\n", i + 2, r ? err(errno) : "0");
    if (r) break;
  }
  // An inner edge-triggered set.
  int o = MUST(epoll_create1(0)), in = MUST(epoll_create1(0)), q[2];
  MUST(pipe2(q, O_NONBLOCK));
  add(in, q[0], EPOLLIN);
  add(o, in, EPOLLIN | EPOLLET);
  write(q[1], "x", 1);
  T(epoll_wait(o, &e, 1, 0));
  T(epoll_wait(o, &e, 1, 0));
  write(q[1], "y", 1);
  T(epoll_wait(o, &e, 1, 0));
  // The set is shared with a child.
  int sh = MUST(epoll_create1(0)), s[2];
  socketpair(AF_UNIX, SOCK_STREAM, 0, s);
  pid_t k = CHILD(add(sh, s[0], EPOLLIN | EPOLLRDHUP));
  REAP(k);
  write(s[1], "x", 1);
  T(epoll_wait(sh, &e, 1, 0));
  shutdown(s[1], SHUT_WR);
  T(epoll_wait(sh, &e, 1, 0));
  say("RDHUP %d HUP %d\n", !!(e.events & EPOLLRDHUP), !!(e.events & EPOLLHUP));
  close(s[1]);
  T(epoll_wait(sh, &e, 1, 0));
  say("RDHUP %d HUP %d\n", !!(e.events & EPOLLRDHUP), !!(e.events & EPOLLHUP));
  // Edges of a socket's output: when room comes back.
  int w = MUST(epoll_create1(0)), t[2];
  socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, t);
  add(w, t[0], EPOLLOUT | EPOLLET);
  T(epoll_wait(w, &e, 1, 0));
  T(epoll_wait(w, &e, 1, 0));
  static char big[65536];
  while (write(t[0], big, sizeof big) > 0) {
  }
  T(epoll_wait(w, &e, 1, 0));
  while (read(t[1], big, sizeof big) > 0) {
  }
  T(epoll_wait(w, &e, 1, 0));
  T(epoll_wait(w, &e, 1, 0));
  // One waiter is woken by an exclusive watch, all by a common one.
  for (int ex = 0; ex < 2; ex++) {
    int trigger = eventfd(0, EFD_NONBLOCK | EFD_SEMAPHORE);
    pid_t kids[3];
    for (int i = 0; i < 3; i++)
      kids[i] = CHILD({
        int own = epoll_create1(0);
        add(own, trigger, EPOLLIN | (ex ? EPOLLEXCLUSIVE : 0));
        _exit(epoll_wait(own, &e, 1, 300) == 1 ? 1 : 0);
      });
    for (int i = 0; i < 3; i++) until(kids[i], 'S');
    nap(10);
    eventfd_write(trigger, 1);
    int woken = 0;
    for (int i = 0; i < 3; i++) woken += WEXITSTATUS(reap(kids[i]));
    if (ex) CHECK(woken >= 1);
    else say("woken %d\n", woken);
    close(trigger);
  }
  return 0;
}
