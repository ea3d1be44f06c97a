// readv, writev, preadv2, pwritev2 and their flags.
#include "t.h"
int main(void) {
  int fd = MUST(open("f", O_RDWR | O_CREAT, 0644));
  char a[4] = "abc", b[8] = "defghij", c[3] = "kl";
  struct iovec v[4] = {{a, 3}, {0, 0}, {b, 7}, {c, 2}};
  T(writev(fd, v, 4));
  print_file("f");
  memset(a, 0, 4), memset(b, 0, 8), memset(c, 0, 3);
  T(preadv(fd, v, 4, 1));
  say("%s %s %s\n", a, b, c);
  T(pwritev(fd, v, 1, 20));
  T(lseek(fd, 0, SEEK_CUR));
  T(preadv2(fd, v, 1, -1, 0)); // at the current offset
  T(lseek(fd, 0, SEEK_CUR));
  T(pwritev2(fd, v, 1, 0, RWF_APPEND));
  print_file("f");
  T(pwritev2(fd, v, 1, 0, 0x4000));
  T(preadv2(fd, v, 1, 0, RWF_APPEND));
  T(preadv2(fd, v, 1, 0, RWF_NOWAIT));
  T(pwritev2(fd, v, 1, 0, RWF_DSYNC | RWF_SYNC));
  T(preadv(fd, v, 1, -1));
  T(readv(fd, v, 0));
  T(writev(fd, v, 1025));
  T(writev(99, v, 1));
  struct iovec neg = {a, -1};
  T(writev(fd, &neg, 1));
  struct iovec null = {0, 0};
  T(writev(fd, &null, 1));
  int p[2];
  pipe(p);
  T(preadv(p[0], v, 1, 0));
  T(preadv2(p[0], v, 1, -1, RWF_NOWAIT));
  T(writev(p[1], v, 4));
  T(readv(p[0], v, 4));
  // O_APPEND: pwrite appends all the same, on Linux.
  int ap = MUST(open("g", O_RDWR | O_CREAT | O_APPEND, 0644));
  T(write(ap, "12345", 5));
  T(pwrite(ap, "x", 1, 0));
  T(lseek(ap, 0, SEEK_CUR));
  T(lseek(ap, 0, SEEK_SET));
  T(write(ap, "y", 1));
  T(lseek(ap, 0, SEEK_CUR));
  print_file("g");
  int other = open("g", O_WRONLY);
  lseek(other, 0, SEEK_END);
  write(other, "z", 1);
  write(ap, "w", 1);
  print_file("g");
  // Nothing read at the end; a big count is cut.
  T(read(fd, a, 0));
  T(read(fd, (char *)16, 0));
  T(write(fd, (char *)16, 0));
  T(read(fd, (char *)16, 5));
  lseek(fd, 0, SEEK_SET);
  T(read(fd, (char *)16, 5));
  T(write(fd, (char *)16, 5));
  T(read(fd, a, -1l));
  return 0;
}
