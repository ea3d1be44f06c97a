// Random binds, listens, connects and accepts of IPv4 and IPv6 sockets on a few ports: who may have which address, and
// what state each call leaves a socket in.
#include "random.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
enum { SOCKETS = 8, PORTS = 3 };
static int fds[SOCKETS], ports[PORTS];
// In a round all IPv6 sockets use addresses of IPv6, or all use mapped ones: a socket that has tried both is left in a
// state that is Linux's own.
static bool mapped;
static socklen_t address(struct sockaddr_storage *out, int port, bool six) {
  memset(out, 0, sizeof *out);
  if (!six) {
    struct sockaddr_in *a = (void *)out;
    uint32_t list[] = {INADDR_LOOPBACK, INADDR_LOOPBACK, INADDR_ANY, 0x7f000002};
    *a = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons(port), .sin_addr = {htonl(list[rnd(4)])}};
    return sizeof *a;
  }
  struct sockaddr_in6 *a = (void *)out;
  a->sin6_family = AF_INET6;
  a->sin6_port = htons(port);
  const char *list[] = {"::1", "::", "::ffff:127.0.0.1", "::ffff:127.0.0.2"};
  inet_pton(AF_INET6, list[rnd(2) + 2 * mapped], &a->sin6_addr);
  return sizeof *a;
}
static const char *text(struct sockaddr_storage *s) {
  static char t[100], ip[60];
  int port;
  if (s->ss_family == AF_INET) {
    inet_ntop(AF_INET, &((struct sockaddr_in *)s)->sin_addr, ip, sizeof ip);
    port = ntohs(((struct sockaddr_in *)s)->sin_port);
  } else {
    inet_ntop(AF_INET6, &((struct sockaddr_in6 *)s)->sin6_addr, ip, sizeof ip);
    port = ntohs(((struct sockaddr_in6 *)s)->sin6_port);
  }
  int known = -1;
  for (int i = 0; i < PORTS; i++)
    if (ports[i] == port) known = i;
  snprintf(t, sizeof t, "%s %s%d", ip, known < 0 ? port ? "other" : "none" : "port", known);
  return t;
}
int main(int argc, char **argv) {
  seed(argc, argv);
  signal(SIGPIPE, SIG_IGN);
  for (int round = 0; round < 12; round++) {
    int type = round % 3 == 2 ? SOCK_DGRAM : SOCK_STREAM;
    say("round %d\n", round);
    mapped = rnd(2);
    // Ports that nobody has at the moment.
    for (int i = 0; i < PORTS; i++) {
      struct sockaddr_in a = {.sin_family = AF_INET};
      socklen_t n = sizeof a;
      int t = MUST(socket(AF_INET, type, 0));
      MUST(bind(t, (void *)&a, sizeof a));
      getsockname(t, (void *)&a, &n);
      ports[i] = ntohs(a.sin_port);
      close(t);
    }
    bool six[SOCKETS];
    for (int i = 0; i < SOCKETS; i++) fds[i] = -1;
    for (int step = 0; step < 60; step++) {
      int k = rnd(SOCKETS), on = 1, v = 0;
      if (fds[k] < 0) {
        six[k] = rnd(2);
        fds[k] = MUST(socket(six[k] ? AF_INET6 : AF_INET, type | SOCK_NONBLOCK, 0));
        if (rnd(2)) setsockopt(fds[k], SOL_SOCKET, SO_REUSEADDR, &on, 4), v |= 1;
        if (rnd(4) == 0) setsockopt(fds[k], SOL_SOCKET, SO_REUSEPORT, &on, 4), v |= 2;
        if (six[k] && rnd(3) == 0) setsockopt(fds[k], IPPROTO_IPV6, IPV6_V6ONLY, &on, 4), v |= 4;
        say("%d: socket %d family %d options %d\n", step, k, six[k] ? 6 : 4, v);
        continue;
      }
      struct sockaddr_storage a;
      socklen_t n = sizeof a;
      long r = 0;
      const char *what = "?", *more = "";
      errno = 0;
      switch (rnd(9)) {
        case 0:
        case 1:
          what = "bind";
          n = address(&a, ports[rnd(PORTS)], six[k]);
          r = bind(fds[k], (void *)&a, n);
          more = text(&a);
          break;
        case 2:
          what = "listen";
          r = listen(fds[k], 3);
          break;
        case 3:
        case 4:
          what = "connect";
          n = address(&a, ports[rnd(PORTS)], six[k]);
          r = connect(fds[k], (void *)&a, n);
          more = text(&a);
          break;
        case 5: {
          what = "accept";
          memset(&a, 0, sizeof a);
          int c = accept4(fds[k], (void *)&a, &n, SOCK_NONBLOCK);
          r = c < 0 ? -1 : 0;
          int saved = errno;
          if (c >= 0) {
            int j = 0;
            while (j < SOCKETS && fds[j] >= 0) j++;
            if (j < SOCKETS) fds[j] = c, six[j] = six[k];
            else close(c);
            v = j;
          }
          errno = saved;
          break;
        }
        case 6:
          what = "names";
          r = getsockname(fds[k], (void *)&a, &n);
          if (r == 0) say("  own %s\n", text(&a));
          n = sizeof a;
          r = getpeername(fds[k], (void *)&a, &n);
          if (r == 0) say("  peer %s\n", text(&a));
          break;
        case 7: {
          what = "send";
          r = send(fds[k], "x", 1, MSG_NOSIGNAL);
          break;
        }
        case 8:
          what = rnd(3) ? "SO_ERROR" : "close";
          if (what[0] == 'S') {
            socklen_t n4 = 4;
            r = getsockopt(fds[k], SOL_SOCKET, SO_ERROR, &v, &n4);
          } else {
            close(fds[k]);
            fds[k] = -1;
          }
          break;
      }
      say("%d: %d %s %s = %ld %s %d", step, k, what, more, r, r < 0 ? err(errno) : "", v);
      struct pollfd p = {fds[k], POLLIN | POLLOUT | POLLRDHUP, 0};
      if (fds[k] >= 0) poll(&p, 1, 0), say(" %x", p.revents);
      say("\n");
    }
    for (int i = 0; i < SOCKETS; i++)
      if (fds[i] >= 0) close(fds[i]);
  }
  return 0;
}
