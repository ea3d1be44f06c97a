// TCP over loopback: the life of a connection, names, refused and reset.
#include "t.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
static struct sockaddr_in lo(int port) {
  return (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons(port), .sin_addr = {htonl(INADDR_LOOPBACK)}};
}
static int port_of(int s) {
  struct sockaddr_in a;
  socklen_t n = sizeof a;
  getsockname(s, (void *)&a, &n);
  return ntohs(a.sin_port);
}
int main(void) {
  signal(SIGPIPE, SIG_IGN);
  int l = MUST(socket(AF_INET, SOCK_STREAM, 0));
  struct sockaddr_in a = lo(0), p;
  socklen_t n = sizeof a;
  T(bind(l, (void *)&a, 4));
  T(bind(l, (void *)&a, sizeof a));
  T(bind(l, (void *)&a, sizeof a));
  CHECK(port_of(l) > 1023);
  a = lo(port_of(l));
  int c = MUST(socket(AF_INET, SOCK_STREAM, 0));
  T(connect(c, (void *)&a, sizeof a)); // nobody listens
  T(listen(l, 5));
  T(getpeername(c, (void *)&p, &n));
  T(connect(c, (void *)&a, sizeof a));
  T(connect(c, (void *)&a, sizeof a));
  n = sizeof p;
  int s = MUST(accept(l, (void *)&p, &n));
  CHECK(n == sizeof p && p.sin_family == AF_INET && p.sin_addr.s_addr == htonl(INADDR_LOOPBACK) && ntohs(p.sin_port) == port_of(c));
  CHECK(port_of(s) == port_of(l));
  n = sizeof p;
  T(getpeername(s, (void *)&p, &n));
  CHECK(ntohs(p.sin_port) == port_of(c));
  char b[100];
  T(send(c, "hello", 5, 0));
  T(recv(s, b, 100, 0));
  T(send(s, "one", 3, 0));
  T(send(s, "two", 3, 0));
  T(recv(c, b, 6, MSG_WAITALL));
  print_bytes("stream", b, 6);
  // Half-close.
  T(shutdown(c, SHUT_WR));
  T(recv(s, b, 100, 0));
  T(recv(s, b, 100, 0));
  T(send(c, "x", 1, 0));
  T(send(s, "after", 5, 0));
  T(recv(c, b, 100, 0));
  close(s);
  T(recv(c, b, 100, 0));
  T(shutdown(c, SHUT_RDWR));
  close(c);
  // The peer has gone: the first write is taken, the next one fails.
  c = MUST(socket(AF_INET, SOCK_STREAM, 0));
  MUST(connect(c, (void *)&a, sizeof a));
  s = MUST(accept(l, 0, 0));
  close(s);
  T(recv(c, b, 1, 0));
  T(send(c, "x", 1, 0));
  nap(20);
  T(send(c, "x", 1, 0));
  T(recv(c, b, 1, 0));
  // Closed with data unread: a reset.
  c = MUST(socket(AF_INET, SOCK_STREAM, 0));
  MUST(connect(c, (void *)&a, sizeof a));
  s = MUST(accept(l, 0, 0));
  send(c, "unread", 6, 0);
  nap(20);
  close(s);
  nap(20);
  T(recv(c, b, 1, 0));
  T(recv(c, b, 1, 0));
  T(send(c, "x", 1, 0));
  int e;
  n = sizeof e;
  T(getsockopt(c, SOL_SOCKET, SO_ERROR, &e, &n));
  say("%s\n", err(e));
  // SO_LINGER 0: a reset in any case.
  c = MUST(socket(AF_INET, SOCK_STREAM, 0));
  MUST(connect(c, (void *)&a, sizeof a));
  s = MUST(accept(l, 0, 0));
  struct linger lg = {1, 0};
  T(setsockopt(c, SOL_SOCKET, SO_LINGER, &lg, sizeof lg));
  close(c);
  nap(20);
  T(recv(s, b, 1, 0));
  // Not connected.
  c = MUST(socket(AF_INET, SOCK_STREAM, 0));
  T(send(c, "x", 1, 0));
  T(recv(c, b, 1, 0));
  T(shutdown(c, SHUT_RD));
  T(accept(c, 0, 0));
  T(listen(c, 1)); // binds by itself
  CHECK(port_of(c) > 0);
  T(sendto(c, "x", 1, 0, (void *)&a, sizeof a));
  // Addresses.
  struct sockaddr_in other = lo(0);
  other.sin_addr.s_addr = htonl(0x08080808);
  int d = MUST(socket(AF_INET, SOCK_STREAM, 0));
  T(bind(d, (void *)&other, sizeof other));
  other.sin_family = AF_UNIX;
  T(bind(d, (void *)&other, sizeof other));
  T(connect(d, (void *)&other, sizeof other));
  other = a;
  T(bind(d, (void *)&other, sizeof other)); // in use
  // 127.x.y.z is all ours.
  other = lo(0);
  other.sin_addr.s_addr = htonl(0x7f010203);
  T(bind(d, (void *)&other, sizeof other));
  APART({
    MUST(setresuid(1000, 1000, 1000));
    int u = socket(AF_INET, SOCK_STREAM, 0);
    other = lo(80);
    T(bind(u, (void *)&other, sizeof other));
    T(socket(AF_INET, SOCK_RAW, IPPROTO_ICMP));
  });
  T(socket(AF_INET, SOCK_STREAM, IPPROTO_UDP));
  T(socket(AF_INET, SOCK_SEQPACKET, 0));
  return 0;
}
