// poll and select woken by each sort of event; several waiters on one file; spurious events don't wake.
#include "t.h"
#include <poll.h>
#include <sys/socket.h>
int main(void) {
  pid_t me = getpid(), c;
  int p[2], s[2];
  char b[65536];
  MUST(pipe(p));
  MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, s));
  struct pollfd f = {p[0], POLLIN, 0};
  c = CHILD(until(me, 'S'); write(p[1], "x", 1));
  T(poll(&f, 1, 5000));
  REAP(c);
  read(p[0], b, 1);
  // Asking only for what does not come: hang-up ends it.
  f.events = POLLPRI;
  c = CHILD(until(me, 'S'); nap(5));
  close(p[1]);
  T(poll(&f, 1, 5000));
  say("HUP %d IN %d\n", !!(f.revents & POLLHUP), !!(f.revents & POLLIN));
  REAP(c);
  MUST(pipe2(p, O_NONBLOCK));
  while (write(p[1], b, 4096) > 0) {
  }
  f = (struct pollfd){p[1], POLLOUT, 0};
  c = CHILD(until(me, 'S'); read(p[0], b, 65536));
  T(poll(&f, 1, 5000));
  REAP(c);
  while (write(p[1], b, 4096) > 0) {
  }
  c = CHILD(until(me, 'S'); close(p[0]); nap(1));
  close(p[0]);
  T(poll(&f, 1, 5000));
  say("ERR %d\n", !!(f.revents & POLLERR));
  REAP(c);
  f = (struct pollfd){s[0], POLLRDHUP, 0};
  c = CHILD(until(me, 'S'); write(s[1], "data", 4); nap(20); shutdown(s[1], SHUT_WR));
  double t = now();
  T(poll(&f, 1, 5000));
  say("RDHUP %d\n", !!(f.revents & POLLRDHUP));
  CHECK(now() - t >= 19); // data alone was not what it waited for
  REAP(c);
  // Three waiters, one byte: all wake.
  MUST(pipe(p));
  pid_t w[3];
  for (int i = 0; i < 3; i++) w[i] = CHILD(f = (struct pollfd){p[0], POLLIN, 0}; _exit(poll(&f, 1, 2000)));
  for (int i = 0; i < 3; i++) until(w[i], 'S');
  nap(10);
  write(p[1], "x", 1);
  for (int i = 0; i < 3; i++) say("%s\n", status_text(reap(w[i])));
  // A reader that takes the byte first leaves the others asleep.
  read(p[0], b, 1);
  c = CHILD(f = (struct pollfd){p[0], POLLIN, 0}; _exit(poll(&f, 1, 60)));
  until(c, 'S');
  REAP(c);
  // A file closed while it is polled stays watched until the poll returns.
  MUST(pipe(p));
  c = CHILD({
    f = (struct pollfd){p[0], POLLIN, 0};
    _exit(poll(&f, 1, 2000));
  });
  until(c, 'S');
  close(p[0]);
  write(p[1], "x", 1);
  REAP(c);
  // A hundred descriptors.
  int fds[100][2];
  struct pollfd many[100];
  for (int i = 0; i < 100; i++) {
    MUST(pipe(fds[i]));
    many[i] = (struct pollfd){fds[i][0], POLLIN, 0};
  }
  c = CHILD(until(me, 'S'); for (int i = 0; i < 100; i += 10) write(fds[99 - i][1], "x", 1));
  int n = 0;
  while (n < 10) {
    n = poll(many, 100, 5000);
    nap(1);
  }
  say("ready %d\n", n);
  for (int i = 0; i < 100; i++)
    if (many[i].revents) say("%d ", i);
  say("\n");
  REAP(c);
  return 0;
}
