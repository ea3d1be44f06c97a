// IPv6 loopback, dual-stack listeners, V6ONLY, mapped addresses.
#include "t.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
static char text[80];
static const char *name(struct sockaddr_in6 *a) {
  inet_ntop(AF_INET6, &a->sin6_addr, text, sizeof text);
  return text;
}
int main(void) {
  struct sockaddr_in6 a = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT}, p;
  int l = socket(AF_INET6, SOCK_STREAM, 0);
  CHECK(l >= 0);
  T(bind(l, (void *)&a, sizeof a));
  T(listen(l, 5));
  socklen_t n = sizeof a;
  getsockname(l, (void *)&a, &n);
  say("%s length %d\n", name(&a), (int)n);
  int c = MUST(socket(AF_INET6, SOCK_STREAM, 0));
  T(connect(c, (void *)&a, sizeof a));
  n = sizeof p;
  int s = MUST(accept(l, (void *)&p, &n));
  say("%s length %d\n", name(&p), (int)n);
  char b[20];
  T(send(c, "six", 3, 0));
  T(recv(s, b, 20, 0));
  // Dual stack.
  struct sockaddr_in6 any = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_ANY_INIT};
  int d = MUST(socket(AF_INET6, SOCK_STREAM, 0));
  T(bind(d, (void *)&any, sizeof any));
  T(listen(d, 5));
  n = sizeof any;
  getsockname(d, (void *)&any, &n);
  struct sockaddr_in four = {.sin_family = AF_INET, .sin_port = any.sin6_port, .sin_addr = {htonl(INADDR_LOOPBACK)}};
  int f = MUST(socket(AF_INET, SOCK_STREAM, 0));
  T(connect(f, (void *)&four, sizeof four));
  n = sizeof p;
  s = MUST(accept(d, (void *)&p, &n));
  say("peer %s\n", name(&p));
  n = sizeof p;
  getsockname(s, (void *)&p, &n);
  say("own %s\n", name(&p));
  // The IPv4 port is taken.
  int g = MUST(socket(AF_INET, SOCK_STREAM, 0));
  T(bind(g, (void *)&four, sizeof four));
  // Unless IPv6 only.
  int o = MUST(socket(AF_INET6, SOCK_STREAM, 0)), on = 1;
  T(setsockopt(o, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on));
  any.sin6_port = 0;
  T(bind(o, (void *)&any, sizeof any));
  T(setsockopt(o, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on));
  T(listen(o, 1));
  n = sizeof any;
  getsockname(o, (void *)&any, &n);
  four.sin_port = any.sin6_port;
  T(connect(g, (void *)&four, sizeof four));
  int h = MUST(socket(AF_INET, SOCK_STREAM, 0));
  T(bind(h, (void *)&four, sizeof four));
  // A mapped destination goes by IPv4.
  T(listen(h, 1));
  struct sockaddr_in6 m = {.sin6_family = AF_INET6, .sin6_port = four.sin_port};
  inet_pton(AF_INET6, "::ffff:127.0.0.1", &m.sin6_addr);
  int q = MUST(socket(AF_INET6, SOCK_STREAM, 0));
  T(connect(q, (void *)&m, sizeof m));
  struct sockaddr_in p4;
  n = sizeof p4;
  OK(accept(h, (void *)&p4, &n));
  say("family %d length %d\n", p4.sin_family == AF_INET, (int)n);
  int r = MUST(socket(AF_INET6, SOCK_STREAM, 0));
  setsockopt(r, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
  T(connect(r, (void *)&m, sizeof m));
  // UDP.
  int u = MUST(socket(AF_INET6, SOCK_DGRAM, 0)), v = MUST(socket(AF_INET6, SOCK_DGRAM, 0));
  a.sin6_port = 0;
  T(bind(u, (void *)&a, sizeof a));
  n = sizeof a;
  getsockname(u, (void *)&a, &n);
  T(sendto(v, "six", 3, 0, (void *)&a, sizeof a));
  n = sizeof p;
  T(recvfrom(u, b, 20, 0, (void *)&p, &n));
  say("from %s\n", name(&p));
  T(bind(v, (void *)&a, 16));
  T(connect(c, (void *)&four, sizeof four));
  return 0;
}
