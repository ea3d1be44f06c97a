// SO_RCVTIMEO and SO_SNDTIMEO on each blocking call.
#include "t.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
static void rcv(int s, int ms) {
  struct timeval t = {ms / 1000, ms % 1000 * 1000};
  MUST(setsockopt(s, SOL_SOCKET, SO_RCVTIMEO, &t, sizeof t));
}
int main(void) {
  int s[2];
  char b[10];
  MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, s));
  rcv(s[0], 40);
  double t = now();
  T(recv(s[0], b, 1, 0));
  CHECK(now() - t >= 39 && now() - t < 3000);
  t = now();
  T(read(s[0], b, 1));
  CHECK(now() - t >= 39);
  write(s[1], "abc", 3);
  T(recv(s[0], b, 10, MSG_WAITALL));
  T(recv(s[0], b, 10, MSG_DONTWAIT));
  struct timeval tv = {0, 40000};
  setsockopt(s[0], SOL_SOCKET, SO_SNDTIMEO, &tv, sizeof tv);
  static char big[1 << 20];
  t = now();
  long r = write(s[0], big, sizeof big);
  CHECK(r > 0 && r < (long)sizeof big);
  CHECK(now() - t >= 39);
  T(write(s[0], big, sizeof big));
  int l = MUST(socket(AF_INET, SOCK_STREAM, 0));
  MUST(listen(l, 5));
  rcv(l, 40);
  t = now();
  T(accept(l, 0, 0));
  CHECK(now() - t >= 39);
  int u = MUST(socket(AF_INET, SOCK_DGRAM, 0));
  struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
  bind(u, (void *)&a, sizeof a);
  rcv(u, 40);
  t = now();
  T(recv(u, b, 1, 0));
  CHECK(now() - t >= 39);
  // An accepted socket starts without... or with its listener's: as Linux does.
  socklen_t n = sizeof a;
  getsockname(l, (void *)&a, &n);
  a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  int c = MUST(socket(AF_INET, SOCK_STREAM, 0));
  MUST(connect(c, (void *)&a, sizeof a));
  int k = MUST(accept(l, 0, 0));
  tv = (struct timeval){9, 9};
  n = sizeof tv;
  getsockopt(k, SOL_SOCKET, SO_RCVTIMEO, &tv, &n);
  say("inherited %ld ms\n", (long)(tv.tv_sec * 1000 + tv.tv_usec / 1000));
  return 0;
}
