// A megabyte each way at once, in odd sizes; many connections; an echo server that forks.
#include "t.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
static uint32_t sum(const unsigned char *b, long n, uint32_t h) {
  for (long i = 0; i < n; i++) h = (h ^ b[i]) * 16777619u;
  return h;
}
int main(void) {
  signal(SIGPIPE, SIG_IGN);
  struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
  socklen_t n = sizeof a;
  int l = MUST(socket(AF_INET, SOCK_STREAM, 0)), one = 1;
  setsockopt(l, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  MUST(bind(l, (void *)&a, sizeof a));
  MUST(listen(l, 50));
  getsockname(l, (void *)&a, &n);
  enum { N = 1000003 };
  static unsigned char out[N], in[70000];
  for (int i = 0; i < N; i++) out[i] = i * 31 % 255;
  pid_t server = CHILD({
    int s = accept(l, 0, 0);
    long r;
    while ((r = read(s, in, sizeof in)) > 0)
      for (long w = 0; w < r;) w += write(s, in + w, r - w);
    shutdown(s, SHUT_WR);
  });
  int c = MUST(socket(AF_INET, SOCK_STREAM, 0));
  MUST(connect(c, (void *)&a, sizeof a));
  setsockopt(c, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  fcntl(c, F_SETFL, O_NONBLOCK);
  long sent = 0, got = 0;
  uint32_t h = 2166136261u;
  int step = 1;
  for (bool end = false; !end;) {
    struct pollfd p = {c, POLLIN | (sent < N ? POLLOUT : 0), 0};
    if (poll(&p, 1, 5000) <= 0) break;
    if (p.revents & POLLOUT) {
      long k = send(c, out + sent, N - sent < step ? N - sent : step, 0);
      if (k > 0) sent += k;
      step = step * 3 % 65521;
      if (sent == N) shutdown(c, SHUT_WR);
    }
    if (p.revents & POLLIN) {
      long k = recv(c, in, sizeof in, 0);
      if (k == 0) end = true;
      if (k > 0) h = sum(in, k, h), got += k;
    }
  }
  say("sent %ld got %ld same %d\n", sent, got, h == sum(out, N, 2166136261u));
  REAP(server);
  // Thirty clients of a forking server.
  server = CHILD({
    for (int i = 0; i < 30; i++) {
      int s = accept(l, 0, 0);
      if (fork() == 0) {
        char b[100];
        long r;
        while ((r = read(s, b, 100)) > 0) write(s, b, r);
        _exit(0);
      }
      close(s);
    }
    while (wait(0) > 0) {
    }
  });
  int cs[30];
  for (int i = 0; i < 30; i++) {
    cs[i] = MUST(socket(AF_INET, SOCK_STREAM, 0));
    MUST(connect(cs[i], (void *)&a, sizeof a));
  }
  int good = 0;
  for (int i = 29; i >= 0; i--) {
    char b[20];
    char r[20] = {0};
    int k = sprintf(b, "client %d", i);
    write(cs[i], b, k);
    good += recv(cs[i], r, k, MSG_WAITALL) == k && !strcmp(b, r);
  }
  for (int i = 0; i < 30; i++) close(cs[i]);
  say("good %d\n", good);
  REAP(server);
  return 0;
}
