// Random sends, urgent bytes, receives, peeks, shutdowns, polls and closes on both ends of TCP connections.
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
  socklen_t al = sizeof a;
  int l = MUST(socket(AF_INET, SOCK_STREAM, 0));
  MUST(bind(l, (void *)&a, sizeof a));
  MUST(listen(l, 5));
  getsockname(l, (void *)&a, &al);
  for (int round = 0; round < 25; round++) {
    int s[2];
    s[0] = MUST(socket(AF_INET, SOCK_STREAM, 0));
    MUST(connect(s[0], (void *)&a, sizeof a));
    s[1] = MUST(accept(l, 0, 0));
    // Small pieces are to arrive at once.
    for (int i = 0, on = 1; i < 2; i++) setsockopt(s[i], IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    fcntl(s[0], F_SETFL, O_NONBLOCK);
    fcntl(s[1], F_SETFL, O_NONBLOCK);
    say("round %d\n", round);
    bool open_[2] = {true, true}, shut = false;
    for (int step = 0; step < 40; step++) {
      int k = rnd(2), n = rnd(3) ? rnd(50) : rnd(3000);
      if (!open_[k]) continue;
      long r = 0;
      unsigned h = 0;
      int extra = 0;
      const char *what = "?";
      errno = 0;
      switch (rnd(13)) {
        case 0:
        case 1:
        case 2:
          what = "send";
          for (int i = 0; i < n; i++) b[i] = next++;
          r = send(s[k], b, n, MSG_NOSIGNAL);
          break;
        case 3:
        case 4: {
          what = "recv";
          int fl[] = {0, 0, MSG_PEEK, MSG_TRUNC, MSG_WAITALL, MSG_OOB};
          extra = fl[rnd(6)];
          r = recv(s[k], b, n, extra);
          if (r > 0 && !(extra & MSG_TRUNC)) h = sum(b, r);
          break;
        }
        case 5: {
          what = "recvmsg";
          int m = n ? rnd(n) : 0;
          struct iovec v[2] = {{b, m}, {b + m, n - m}};
          struct sockaddr_storage from;
          struct msghdr g = {.msg_name = &from, .msg_namelen = sizeof from, .msg_iov = v, .msg_iovlen = 2};
          r = recvmsg(s[k], &g, 0);
          extra = r >= 0 ? (int)g.msg_namelen : 0;
          if (r > 0) h = sum(b, r);
          break;
        }
        case 6:
          what = "urgent";
          if (rnd(3) || shut) continue;
          n = 1 + rnd(5);
          for (int i = 0; i < n; i++) b[i] = next++;
          r = send(s[k], b, n, MSG_NOSIGNAL | MSG_OOB);
          break;
        case 7:
          what = "read";
          r = read(s[k], b, n);
          if (r > 0) h = sum(b, r);
          break;
        case 8:
          what = rnd(2) ? "FIONREAD" : "SIOCATMARK";
          r = ioctl(s[k], what[0] == 'F' ? FIONREAD : 0x8905, &extra);
          break;
        case 9: {
          what = "SO_ERROR";
          socklen_t n4 = sizeof extra;
          r = getsockopt(s[k], SOL_SOCKET, SO_ERROR, &extra, &n4);
          break;
        }
        case 10:
          if (rnd(6)) continue;
          what = "shutdown";
          extra = rnd(3);
          r = shutdown(s[k], extra);
          shut = true;
          break;
        case 11:
          if (rnd(12)) continue;
          what = "close";
          r = close(s[k]);
          open_[k] = false;
          shut = true;
          break;
        case 12: {
          what = "name";
          struct sockaddr_in p = {0};
          socklen_t pn = sizeof p;
          r = rnd(2) ? getpeername(s[k], (void *)&p, &pn) : getsockname(s[k], (void *)&p, &pn);
          extra = p.sin_addr.s_addr == htonl(INADDR_LOOPBACK);
          break;
        }
      }
      say("%d: %d %s %d %d = %ld %s %08x", step, k, what, n, extra, r, r < 0 ? err(errno) : "", h);
      for (int i = 0; i < 2; i++) {
        if (!open_[i]) continue;
        struct pollfd p = {s[i], POLLIN | POLLOUT | POLLPRI | POLLRDHUP, 0};
        poll(&p, 1, 0);
        say(" %x", p.revents);
      }
      say("\n");
    }
    for (int i = 0; i < 2; i++)
      if (open_[i]) close(s[i]);
  }
  return 0;
}
