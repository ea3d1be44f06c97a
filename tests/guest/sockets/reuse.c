// SO_REUSEADDR and SO_REUSEPORT: which binds go together.
#include "t.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
static int made_fds[200], made_count;
static int made(int type, uint32_t addr, int port, int reuseaddr, int reuseport, const char *what) {
  int s = MUST(socket(AF_INET, type, 0));
  setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &reuseaddr, 4);
  setsockopt(s, SOL_SOCKET, SO_REUSEPORT, &reuseport, 4);
  struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr = {htonl(addr)}};
  int r = bind(s, (void *)&a, sizeof a);
  made_fds[made_count++] = s;
  if (what) say("%s: %s\n", what, r ? err(errno) : "bound");
  if (r) {
    close(s);
    return -1;
  }
  return s;
}
static int port(int s) {
  struct sockaddr_in a;
  socklen_t n = sizeof a;
  getsockname(s, (void *)&a, &n);
  return ntohs(a.sin_port);
}
int main(void) {
  uint32_t lo = INADDR_LOOPBACK, any = INADDR_ANY, lo2 = 0x7f000002;
  for (int udp = 0; udp < 2; udp++) {
    int type = udp ? SOCK_DGRAM : SOCK_STREAM;
    say("%s\n", udp ? "udp" : "tcp");
    int s = made(type, lo, 0, 0, 0, 0), p = port(s);
    made(type, lo, p, 0, 0, "same");
    made(type, any, p, 0, 0, "any over one");
    made(type, lo2, p, 0, 0, "another address");
    made(type, lo, p, 1, 0, "REUSEADDR on the second alone");
    close(s);
    s = made(type, lo, 0, 1, 0, 0), p = port(s);
    int t = made(type, lo, p, 1, 0, "REUSEADDR on both");
    if (!udp && t >= 0) {
      T(listen(s, 1));
      T(listen(t, 1));
      made(type, lo, p, 1, 0, "with a listener");
      made(type, any, p, 1, 0, "any with a listener");
    }
    close(s);
    close(t);
    s = made(type, lo, 0, 0, 1, 0), p = port(s);
    t = made(type, lo, p, 0, 1, "REUSEPORT on both");
    if (!udp) {
      T(listen(s, 5));
      T(listen(t, 5));
    }
    made(type, lo, p, 0, 0, "without it");
    APART({
      MUST(setresuid(1000, 1000, 1000));
      made(type, lo, p, 0, 1, "REUSEPORT by another user");
    });
    close(s);
    close(t);
    while (made_count) close(made_fds[--made_count]);
    // The same port of the other protocol is another port.
    // One of the other's may linger just there: some port will do.
    bool free_ = false;
    for (int i = 0; i < 50 && !free_; i++) {
      s = made(type, lo, 0, 0, 0, 0);
      free_ = made(udp ? SOCK_STREAM : SOCK_DGRAM, lo, port(s), 0, 0, 0) >= 0;
    }
    CHECK(free_);
    while (made_count) close(made_fds[--made_count]);
  }
  while (made_count) close(made_fds[--made_count]);
  // A connection that lingers keeps the port, unless REUSEADDR.
  int l = made(SOCK_STREAM, lo, 0, 1, 0, 0), p = port(l);
  listen(l, 5);
  struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(p), .sin_addr = {htonl(lo)}};
  int c = MUST(socket(AF_INET, SOCK_STREAM, 0));
  MUST(connect(c, (void *)&a, sizeof a));
  int s = MUST(accept(l, 0, 0));
  close(s); // the side that closes first lingers
  close(l);
  char b;
  read(c, &b, 1);
  close(c);
  nap(20);
  made(SOCK_STREAM, lo, p, 0, 0, "after close");
  made(SOCK_STREAM, lo, p, 1, 0, "after close, REUSEADDR");
  return 0;
}
