// Random changes of epoll sets over pipes, eventfds and sockets: what each wait reports, level, edge and one-shot.
#include "random.h"
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
enum { N = 6 };
static int cmp(const void *a, const void *b) { return (int)((struct epoll_event *)a)->data.u32 - (int)((struct epoll_event *)b)->data.u32; }
int main(int argc, char **argv) {
  seed(argc, argv);
  signal(SIGPIPE, SIG_IGN);
  char b[5000];
  for (int round = 0; round < 12; round++) {
    // Watched ends and the other ends.
    int fd[N], peer[N], in[N] = {0}, ep = MUST(epoll_create1(0));
    for (int i = 0; i < N; i++) {
      int p[2];
      if (i < 2) {
        MUST(pipe2(p, O_NONBLOCK));
        fd[i] = p[0], peer[i] = p[1];
      } else if (i == 2) {
        MUST(pipe2(p, O_NONBLOCK));
        fcntl(p[1], F_SETPIPE_SZ, 4096);
        fd[i] = p[1], peer[i] = p[0];
      } else if (i == 3) fd[i] = MUST(eventfd(0, EFD_NONBLOCK)), peer[i] = dup(fd[i]);
      else {
        MUST(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, p));
        fd[i] = p[0], peer[i] = p[1];
      }
    }
    say("round %d\n", round);
    for (int step = 0; step < 100; step++) {
      int i = rnd(N);
      long r = 0;
      const char *what = "?";
      uint32_t masks[] = {EPOLLIN, EPOLLOUT, EPOLLIN | EPOLLOUT, EPOLLIN | EPOLLRDHUP, 0};
      struct epoll_event e = {.events = masks[rnd(5)] | (rnd(2) ? EPOLLET : 0) | (rnd(4) ? 0 : EPOLLONESHOT), .data.u32 = i};
      errno = 0;
      switch (rnd(9)) {
        case 0: what = "add", r = epoll_ctl(ep, EPOLL_CTL_ADD, fd[i], &e), in[i] |= r == 0; break;
        case 1: what = "mod", r = epoll_ctl(ep, EPOLL_CTL_MOD, fd[i], &e); break;
        case 2: if (rnd(3)) continue; what = "del", r = epoll_ctl(ep, EPOLL_CTL_DEL, fd[i], 0); break;
        case 3:
        case 4:
          what = "peer writes";
          eventfd_t one = 1;
          r = i == 2 ? read(peer[i], b, 1 + rnd(4096)) : i == 3 ? write(peer[i], &one, 8) : write(peer[i], b, 1 + rnd(100));
          break;
        case 5: what = "reads", r = i == 2 ? write(fd[i], b, 1 + rnd(4096)) : read(fd[i], b, 8 + rnd(100)); break;
        case 6: if (i == 2) continue; what = "drains", r = 0; while (read(fd[i], b, sizeof b) > 0) {} break;
        case 7: if (rnd(8) || i == 3) continue; what = "peer closes", close(peer[i]), peer[i] = -1; break;
        case 8: if (rnd(4) || i < 4) continue; what = "peer shuts", r = shutdown(peer[i], rnd(3)); break;
      }
      struct epoll_event out[N];
      int n = epoll_wait(ep, out, N, 0);
      // Their order is not promised; which and what is.
      qsort(out, n > 0 ? n : 0, sizeof *out, cmp);
      say("%d %s %d %x: %ld %s;", step, what, i, e.events, r, r < 0 ? err(errno) : "");
      for (int k = 0; k < n; k++) say(" %u=%x", out[k].data.u32, out[k].events);
      say("\n");
    }
    for (int i = 0; i < N; i++) close(fd[i]), peer[i] >= 0 && close(peer[i]);
    close(ep);
  }
  return 0;
}
