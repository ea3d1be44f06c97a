// Blocked socket calls are woken by the events that concern them.
#include "t.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
int main(void) {
  signal(SIGPIPE, SIG_IGN);
  struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
  socklen_t n = sizeof a;
  int l = MUST(socket(AF_INET, SOCK_STREAM, 0));
  MUST(bind(l, (void *)&a, sizeof a));
  MUST(listen(l, 5));
  getsockname(l, (void *)&a, &n);
  pid_t me = getpid();
  char b[100];
  // recv blocked, peer's data, end, reset.
  for (int how = 0; how < 3; how++) {
    pid_t c = CHILD({
      int s = socket(AF_INET, SOCK_STREAM, 0);
      connect(s, (void *)&a, sizeof a);
      until(me, 'S');
      nap(10);
      struct linger lg = {1, 0};
      if (how == 0) write(s, "data", 4), nap(50);
      if (how == 1) shutdown(s, SHUT_WR), nap(50);
      if (how == 2) setsockopt(s, SOL_SOCKET, SO_LINGER, &lg, sizeof lg), close(s);
    });
    int s = MUST(accept(l, 0, 0));
    T(recv(s, b, 100, 0));
    close(s);
    REAP(c);
  }
  // send blocked on a full peer, let go by reading and by closing.
  static char big[8 << 20];
  for (int how = 0; how < 2; how++) {
    pid_t c = CHILD({
      int s = socket(AF_INET, SOCK_STREAM, 0);
      connect(s, (void *)&a, sizeof a);
      until(me, 'S');
      nap(10);
      long t = 0;
      long r;
      if (how == 0) {
        while ((r = read(s, big, 100000)) > 0) t += r;
        _exit(t == sizeof big ? 1 : 2);
      }
    });
    int s = MUST(accept(l, 0, 0));
    errno = 0;
    long r = send(s, big, sizeof big, 0);
    say("%s\n", r == sizeof big ? "all" : r > 0 ? "part" : err(errno));
    if (how == 1) {
      r = send(s, big, 10, 0);
      say("%s\n", r < 0 ? err(errno) : "sent");
    }
    close(s);
    REAP(c);
  }
  // A listener that is shut down wakes accept.
  pid_t c = CHILD(until(me, 'S'); shutdown(l, SHUT_RDWR));
  T(accept(l, 0, 0));
  REAP(c);
  struct pollfd p = {l, POLLIN, 0};
  T(poll(&p, 1, 0));
  say("HUP %d\n", !!(p.revents & POLLHUP));
  return 0;
}
