#include "s.h"
int main(void) {
  int p[2], q[2];
  BEGIN();
  call(pipe2, p, 0);
  call(pipe2, q, 0);
  int f = call(openat, AT_FDCWD, "f", O_RDWR | O_CREAT, 0644);
  call(write, f, "0123456789", 10);
  int64_t off = 2, out = 5;
  call(splice, f, &off, p[1], NULL, 5, SPLICE_F_MOVE | SPLICE_F_MORE);
  call(splice, p[0], NULL, p[1], NULL, 5, 0x10);
  call(tee, p[0], q[1], 3, SPLICE_F_NONBLOCK);
  struct iovec v = {"abc", 3};
  call(vmsplice, q[1], &v, 1, SPLICE_F_GIFT);
  call(sendfile, p[1], f, &off, 2);
  call(sendfile, p[1], f, NULL, 2);
  call(sendfile, 99, f, WILD, 2);
  int g = call(openat, AT_FDCWD, "g", O_RDWR | O_CREAT, 0644);
  off = 0;
  call(copy_file_range, f, &off, g, &out, 4, 0);
  call(copy_file_range, f, NULL, g, NULL, 4, 1);
  return 0;
}
