// epoll: level, edge, one-shot, exclusive; modification; what close does; errors.
#include "t.h"
#include <sys/epoll.h>
#include <sys/eventfd.h>
static int ep;
static int ctl(int op, int fd, uint32_t events, uint32_t data) {
  struct epoll_event e = {.events = events, .data.u32 = data};
  return epoll_ctl(ep, op, fd, &e);
}
static void show(const char *what) {
  struct epoll_event e[10];
  int n = epoll_wait(ep, e, 10, 0);
  say("%s: %d", what, n);
  for (int i = 0; i < n; i++)
    say(" [%u%s%s%s%s%s]", e[i].data.u32, e[i].events & EPOLLIN ? " IN" : "", e[i].events & EPOLLOUT ? " OUT" : "", e[i].events & EPOLLHUP ? " HUP" : "",
        e[i].events & EPOLLERR ? " ERR" : "", e[i].events & EPOLLRDHUP ? " RDHUP" : "");
  say("\n");
}
int main(void) {
  T(epoll_create(0));
  T(epoll_create1(1));
  ep = MUST(epoll_create1(EPOLL_CLOEXEC));
  T(fcntl(ep, F_GETFD));
  int p[2];
  MUST(pipe2(p, O_NONBLOCK));
  put("f", "x");
  int f = open("f", O_RDWR), d = open(".", O_RDONLY), n = open("/dev/null", O_RDWR);
  T(ctl(EPOLL_CTL_ADD, f, EPOLLIN, 1));
  T(ctl(EPOLL_CTL_ADD, d, EPOLLIN, 1));
  T(ctl(EPOLL_CTL_ADD, n, EPOLLIN, 1));
  T(ctl(EPOLL_CTL_ADD, ep, EPOLLIN, 1));
  T(ctl(EPOLL_CTL_ADD, 99, EPOLLIN, 1));
  T(ctl(EPOLL_CTL_MOD, p[0], EPOLLIN, 1));
  T(ctl(EPOLL_CTL_DEL, p[0], EPOLLIN, 1));
  T(ctl(9, p[0], EPOLLIN, 1));
  T(epoll_ctl(99, EPOLL_CTL_ADD, p[0], &(struct epoll_event){0}));
  T(epoll_ctl(f, EPOLL_CTL_ADD, p[0], &(struct epoll_event){0}));
  T(epoll_ctl(ep, EPOLL_CTL_ADD, p[0], (void *)16));
  T(ctl(EPOLL_CTL_ADD, p[0], EPOLLIN, 1));
  T(ctl(EPOLL_CTL_ADD, p[0], EPOLLIN, 1));
  T(ctl(EPOLL_CTL_ADD, p[1], EPOLLOUT, 2));
  struct epoll_event e[10];
  T(epoll_wait(ep, e, 0, 0));
  T(epoll_wait(ep, e, -1, 0));
  T(epoll_wait(99, e, 1, 0));
  T(epoll_wait(f, e, 1, 0));
  T(epoll_wait(ep, (void *)16, 1, 0));
  show("level, empty");
  show("level, again");
  write(p[1], "abc", 3);
  show("data");
  show("data, again");
  read(p[0], (char[4]){0}, 1);
  show("some read");
  read(p[0], (char[4]){0}, 4);
  show("all read");
  // Edge-triggered: once a change.
  ctl(EPOLL_CTL_MOD, p[0], EPOLLIN | EPOLLET, 1);
  ctl(EPOLL_CTL_DEL, p[1], 0, 0);
  show("edge, empty");
  write(p[1], "abc", 3);
  show("edge, data");
  show("edge, again");
  write(p[1], "d", 1);
  show("edge, more");
  read(p[0], (char[4]){0}, 1);
  show("edge, some read");
  ctl(EPOLL_CTL_MOD, p[0], EPOLLIN | EPOLLET, 1);
  show("edge, after MOD");
  // One shot.
  ctl(EPOLL_CTL_MOD, p[0], EPOLLIN | EPOLLONESHOT, 3);
  show("one shot");
  show("one shot, again");
  write(p[1], "x", 1);
  show("one shot, more");
  ctl(EPOLL_CTL_MOD, p[0], EPOLLIN | EPOLLONESHOT, 4);
  show("rearmed");
  // Hang-up comes unasked.
  ctl(EPOLL_CTL_MOD, p[0], 0, 5);
  show("nothing asked");
  close(p[1]);
  show("hang-up");
  // Closing the last descriptor takes it out; a dup keeps it in.
  int q[2];
  MUST(pipe2(q, O_NONBLOCK));
  write(q[1], "x", 1);
  close(p[0]);
  show("closed");
  ctl(EPOLL_CTL_ADD, q[0], EPOLLIN, 6);
  int dd = dup(q[0]);
  T(ctl(EPOLL_CTL_ADD, dd, EPOLLIN, 7)); // another descriptor: another entry
  show("two names");
  close(q[0]);
  show("one closed"); // its entry lives on
  T(ctl(EPOLL_CTL_DEL, q[0], 0, 0));
  ctl(EPOLL_CTL_DEL, dd, 0, 0);
  close(dd);
  show("both closed");
  // Round robin over many.
  ep = MUST(epoll_create1(0));
  int ev[5];
  for (int i = 0; i < 5; i++) {
    ev[i] = eventfd(1, EFD_NONBLOCK);
    ctl(EPOLL_CTL_ADD, ev[i], EPOLLIN, i);
  }
  int seen[5] = {0};
  for (int i = 0; i < 5; i++) {
    T(epoll_wait(ep, e, 2, 0));
    seen[e[0].data.u32]++, seen[e[1].data.u32]++;
  }
  say("each %d %d %d %d %d\n", seen[0], seen[1], seen[2], seen[3], seen[4]);
  // Exclusive has rules.
  int x = eventfd(0, EFD_NONBLOCK);
  T(ctl(EPOLL_CTL_ADD, x, EPOLLIN | EPOLLEXCLUSIVE, 8));
  T(ctl(EPOLL_CTL_MOD, x, EPOLLIN, 8));
  T(ctl(EPOLL_CTL_ADD, eventfd(0, 0), EPOLLIN | EPOLLEXCLUSIVE | EPOLLONESHOT, 8));
  T(ctl(EPOLL_CTL_MOD, ev[0], EPOLLIN | EPOLLEXCLUSIVE, 8));
  // Waiting.
  for (int i = 0; i < 5; i++) ctl(EPOLL_CTL_DEL, ev[i], 0, 0);
  double t = now();
  T(epoll_wait(ep, e, 1, 30));
  CHECK(now() - t >= 29);
  pid_t me = getpid();
  pid_t c = CHILD(until(me, 'S'); eventfd_write(x, 1));
  T(epoll_wait(ep, e, 1, -1));
  say("data %u\n", e[0].data.u32);
  REAP(c);
  eventfd_t v;
  eventfd_read(x, &v);
  sigset_t m;
  sigemptyset(&m);
  T(epoll_pwait2(ep, e, 1, &(struct timespec){0, 10000000}, &m));
  T(epoll_pwait2(ep, e, 1, &(struct timespec){0, 1000000000}, &m));
  char path[40], text[64] = {0};
  sprintf(path, "/proc/self/fd/%d", ep);
  readlink(path, text, 63);
  say("%s\n", text);
  T(read(ep, text, 1));
  return 0;
}
