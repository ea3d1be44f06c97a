// UDP over loopback: boundaries, connected sockets, refused ports, sizes.
#include "t.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
static struct sockaddr_in own(int s) {
  struct sockaddr_in a;
  socklen_t n = sizeof a;
  getsockname(s, (void *)&a, &n);
  return a;
}
int main(void) {
  struct sockaddr_in lo = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}}, from;
  int s = MUST(socket(AF_INET, SOCK_DGRAM, 0)), c = MUST(socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0));
  char b[200];
  T(send(c, "x", 1, 0));
  T(recv(c, b, 1, 0));
  T(bind(s, (void *)&lo, sizeof lo));
  struct sockaddr_in sa = own(s);
  T(bind(c, (void *)&sa, sizeof sa));
  T(sendto(c, "first", 5, 0, (void *)&sa, sizeof sa));
  T(sendto(c, "second one", 10, 0, (void *)&sa, sizeof sa));
  T(sendto(c, "", 0, 0, (void *)&sa, sizeof sa));
  CHECK(own(c).sin_port != 0 && own(c).sin_addr.s_addr == 0);
  socklen_t n = sizeof from;
  T(recvfrom(s, b, 200, 0, (void *)&from, &n));
  CHECK(n == sizeof from && from.sin_port == own(c).sin_port && from.sin_addr.s_addr == lo.sin_addr.s_addr);
  int len;
  T(ioctl(s, FIONREAD, &len));
  say("%d\n", len);
  T(recv(s, b, 3, MSG_PEEK | MSG_TRUNC));
  T(recv(s, b, 3, 0));
  T(recv(s, b, 200, 0));
  T(recv(s, b, 200, MSG_DONTWAIT));
  // Connected: only the peer's messages, and its refusals.
  T(connect(c, (void *)&sa, sizeof sa));
  CHECK(own(c).sin_addr.s_addr == lo.sin_addr.s_addr);
  T(send(c, "hi", 2, 0));
  n = sizeof from;
  T(recvfrom(s, b, 200, 0, (void *)&from, &n));
  T(sendto(s, "answer", 6, 0, (void *)&from, n));
  struct pollfd p = {c, POLLIN, 0};
  T(poll(&p, 1, 1000));
  T(recv(c, b, 200, 0));
  int o = MUST(socket(AF_INET, SOCK_DGRAM, 0));
  T(sendto(o, "stranger", 8, 0, (void *)&from, n));
  nap(10);
  T(recv(c, b, 200, 0));
  T(sendto(c, "x", 1, 0, (void *)&sa, sizeof sa));
  n = sizeof from;
  T(getpeername(c, (void *)&from, &n));
  close(s);
  T(send(c, "x", 1, 0));
  nap(20);
  p.events = POLLIN | POLLOUT;
  T(poll(&p, 1, 0));
  say("ERR %d IN %d OUT %d\n", !!(p.revents & POLLERR), !!(p.revents & POLLIN), !!(p.revents & POLLOUT));
  T(recv(c, b, 1, 0));
  T(recv(c, b, 1, 0));
  send(c, "x", 1, 0);
  nap(20);
  T(send(c, "x", 1, 0));
  nap(20);
  int e;
  n = sizeof e;
  T(getsockopt(c, SOL_SOCKET, SO_ERROR, &e, &n));
  say("%s\n", err(e));
  T(getsockopt(c, SOL_SOCKET, SO_ERROR, &e, &n));
  say("%s\n", err(e));
  struct sockaddr un = {AF_UNSPEC, {0}};
  T(connect(c, &un, sizeof un));
  T(send(c, "x", 1, 0));
  // Sizes.
  s = MUST(socket(AF_INET, SOCK_DGRAM, 0));
  bind(s, (void *)&lo, sizeof lo);
  sa = own(s);
  static char big[70000];
  T(sendto(o, big, 65507, 0, (void *)&sa, sizeof sa));
  T(recv(s, big, sizeof big, 0));
  T(sendto(o, big, 65508, 0, (void *)&sa, sizeof sa));
  T(sendto(o, "x", 1, 0, (void *)&sa, 4));
  struct sockaddr_in bad = sa;
  bad.sin_family = 99;
  T(sendto(o, "x", 1, 0, (void *)&bad, sizeof bad));
  bad = sa;
  bad.sin_port = 0;
  T(sendto(o, "x", 1, 0, (void *)&bad, sizeof bad));
  bad = sa;
  bad.sin_addr.s_addr = htonl(INADDR_BROADCAST);
  T(sendto(o, "x", 1, 0, (void *)&bad, sizeof bad));
  bad.sin_addr.s_addr = 0; // this host
  T(sendto(o, "zero", 4, 0, (void *)&bad, sizeof bad));
  T(recv(s, b, 10, 0));
  T(listen(o, 1));
  T(shutdown(o, SHUT_WR));
  // MSG_MORE joins.
  o = MUST(socket(AF_INET, SOCK_DGRAM, 0));
  MUST(connect(o, (void *)&sa, sizeof sa));
  T(send(o, "part ", 5, MSG_MORE));
  T(send(o, "whole", 5, 0));
  T(recv(s, b, 100, 0));
  return 0;
}
