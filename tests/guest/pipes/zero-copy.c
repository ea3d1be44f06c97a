// Data moved by splice through a chain of pipes and a socket arrives whole.
#include "t.h"
#include <sys/sendfile.h>
#include <sys/socket.h>
int main(void) {
  int f = MUST(open("f", O_RDWR | O_CREAT, 0644)), out = MUST(open("out", O_RDWR | O_CREAT, 0644));
  enum { N = 300000 };
  static char b[N], c[N];
  for (int i = 0; i < N; i++) b[i] = i * 7 % 253;
  write(f, b, N);
  lseek(f, 0, SEEK_SET);
  int p[2], s[2], q[2];
  MUST(pipe(p));
  MUST(pipe(q));
  MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, s));
  pid_t k = CHILD({
    close(p[0]);
    long n;
    while ((n = splice(f, 0, p[1], 0, 100000, SPLICE_F_MOVE)) > 0) {
    }
  });
  close(p[1]);
  pid_t k2 = CHILD({
    close(s[1]);
    long n;
    while ((n = splice(p[0], 0, s[0], 0, 50000, 0)) > 0) {
    }
    shutdown(s[0], SHUT_WR);
  });
  close(p[0]);
  close(s[0]);
  pid_t k3 = CHILD({
    close(q[0]);
    long n;
    while ((n = splice(s[1], 0, q[1], 0, 70000, 0)) > 0) {
    }
  });
  close(s[1]);
  close(q[1]);
  long total = 0, n;
  while ((n = splice(q[0], 0, out, 0, 100000, 0)) > 0) total += n;
  say("total %ld\n", total);
  REAP(k);
  REAP(k2);
  REAP(k3);
  pread(out, c, N, 0);
  CHECK(memcmp(b, c, N) == 0);
  return 0;
}
