// Non-blocking connect and accept, the backlog, poll's view of each stage.
#include "t.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/socket.h>
static const char *bits(short r) {
  static char t[100];
  t[0] = 0;
  struct { short b; const char *n; } n[] = {{POLLIN, "IN"}, {POLLOUT, "OUT"}, {POLLERR, "ERR"}, {POLLHUP, "HUP"}, {POLLRDHUP, "RDHUP"}};
  for (unsigned i = 0; i < 5; i++)
    if (r & n[i].b) strcat(strcat(t, t[0] ? "|" : ""), n[i].n);
  return t[0] ? t : "0";
}
static void show(const char *what, int fd, int wait) {
  struct pollfd p = {fd, POLLIN | POLLOUT | POLLRDHUP, 0};
  int r = poll(&p, 1, wait);
  say("%s: %d %s\n", what, r, bits(p.revents));
}
int main(void) {
  signal(SIGPIPE, SIG_IGN);
  struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
  socklen_t n = sizeof a;
  int l = MUST(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0));
  show("new socket", l, 0);
  MUST(bind(l, (void *)&a, sizeof a));
  getsockname(l, (void *)&a, &n);
  show("bound", l, 0);
  T(listen(l, 1));
  show("listening", l, 0);
  T(accept(l, 0, 0));
  int c = MUST(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0));
  T(connect(c, (void *)&a, sizeof a));
  show("connecting", c, 1000);
  T(connect(c, (void *)&a, sizeof a));
  T(connect(c, (void *)&a, sizeof a));
  show("listener with one", l, 1000);
  int s = MUST(accept4(l, 0, 0, SOCK_NONBLOCK));
  show("accepted", s, 0);
  char b[1000];
  T(recv(s, b, 1, 0));
  send(c, "x", 1, 0);
  show("data", s, 1000);
  shutdown(c, SHUT_WR);
  nap(10);
  show("data and end", s, 0);
  recv(s, b, 10, 0);
  show("end", s, 0);
  shutdown(s, SHUT_WR);
  nap(10);
  show("both ended", s, 0);
  show("the other", c, 0);
  // Refused.
  struct sockaddr_in dead = a;
  int t = MUST(socket(AF_INET, SOCK_STREAM, 0));
  dead.sin_port = 0;
  bind(t, (void *)&dead, sizeof dead);
  getsockname(t, (void *)&dead, &n);
  c = MUST(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0));
  int r = connect(c, (void *)&dead, sizeof dead);
  say("%s\n", r ? err(errno) : "0");
  show("refused", c, 1000);
  int e;
  n = sizeof e;
  T(getsockopt(c, SOL_SOCKET, SO_ERROR, &e, &n));
  say("%s\n", err(e));
  T(getsockopt(c, SOL_SOCKET, SO_ERROR, &e, &n));
  say("%s\n", err(e));
  show("after SO_ERROR", c, 0);
  T(connect(c, (void *)&dead, sizeof dead) == -1 && (errno == EINPROGRESS || errno == ECONNREFUSED));
  // Fill one direction.
  c = MUST(socket(AF_INET, SOCK_STREAM, 0));
  MUST(connect(c, (void *)&a, sizeof a));
  struct pollfd lp = {l, POLLIN, 0};
  poll(&lp, 1, 1000);
  s = MUST(accept(l, 0, 0));
  fcntl(c, F_SETFL, O_NONBLOCK);
  static char big[100000];
  long total = 0, k;
  while ((k = send(c, big, sizeof big, 0)) > 0 || (nap(5), send(c, big, 1, 0)) > 0) total += k > 0 ? k : 1;
  say("%s\n", err(errno));
  CHECK(total > 100000);
  struct pollfd p = {c, POLLOUT, 0};
  T(poll(&p, 1, 0));
  fcntl(s, F_SETFL, O_NONBLOCK);
  long got = 0;
  for (int idle = 0; idle < 20;) {
    k = recv(s, big, sizeof big, 0);
    if (k > 0) got += k, idle = 0;
    else nap(2), idle++;
  }
  CHECK(got == total);
  T(poll(&p, 1, 1000));
  // A blocking accept wakes.
  fcntl(l, F_SETFL, 0);
  pid_t me = getpid();
  pid_t kid = CHILD({
    until(me, 'S');
    int x = socket(AF_INET, SOCK_STREAM, 0);
    connect(x, (void *)&a, sizeof a);
    send(x, "from kid", 8, 0);
  });
  s = MUST(accept(l, 0, 0));
  T(recv(s, b, 100, 0));
  REAP(kid);
  T(recv(s, b, 100, 0));
  return 0;
}
