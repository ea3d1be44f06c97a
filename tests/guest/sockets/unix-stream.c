// AF_UNIX stream sockets by path: bind, listen, connect, accept, names, errors in order.
#include "t.h"
#include <sys/socket.h>
#include <sys/un.h>
static struct sockaddr_un a;
static socklen_t name(const char *p) {
  memset(&a, 0, sizeof a);
  a.sun_family = AF_UNIX;
  strcpy(a.sun_path, p);
  return offsetof(struct sockaddr_un, sun_path) + strlen(p) + 1;
}
#define A (struct sockaddr *)&a
static void print_name(const char *what, int r, struct sockaddr_un *u, socklen_t n) {
  if (r < 0) say("%s: %s\n", what, err(errno));
  else {
    say("%s: family %d length %d ", what, u->sun_family, (int)n);
    print_bytes("path", u->sun_path, (long)n - 2 > 0 ? (long)n - 2 : 0);
  }
}
int main(void) {
  T(socket(AF_UNIX, SOCK_RAW + 10, 0));
  T(socket(AF_UNIX, SOCK_STREAM, 99));
  T(socket(99, SOCK_STREAM, 0));
  T(socket(AF_UNIX, SOCK_STREAM | 0x10000, 0));
  int l = MUST(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)), c = MUST(socket(AF_UNIX, SOCK_STREAM, 0));
  T(fcntl(l, F_GETFD));
  socklen_t n = name("s");
  T(connect(c, A, n));
  T(listen(l, 5));
  T(accept(l, 0, 0));
  T(bind(l, A, 2 + 200));
  T(bind(l, A, 1));
  T(bind(l, A, n));
  T(bind(l, A, n));
  T(bind(c, A, n));
  struct stat st;
  stat("s", &st);
  say("%o\n", st.st_mode);
  T(connect(c, A, n)); // bound, not listening
  T(listen(l, 2));
  T(listen(l, 2));
  T(connect(l, A, n));
  T(connect(c, A, n));
  T(connect(c, A, n));
  T(listen(c, 1));
  struct sockaddr_un p;
  socklen_t pl = sizeof p;
  int s = MUST(accept4(l, (struct sockaddr *)&p, &pl, SOCK_CLOEXEC | SOCK_NONBLOCK));
  int r;
  print_name("peer at accept", 0, &p, pl);
  T(fcntl(s, F_GETFD));
  CHECK((fcntl(s, F_GETFL) & O_NONBLOCK) != 0);
  pl = sizeof p;
  r = getsockname(s, (struct sockaddr *)&p, &pl);
  print_name("server's own", r, &p, pl);
  pl = sizeof p;
  r = getpeername(c, (struct sockaddr *)&p, &pl);
  print_name("client's peer", r, &p, pl);
  pl = sizeof p;
  r = getsockname(c, (struct sockaddr *)&p, &pl);
  print_name("client's own", r, &p, pl);
  pl = 3;
  memset(&p, 0, sizeof p);
  T(getsockname(s, (struct sockaddr *)&p, &pl));
  say("length told %d\n", (int)pl);
  pl = sizeof p;
  r = getpeername(l, (struct sockaddr *)&p, &pl);
  print_name("listener's peer", r, &p, pl);
  T(write(c, "hello", 5));
  char b[20] = {0};
  T(read(s, b, 20));
  T(read(s, b, 20));
  T(write(s, "back", 4));
  T(read(c, b, 20));
  T(sendto(c, "x", 1, 0, A, n));
  T(accept(c, 0, 0));
  T(accept(1, 0, 0));
  T(accept4(l, 0, 0, 0x10));
  // Data written before accept is there; a client that has gone leaves what it sent.
  int d = MUST(socket(AF_UNIX, SOCK_STREAM, 0));
  MUST(connect(d, A, n));
  write(d, "early", 5);
  close(d);
  int e = MUST(accept(l, 0, 0));
  T(read(e, b, 20));
  T(read(e, b, 20));
  signal(SIGPIPE, SIG_IGN);
  T(write(e, "x", 1));
  // The backlog.
  int k[6];
  for (int i = 0; i < 5; i++) {
    k[i] = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
    int r = connect(k[i], A, n);
    say("%d: %s\n", i, r ? err(errno) : "connected");
  }
  // Closing the listener resets those that wait.
  close(l);
  T(read(k[0], b, 1));
  T(connect(k[4], A, n));
  unlink("s");
  T(connect(k[4], A, n));
  // Permission to write the socket file.
  l = socket(AF_UNIX, SOCK_STREAM, 0);
  chmod(".", 0755);
  bind(l, A, n);
  listen(l, 5);
  chmod("s", 0600);
  APART({
    MUST(setresuid(1000, 1000, 1000));
    int u = socket(AF_UNIX, SOCK_STREAM, 0);
    T(connect(u, A, n));
  });
  put("plain", "x");
  n = name("plain");
  T(connect(k[4], A, n));
  n = name("none/s");
  T(bind(k[4], A, n));
  // Longest path.
  memset(&a.sun_path, 'n', sizeof a.sun_path);
  T(bind(k[4], A, sizeof a));
  return 0;
}
