// AF_UNIX datagrams: boundaries, truncation, addresses, a full queue, a vanished peer.
#include "t.h"
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
static struct sockaddr_un A(const char *p) {
  struct sockaddr_un a = {.sun_family = AF_UNIX};
  strcpy(a.sun_path, p);
  return a;
}
int main(void) {
  struct sockaddr_un sa = A("server"), ca = A("client"), from;
  int s = MUST(socket(AF_UNIX, SOCK_DGRAM, 0)), c = MUST(socket(AF_UNIX, SOCK_DGRAM, 0)), u = MUST(socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0));
  T(bind(s, (void *)&sa, sizeof sa));
  T(bind(c, (void *)&ca, sizeof ca));
  T(listen(s, 1));
  T(accept(s, 0, 0));
  T(send(c, "x", 1, 0));
  T(sendto(c, "first", 5, 0, (void *)&sa, sizeof sa));
  T(sendto(c, "second message", 14, 0, (void *)&sa, sizeof sa));
  T(sendto(c, "", 0, 0, (void *)&sa, sizeof sa));
  T(sendto(u, "anonymous", 9, 0, (void *)&sa, sizeof sa));
  char b[100] = {0};
  socklen_t n = sizeof from;
  T(recvfrom(s, b, 100, 0, (void *)&from, &n));
  say("%.5s from %s\n", b, from.sun_path);
  n = sizeof from;
  T(recvfrom(s, b, 6, MSG_PEEK, (void *)&from, &n));
  T(recv(s, b, 6, MSG_TRUNC)); // the whole length; the rest is lost
  T(recv(s, b, 100, 0));
  n = sizeof from;
  T(recvfrom(s, b, 100, 0, (void *)&from, &n));
  say("nameless length %d\n", (int)n);
  T(recv(s, b, 100, MSG_DONTWAIT));
  struct iovec v = {b, 3};
  struct msghdr m = {.msg_iov = &v, .msg_iovlen = 1};
  sendto(c, "too long", 8, 0, (void *)&sa, sizeof sa);
  T(recvmsg(s, &m, 0));
  say("truncated %d\n", (m.msg_flags & MSG_TRUNC) != 0);
  // Connected.
  T(connect(c, (void *)&sa, sizeof sa));
  T(send(c, "hi", 2, 0));
  T(recv(s, b, 10, 0));
  T(connect(s, (void *)&ca, sizeof ca));
  // A connected socket takes from its peer alone.
  T(sendto(u, "x", 1, 0, (void *)&sa, sizeof sa));
  T(send(s, "answer", 6, 0));
  T(recv(c, b, 10, 0));
  struct sockaddr none = {AF_UNSPEC, {0}};
  T(connect(s, &none, sizeof none));
  T(sendto(u, "x", 1, 0, (void *)&sa, sizeof sa));
  T(recv(s, b, 10, 0));
  // A full queue.
  fcntl(c, F_SETFL, O_NONBLOCK);
  int k = 0;
  while (send(c, "m", 1, 0) == 1) k++;
  say("%s after some: %d\n", err(errno), k > 5);
  struct pollfd p = {c, POLLOUT, 0};
  T(poll(&p, 1, 0));
  recv(s, b, 10, 0);
  while (recv(s, b, 10, MSG_DONTWAIT) >= 0) {
  }
  T(poll(&p, 1, 0));
  // Too big for the buffer.
  static char big[1 << 20];
  T(send(c, big, sizeof big, 0));
  // The peer goes.
  close(s);
  T(send(c, "x", 1, 0));
  T(send(c, "x", 1, 0));
  T(sendto(u, "x", 1, 0, (void *)&sa, sizeof sa));
  unlink("server");
  T(sendto(u, "x", 1, 0, (void *)&sa, sizeof sa));
  int st = MUST(socket(AF_UNIX, SOCK_STREAM, 0));
  T(connect(st, (void *)&ca, sizeof ca)); // of another type
  T(shutdown(u, SHUT_RD));
  T(shutdown(c, 9));
  return 0;
}
