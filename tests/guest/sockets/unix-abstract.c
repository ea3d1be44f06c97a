// Abstract names: no file, exact length, zero bytes in them, autobind.
#include "t.h"
#include <sys/socket.h>
#include <sys/un.h>
int main(void) {
  struct sockaddr_un a = {.sun_family = AF_UNIX}, p;
  char unique[40];
  // One network has one such space: keep out of others' way.
  int n = sprintf(unique, "airside-test-%d", getpid());
  memcpy(a.sun_path + 1, unique, n);
  socklen_t len = 2 + 1 + n, pl;
  int l = MUST(socket(AF_UNIX, SOCK_STREAM, 0)), c = MUST(socket(AF_UNIX, SOCK_STREAM, 0)), d = MUST(socket(AF_UNIX, SOCK_STREAM, 0));
  T(bind(l, (void *)&a, len));
  T(listen(l, 5));
  T(connect(c, (void *)&a, len + 1)); // one more zero byte is another name
  T(connect(c, (void *)&a, len - 1));
  T(connect(c, (void *)&a, len));
  T(bind(d, (void *)&a, len));
  pl = sizeof p;
  T(getpeername(c, (void *)&p, &pl));
  CHECK(pl == len && !memcmp(&p, &a, len));
  int s = MUST(accept(l, 0, 0));
  write(c, "x", 1);
  char b[4];
  T(read(s, b, 4));
  close(l);
  T(bind(d, (void *)&a, len)); // free as soon as it is closed, though a connection lives
  // Autobind: five hexadecimal digits.
  int e = MUST(socket(AF_UNIX, SOCK_DGRAM, 0));
  T(bind(e, (void *)&a, 2));
  pl = sizeof p;
  T(getsockname(e, (void *)&p, &pl));
  say("length %d first byte %d\n", (int)pl, p.sun_path[0]);
  // It leaves nothing in the directory.
  T(access(unique, F_OK));
  a.sun_family = AF_INET;
  T(connect(c, (void *)&a, len));
  return 0;
}
