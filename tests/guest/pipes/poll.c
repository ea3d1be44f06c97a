// poll(2): events of every kind of file, hang-up, error, invalid, time-outs.
#include "t.h"
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
static const char *bits(short r) {
  static char t[100];
  t[0] = 0;
  struct { short b; const char *n; } n[] = {{POLLIN, "IN"}, {POLLPRI, "PRI"}, {POLLOUT, "OUT"}, {POLLERR, "ERR"}, {POLLHUP, "HUP"}, {POLLNVAL, "NVAL"},
    {POLLRDHUP, "RDHUP"}, {POLLRDNORM, "RDNORM"}, {POLLWRNORM, "WRNORM"}, {POLLRDBAND, "RDBAND"}, {POLLWRBAND, "WRBAND"}};
  for (unsigned i = 0; i < sizeof n / sizeof *n; i++)
    if (r & n[i].b) strcat(strcat(t, t[0] ? "|" : ""), n[i].n);
  return t[0] ? t : "0";
}
static void show(const char *what, int fd) {
  struct pollfd p = {fd, POLLIN | POLLOUT | POLLPRI | POLLRDHUP | POLLRDNORM | POLLWRNORM | POLLRDBAND | POLLWRBAND, 0};
  int r = poll(&p, 1, 0);
  say("%s: %d %s\n", what, r, bits(p.revents));
}
int main(void) {
  int p[2];
  static char b[100000];
  MUST(pipe2(p, O_NONBLOCK));
  show("empty pipe, reader", p[0]);
  show("empty pipe, writer", p[1]);
  write(p[1], b, 1);
  show("one byte, reader", p[0]);
  show("one byte, writer", p[1]);
  while (write(p[1], b, 4096) > 0) {
  }
  show("full, writer", p[1]);
  read(p[0], b, 100);
  show("100 bytes less, writer", p[1]);
  read(p[0], b, 4096);
  show("a page less, writer", p[1]);
  close(p[1]);
  show("writer gone, data", p[0]);
  while (read(p[0], b, sizeof b) > 0) {
  }
  show("writer gone, empty", p[0]);
  MUST(pipe2(p, O_NONBLOCK));
  close(p[0]);
  show("reader gone", p[1]);
  MUST(pipe2(p, O_NONBLOCK));
  while (write(p[1], b, 4096) > 0) {
  }
  close(p[0]);
  show("reader gone, full", p[1]);
  put("f", "x");
  show("file, read-only", open("f", O_RDONLY));
  show("file, write-only", open("f", O_WRONLY));
  show("directory", open(".", O_RDONLY));
  show("closed", 99);
  show("ignored", -1);
  int e = eventfd(0, EFD_NONBLOCK);
  show("eventfd 0", e);
  eventfd_write(e, 1);
  show("eventfd 1", e);
  eventfd_write(e, UINT64_MAX - 2);
  show("eventfd full", e);
  int s[2];
  socketpair(AF_UNIX, SOCK_STREAM, 0, s);
  show("socket", s[0]);
  write(s[1], "x", 1);
  show("socket with data", s[0]);
  shutdown(s[1], SHUT_WR);
  show("peer shut for writing", s[0]);
  show("that peer", s[1]);
  read(s[0], b, 10);
  show("after the data", s[0]);
  shutdown(s[0], SHUT_WR);
  show("both shut", s[0]);
  socketpair(AF_UNIX, SOCK_STREAM, 0, s);
  close(s[1]);
  show("peer closed", s[0]);
  socketpair(AF_UNIX, SOCK_STREAM, 0, s);
  write(s[0], "unread", 6);
  close(s[1]);
  show("peer closed with unread data", s[0]);
  socketpair(AF_UNIX, SOCK_DGRAM, 0, s);
  show("datagram", s[0]);
  close(s[1]);
  show("datagram, peer closed", s[0]);
  show("unbound stream socket", socket(AF_UNIX, SOCK_STREAM, 0));
  show("tcp socket", socket(AF_INET, SOCK_STREAM, 0));
  show("udp socket", socket(AF_INET, SOCK_DGRAM, 0));
  // Time-outs and arguments.
  double t = now();
  T(poll(0, 0, 30));
  CHECK(now() - t >= 29);
  struct pollfd many[4] = {{99, POLLIN, 0}, {-5, POLLIN, 77}, {e, POLLOUT, 77}, {e, 0, 77}};
  T(poll(many, 4, -1));
  say("%s %d %d %d\n", bits(many[0].revents), many[1].revents, many[2].revents, many[3].revents);
  T(poll((void *)16, 1, 0));
  T(poll(0, 0, 0));
  T(poll(many, 1u << 30, 0));
  struct rlimit l = {3, 20};
  setrlimit(RLIMIT_NOFILE, &l);
  T(poll(many, 4, 0));
  // ppoll
  struct timespec ts = {0, 20000000}, bad = {0, 1000000000};
  t = now();
  T(ppoll(0, 0, &ts, 0));
  CHECK(now() - t >= 19);
  T(ppoll(0, 0, &bad, 0));
  sigset_t m, old;
  sigfillset(&m);
  sigprocmask(SIG_SETMASK, &m, &old);
  void h(int sg) { say("handler %s\n", sig(sg)); }
  signal(SIGUSR1, h);
  raise(SIGUSR1);
  sigdelset(&m, SIGUSR1);
  T(ppoll(0, 0, 0, &m));
  sigprocmask(SIG_BLOCK, 0, &old);
  say("mask back %d\n", sigismember(&old, SIGUSR1));
  // The mask applies also when something is ready at once.
  raise(SIGUSR1);
  struct pollfd ready = {many[2].fd, POLLIN, 0};
  (void)ready;
  T(ppoll(0, 0, &(struct timespec){0, 0}, &m));
  return 0;
}
