// Sockets shared by fork: accept by several, the connection ends when the last holder closes.
#include "t.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
int main(void) {
  struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
  socklen_t n = sizeof a;
  int l = MUST(socket(AF_INET, SOCK_STREAM, 0));
  MUST(bind(l, (void *)&a, sizeof a));
  MUST(listen(l, 20));
  getsockname(l, (void *)&a, &n);
  pid_t w[3];
  for (int i = 0; i < 3; i++)
    w[i] = CHILD({
      for (;;) {
        int s = accept(l, 0, 0);
        char c;
        if (read(s, &c, 1) != 1 || c == 'q') _exit(3);
        c++;
        write(s, &c, 1);
        close(s);
      }
    });
  int good = 0;
  for (int i = 0; i < 20; i++) {
    int s = MUST(socket(AF_INET, SOCK_STREAM, 0));
    MUST(connect(s, (void *)&a, sizeof a));
    char c = 'a' + i % 10, d = 0;
    write(s, &c, 1);
    read(s, &d, 1);
    good += d == c + 1;
    close(s);
  }
  say("good %d\n", good);
  for (int i = 0; i < 3; i++) {
    int s = MUST(socket(AF_INET, SOCK_STREAM, 0));
    MUST(connect(s, (void *)&a, sizeof a));
    write(s, "q", 1);
    close(s);
  }
  for (int i = 0; i < 3; i++) REAP(w[i]);
  // Held by a child.
  int c = MUST(socket(AF_INET, SOCK_STREAM, 0));
  MUST(connect(c, (void *)&a, sizeof a));
  int s = MUST(accept(l, 0, 0));
  pid_t h = CHILD(close(c); for (;;) pause());
  until(h, 'S');
  close(s);
  char b;
  T(recv(c, &b, 1, MSG_DONTWAIT));
  T(send(c, "x", 1, 0));
  kill(h, SIGKILL);
  reap(h);
  nap(20);
  // With that byte unread the end is a reset.
  T(recv(c, &b, 1, 0));
  // shutdown works at once, whoever holds it.
  int q[2];
  MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, q));
  h = CHILD(for (;;) pause());
  until(h, 'S');
  shutdown(q[0], SHUT_WR);
  T(recv(q[1], &b, 1, 0));
  kill(h, SIGKILL);
  reap(h);
  return 0;
}
