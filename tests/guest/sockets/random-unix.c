// Random sends, receives, peeks, shutdowns and polls on socket pairs of the three types.
#include "random.h"
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
  int types[] = {SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET};
  for (int round = 0; round < 30; round++) {
    int s[2], type = types[round % 3];
    MUST(socketpair(AF_UNIX, type | SOCK_NONBLOCK, 0, s));
    say("round %d type %d\n", round, round % 3);
    bool open_[2] = {true, true};
    for (int step = 0; step < 40; step++) {
      int k = rnd(2), n = rnd(3) ? rnd(50) : rnd(3000);
      if (!open_[k]) continue;
      long r = 0;
      unsigned h = 0;
      int extra = 0;
      const char *what = "?";
      errno = 0;
      switch (rnd(12)) {
        case 0:
        case 1:
        case 2:
          what = "send";
          for (int i = 0; i < n; i++) b[i] = next++;
          r = send(s[k], b, n, MSG_NOSIGNAL | (rnd(5) ? 0 : MSG_EOR));
          break;
        case 3:
        case 4: {
          what = "recv";
          int fl[] = {0, 0, MSG_PEEK, MSG_TRUNC, MSG_PEEK | MSG_TRUNC, MSG_WAITALL};
          int f = fl[rnd(6)];
          // A waiting call would wait: the sockets don't block.
          r = recv(s[k], b, n, f);
          extra = f;
          if (r > 0) h = sum(b, r > n ? n : r);
          break;
        }
        case 5: {
          what = "recvmsg";
          int m = n ? rnd(n) : 0;
          struct iovec v[2] = {{b, m}, {b + m, n - m}};
          struct sockaddr_storage a;
          struct msghdr g = {.msg_name = &a, .msg_namelen = sizeof a, .msg_iov = v, .msg_iovlen = 2};
          r = recvmsg(s[k], &g, 0);
          extra = r >= 0 ? g.msg_flags & (MSG_TRUNC | MSG_EOR | MSG_CTRUNC) : 0;
          if (r > 0) h = sum(b, r);
          break;
        }
        case 6:
          what = "write";
          for (int i = 0; i < n; i++) b[i] = next++;
          r = write(s[k], b, n);
          break;
        case 7:
          what = "read";
          r = read(s[k], b, n);
          if (r > 0) h = sum(b, r);
          break;
        case 8:
          what = "FIONREAD";
          r = ioctl(s[k], FIONREAD, &extra);
          break;
        case 9: {
          what = "SO_ERROR";
          socklen_t l = sizeof extra;
          r = getsockopt(s[k], SOL_SOCKET, SO_ERROR, &extra, &l);
          break;
        }
        case 10:
          if (rnd(6)) continue;
          what = "shutdown";
          extra = rnd(3);
          r = shutdown(s[k], extra);
          break;
        case 11:
          if (rnd(12)) continue;
          what = "close";
          r = close(s[k]);
          open_[k] = false;
          break;
      }
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
