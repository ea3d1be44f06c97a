// sendfile(2): offsets, directions, errors.
#include "t.h"
#include <sys/sendfile.h>
#include <sys/socket.h>
int main(void) {
  put("f", "0123456789");
  int in = MUST(open("f", O_RDONLY)), out = MUST(open("g", O_RDWR | O_CREAT, 0644)), p[2], s[2];
  pipe(p);
  socketpair(AF_UNIX, SOCK_STREAM, 0, s);
  off_t off = 3;
  T(sendfile(out, in, &off, 4));
  T(off);
  T(lseek(in, 0, SEEK_CUR));
  T(sendfile(out, in, 0, 2));
  T(lseek(in, 0, SEEK_CUR));
  T(sendfile(out, in, 0, 100));
  T(sendfile(out, in, 0, 100));
  print_file("g");
  off = 0;
  T(sendfile(p[1], in, &off, 10));
  char b[20] = {0};
  T(read(p[0], b, 20));
  off = 5;
  T(sendfile(s[0], in, &off, 10));
  T(read(s[1], b, 20));
  T(sendfile(out, p[0], 0, 1));
  T(sendfile(out, s[1], 0, 1) == -1);
  off = -1;
  T(sendfile(out, in, &off, 1));
  off = 100;
  T(sendfile(out, in, &off, 1));
  T(sendfile(out, in, 0, 0));
  T(sendfile(in, out, 0, 1));
  T(sendfile(out, out, 0, 1));
  T(sendfile(99, in, 0, 1));
  T(sendfile(out, 99, 0, 1));
  T(sendfile(out, in, (off_t *)16, 1));
  int ap = MUST(open("h", O_WRONLY | O_CREAT | O_APPEND, 0644));
  off = 0;
  T(sendfile(ap, in, &off, 1));
  int wo = MUST(open("f", O_WRONLY));
  T(sendfile(out, wo, 0, 1));
  int d = open(".", O_RDONLY);
  T(sendfile(out, d, 0, 1));
  int z = open("/dev/zero", O_RDONLY);
  lseek(out, 0, SEEK_SET);
  T(sendfile(out, z, 0, 10));
  off = 2;
  int n = open("/dev/null", O_WRONLY);
  T(sendfile(n, in, &off, 5));
  return 0;
}
