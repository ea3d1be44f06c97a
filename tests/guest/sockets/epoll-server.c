// An edge-triggered server of one thread and many clients.
#include "t.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/socket.h>
int main(void) {
  struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
  socklen_t n = sizeof a;
  int l = MUST(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0));
  MUST(bind(l, (void *)&a, sizeof a));
  MUST(listen(l, 100));
  getsockname(l, (void *)&a, &n);
  enum { CLIENTS = 8, ROUNDS = 20 };
  for (int i = 0; i < CLIENTS; i++)
    CHILD({
      int s = socket(AF_INET, SOCK_STREAM, 0);
      MUST(connect(s, (void *)&a, sizeof a));
      int good = 0;
      for (int r = 1; r <= ROUNDS; r++) {
        static char out[30000];
        static char in[30000];
        int len = r * 997 % 30000;
        memset(out, 'a' + (i + r) % 26, len);
        for (int w = 0; w < len;) {
          int k = write(s, out + w, len - w);
          if (k <= 0) break;
          w += k;
          // Take what has come, so that neither side fills up.
          if (w < len) sched_yield();
        }
        good += recv(s, in, len, MSG_WAITALL) == len && !memcmp(in, out, len);
      }
      _exit(good == ROUNDS ? 0 : 1);
    });
  int ep = MUST(epoll_create1(0)), open_ = 0, closed = 0;
  struct epoll_event e = {.events = EPOLLIN | EPOLLET, .data.fd = l};
  epoll_ctl(ep, EPOLL_CTL_ADD, l, &e);
  static char *pending[1024];
  static int have[1024];
  while (closed < CLIENTS) {
    struct epoll_event ev[16];
    int k = epoll_wait(ep, ev, 16, 5000);
    if (k <= 0) {
      say("stuck\n");
      break;
    }
    for (int i = 0; i < k; i++) {
      int fd = ev[i].data.fd;
      if (fd == l) {
        int s;
        while ((s = accept4(l, 0, 0, SOCK_NONBLOCK)) >= 0) {
          struct epoll_event add = {.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, .data.fd = s};
          epoll_ctl(ep, EPOLL_CTL_ADD, s, &add);
          pending[s] = malloc(100000);
          have[s] = 0;
          open_++;
        }
        continue;
      }
      bool end = false;
      for (bool moved = true; moved;) {
        moved = false;
        int r = read(fd, pending[fd] + have[fd], 100000 - have[fd]);
        if (r == 0 && have[fd] < 100000) end = true;
        if (r > 0) have[fd] += r, moved = true;
        int w = have[fd] ? write(fd, pending[fd], have[fd]) : 0;
        if (w > 0) memmove(pending[fd], pending[fd] + w, have[fd] -= w), moved = true;
      }
      if (end) {
        close(fd);
        closed++;
      }
    }
  }
  say("opened %d closed %d\n", open_, closed);
  int status, good = 0;
  while (wait(&status) > 0) good += status == 0;
  say("good clients %d\n", good);
  return 0;
}
