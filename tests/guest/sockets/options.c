// Socket options: defaults, what setting them gives back, errors.
#include "t.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
static int get(int s, int level, int name, int *v) {
  socklen_t n = sizeof *v;
  *v = -77;
  return getsockopt(s, level, name, v, &n);
}
#define G(level, name) do { int v_; int r_ = get(s, level, name, &v_); say(#name ": %s %d\n", r_ ? err(errno) : "ok", r_ ? 0 : v_); } while (0)
#define S(level, name, value) do { int v_ = value; int r_ = setsockopt(s, level, name, &v_, sizeof v_); \
  say("set " #name " " #value ": %s", r_ ? err(errno) : "ok"); r_ = get(s, level, name, &v_); say(" gives %d\n", r_ ? -1 : v_); } while (0)
int main(void) {
  int s = MUST(socket(AF_INET, SOCK_STREAM, 0));
  G(SOL_SOCKET, SO_TYPE);
  G(SOL_SOCKET, SO_DOMAIN);
  G(SOL_SOCKET, SO_PROTOCOL);
  G(SOL_SOCKET, SO_ERROR);
  G(SOL_SOCKET, SO_ACCEPTCONN);
  G(SOL_SOCKET, SO_REUSEADDR);
  G(SOL_SOCKET, SO_KEEPALIVE);
  G(SOL_SOCKET, SO_BROADCAST);
  G(SOL_SOCKET, SO_OOBINLINE);
  G(SOL_SOCKET, SO_DONTROUTE);
  G(SOL_SOCKET, SO_RCVLOWAT);
  G(SOL_SOCKET, SO_SNDLOWAT);
  G(SOL_SOCKET, SO_PRIORITY);
  G(SOL_SOCKET, SO_TIMESTAMP);
  G(SOL_SOCKET, SO_PASSCRED);
  S(SOL_SOCKET, SO_REUSEADDR, 1);
  S(SOL_SOCKET, SO_REUSEADDR, 5);
  S(SOL_SOCKET, SO_REUSEPORT, 1);
  S(SOL_SOCKET, SO_KEEPALIVE, 9);
  S(SOL_SOCKET, SO_BROADCAST, 1);
  S(SOL_SOCKET, SO_RCVBUF, 10000);
  S(SOL_SOCKET, SO_RCVBUF, 1);
  S(SOL_SOCKET, SO_SNDBUF, 10000);
  S(SOL_SOCKET, SO_SNDBUF, 1);
  S(SOL_SOCKET, SO_RCVLOWAT, 0);
  S(SOL_SOCKET, SO_RCVLOWAT, 100);
  S(SOL_SOCKET, SO_PRIORITY, 3);
  S(SOL_SOCKET, SO_TYPE, 3);
  S(SOL_SOCKET, SO_ERROR, 3);
  S(SOL_SOCKET, 9999, 3);
  S(9999, 1, 3);
  S(IPPROTO_TCP, TCP_NODELAY, 1);
  S(IPPROTO_TCP, TCP_CORK, 1);
  S(IPPROTO_TCP, TCP_KEEPIDLE, 100);
  S(IPPROTO_TCP, TCP_KEEPIDLE, 0);
  S(IPPROTO_TCP, TCP_KEEPINTVL, 20);
  S(IPPROTO_TCP, TCP_KEEPCNT, 4);
  S(IPPROTO_TCP, TCP_KEEPCNT, 500);
  S(IPPROTO_TCP, TCP_USER_TIMEOUT, 3000);
  S(IPPROTO_TCP, TCP_QUICKACK, 0);
  S(IPPROTO_IP, IP_TTL, 33);
  S(IPPROTO_IP, IP_TTL, 300);
  S(IPPROTO_IP, IP_TOS, 16);
  G(IPPROTO_TCP, TCP_DEFER_ACCEPT);
  struct linger l = {1, 7};
  socklen_t n = sizeof l;
  T(setsockopt(s, SOL_SOCKET, SO_LINGER, &l, sizeof l));
  T(getsockopt(s, SOL_SOCKET, SO_LINGER, &l, &n));
  say("%d %d\n", l.l_onoff, l.l_linger);
  T(setsockopt(s, SOL_SOCKET, SO_LINGER, &l, 4));
  struct timeval t = {1, 500000};
  T(setsockopt(s, SOL_SOCKET, SO_RCVTIMEO, &t, sizeof t));
  t = (struct timeval){0, 0};
  n = sizeof t;
  T(getsockopt(s, SOL_SOCKET, SO_RCVTIMEO, &t, &n));
  say("%ld %ld\n", (long)t.tv_sec, (long)t.tv_usec);
  t = (struct timeval){0, 2000000};
  T(setsockopt(s, SOL_SOCKET, SO_SNDTIMEO, &t, sizeof t));
  int v = 1;
  T(setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &v, 2));
  T(setsockopt(s, SOL_SOCKET, SO_REUSEADDR, (void *)16, 4));
  T(setsockopt(1, SOL_SOCKET, SO_REUSEADDR, &v, 4));
  char small[2];
  n = 2;
  T(getsockopt(s, SOL_SOCKET, SO_TYPE, small, &n));
  say("length %d\n", (int)n);
  n = -1;
  T(getsockopt(s, SOL_SOCKET, SO_TYPE, &v, &n));
  s = MUST(socket(AF_UNIX, SOCK_STREAM, 0));
  G(SOL_SOCKET, SO_DOMAIN);
  G(SOL_SOCKET, SO_PROTOCOL);
  G(SOL_SOCKET, SO_PASSCRED);
  S(SOL_SOCKET, SO_PASSCRED, 1);
  S(IPPROTO_TCP, TCP_NODELAY, 1);
  s = MUST(socket(AF_INET, SOCK_DGRAM, 0));
  G(SOL_SOCKET, SO_PROTOCOL);
  S(IPPROTO_TCP, TCP_NODELAY, 1);
  S(IPPROTO_IP, IP_MULTICAST_TTL, 5);
  S(IPPROTO_IP, IP_MULTICAST_LOOP, 0);
  S(IPPROTO_IP, IP_PKTINFO, 1);
  T(setsockopt(s, SOL_SOCKET, SO_BINDTODEVICE, "lo", 2));
  T(setsockopt(s, SOL_SOCKET, SO_BINDTODEVICE, "none0", 5));
  return 0;
}
