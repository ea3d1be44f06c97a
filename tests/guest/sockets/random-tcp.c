// Random traffic, half-closes, resets and options on TCP connections over loopback, each step given time to arrive.
#include "random.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
static char b[9000];
static unsigned char next;
static unsigned sum(const char *p, long n) {
  unsigned h = 2166136261u;
  for (long i = 0; i < n; i++) h = (h ^ (unsigned char)p[i]) * 16777619u;
  return h;
}
int main(int argc, char **argv) {
  seed(argc, argv);
  signal(SIGPIPE, SIG_IGN);
  struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
  socklen_t len = sizeof a;
  int l = MUST(socket(AF_INET, SOCK_STREAM, 0)), one = 1;
  MUST(bind(l, (void *)&a, sizeof a));
  MUST(listen(l, 10));
  getsockname(l, (void *)&a, &len);
  for (int round = 0; round < 15; round++) {
    int s[2] = {MUST(socket(AF_INET, SOCK_STREAM, 0)), -1};
    MUST(connect(s[0], (void *)&a, sizeof a));
    s[1] = MUST(accept(l, 0, 0));
    bool open_[2] = {true, true};
    for (int i = 0; i < 2; i++) {
      fcntl(s[i], F_SETFL, O_NONBLOCK);
      setsockopt(s[i], IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    }
    say("round %d\n", round);
    for (int step = 0; step < 25; step++) {
      int k = rnd(2), n = rnd(3) ? rnd(50) : rnd(3000), extra = 0;
      if (!open_[k]) continue;
      long r = 0;
      unsigned h = 0;
      const char *what = "?";
      errno = 0;
      switch (rnd(11)) {
        case 0:
        case 1:
        case 2:
          what = "send";
          for (int i = 0; i < n; i++) b[i] = next++;
          r = send(s[k], b, n, MSG_NOSIGNAL);
          break;
        case 3:
        case 4:
        case 5: {
          what = "recv";
          int fl[] = {0, 0, MSG_PEEK, MSG_TRUNC, MSG_WAITALL};
          int f = fl[rnd(5)];
          r = recv(s[k], b, n, f);
          extra = f;
          if (r > 0 && !(f & MSG_TRUNC)) h = sum(b, r);
          break;
        }
        case 6: what = "FIONREAD", r = ioctl(s[k], FIONREAD, &extra); break;
        case 7: {
          what = "SO_ERROR";
          socklen_t q = sizeof extra;
          r = getsockopt(s[k], SOL_SOCKET, SO_ERROR, &extra, &q);
          break;
        }
        case 8:
          if (rnd(3)) continue;
          what = "shutdown";
          extra = rnd(3);
          r = shutdown(s[k], extra);
          break;
        case 9: {
          if (rnd(6)) continue;
          what = "close";
          struct linger g = {rnd(2), 0};
          setsockopt(s[k], SOL_SOCKET, SO_LINGER, &g, sizeof g);
          extra = g.l_onoff;
          r = close(s[k]);
          open_[k] = false;
          break;
        }
        case 10: {
          what = "state";
          struct tcp_info i;
          socklen_t q = sizeof i;
          r = getsockopt(s[k], IPPROTO_TCP, TCP_INFO, &i, &q);
          // Whether a FIN has been acknowledged yet is a matter of time.
          if (r == 0) extra = i.tcpi_state == 4 ? 5 : i.tcpi_state;
          break;
        }
      }
      nap(3);
      say("%d %s %d %d: %ld %s %x %d;", step, what, k, n, r, r < 0 ? err(errno) : "", h, extra);
      for (int i = 0; i < 2; i++) {
        struct pollfd p = {s[i], POLLIN | POLLOUT | POLLRDHUP | POLLPRI, 0};
        if (open_[i]) poll(&p, 1, 0), say(" %x", p.revents);
      }
      say("\n");
    }
    for (int i = 0; i < 2; i++)
      if (open_[i]) close(s[i]);
  }
  return 0;
}
