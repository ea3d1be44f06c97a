// mask: htons\(\d+\)
#include "s.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
int main(void) {
  struct sockaddr_in a = {AF_INET, 0, {htonl(INADDR_LOOPBACK)}};
  struct sockaddr_in6 a6 = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
  socklen_t n = sizeof a;
  BEGIN();
  int s = call(socket, AF_INET, SOCK_STREAM | SOCK_CLOEXEC, IPPROTO_TCP);
  int u = call(socket, AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
  int s6 = call(socket, AF_INET6, SOCK_STREAM, 0);
  call(socket, AF_INET6, SOCK_RAW, IPPROTO_ICMPV6);
  call(socket, 99, 5, 7);
  call(socket, AF_NETLINK, SOCK_RAW, 0);
  int one = 1;
  call(setsockopt, s, SOL_SOCKET, SO_REUSEADDR, &one, 4);
  call(setsockopt, s, IPPROTO_TCP, TCP_NODELAY, &one, 4);
  call(setsockopt, s, SOL_SOCKET, 9999, &one, 4);
  call(setsockopt, s, 77, 1, &one, 4);
  struct linger lg = {1, 5};
  call(setsockopt, s, SOL_SOCKET, SO_LINGER, &lg, sizeof lg);
  struct timeval tv = {1, 500};
  call(setsockopt, s, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof tv);
  call(bind, s, &a, sizeof a);
  call(bind, s6, &a6, sizeof a6);
  call(bind, 99, &a, 3);
  call(listen, s, 5);
  call(getsockname, s, &a, &n);
  call(getpeername, s, &a, &n);
  int v;
  n = 4;
  call(getsockopt, s, SOL_SOCKET, SO_TYPE, &v, &n);
  call(getsockopt, s, SOL_SOCKET, SO_ERROR, &v, &n);
  call(getsockopt, s, SOL_SOCKET, SO_ACCEPTCONN, &v, &n);
  n = 8;
  call(getsockopt, s, SOL_SOCKET, SO_LINGER, &lg, &n);
  n = 16;
  call(getsockopt, s, SOL_SOCKET, SO_RCVTIMEO, &tv, &n);
  n = 10;
  call(getsockopt, s, SOL_SOCKET, SO_REUSEADDR, &v, &n);
  call(getsockopt, s, 77, 1, &v, &n);
  int c = call(socket, AF_INET, SOCK_STREAM, 0);
  call(connect, c, &a, sizeof a);
  struct sockaddr_in from;
  n = sizeof from;
  int d = call(accept4, s, &from, &n, SOCK_CLOEXEC);
  call(sendto, c, "hello", 5, MSG_NOSIGNAL, NULL, 0);
  char b[100];
  call(recvfrom, d, b, 100, 0, NULL, NULL);
  call(recvfrom, d, b, 100, MSG_DONTWAIT, NULL, NULL);
  struct sockaddr_in ua = {AF_INET, 0, {htonl(INADDR_LOOPBACK)}};
  call(bind, u, &ua, sizeof ua);
  n = sizeof ua;
  call(getsockname, u, &ua, &n);
  call(sendto, u, "dgram", 5, 0, &ua, sizeof ua);
  n = sizeof from;
  struct pollfd pf = {u, POLLIN, 0};
  call(ppoll, &pf, 1, NULL, NULL, 8);
  call(recvfrom, u, b, 100, MSG_PEEK | MSG_TRUNC, &from, &n);
  call(shutdown, c, SHUT_WR);
  call(recvfrom, d, b, 100, 0, &from, &n);
  call(shutdown, d, SHUT_RDWR);
  call(shutdown, d, 7);
  call(accept, 99, NULL, NULL);
  call(connect, u, WILD, 16);
  struct sockaddr un = {AF_UNSPEC};
  call(connect, u, &un, sizeof un);
  return 0;
}
