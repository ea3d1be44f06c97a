// TCP's urgent byte: MSG_OOB, SIOCATMARK, SO_OOBINLINE, SIGURG.
#include "t.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
static volatile int urg;
static void handler(int s) { (void)s; urg++; }
int main(void) {
  struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
  socklen_t n = sizeof a;
  int l = MUST(socket(AF_INET, SOCK_STREAM, 0)), c = MUST(socket(AF_INET, SOCK_STREAM, 0));
  MUST(bind(l, (void *)&a, sizeof a));
  MUST(listen(l, 5));
  getsockname(l, (void *)&a, &n);
  MUST(connect(c, (void *)&a, sizeof a));
  int s = MUST(accept(l, 0, 0));
  char b[20];
  T(recv(s, b, 1, MSG_OOB));
  signal(SIGURG, handler);
  fcntl(s, F_SETOWN, getpid());
  T(send(c, "abc", 3, 0));
  T(send(c, "U", 1, MSG_OOB));
  T(send(c, "def", 3, 0));
  nap(20);
  say("signals %d\n", urg);
  struct pollfd p = {s, POLLIN | POLLPRI, 0};
  T(poll(&p, 1, 0));
  say("IN %d PRI %d\n", !!(p.revents & POLLIN), !!(p.revents & POLLPRI));
  int mark;
  T(ioctl(s, SIOCATMARK, &mark));
  say("%d\n", mark);
  T(recv(s, b, 1, MSG_OOB | MSG_PEEK));
  T(recv(s, b, 1, MSG_OOB));
  say("%c\n", b[0]);
  T(recv(s, b, 20, 0)); // stops at the mark
  print_bytes("before", b, 3);
  T(ioctl(s, SIOCATMARK, &mark));
  say("%d\n", mark);
  T(recv(s, b, 20, 0));
  print_bytes("after", b, 3);
  int on = 1;
  setsockopt(s, SOL_SOCKET, SO_OOBINLINE, &on, sizeof on);
  send(c, "12", 2, 0);
  send(c, "V", 1, MSG_OOB);
  send(c, "34", 2, 0);
  nap(20);
  T(recv(s, b, 20, 0));
  T(recv(s, b, 20, 0));
  print_bytes("inline", b, 3);
  T(recv(s, b, 1, MSG_OOB));
  return 0;
}
