// splice, tee, vmsplice: between files and pipes; errors.
#include "t.h"
int main(void) {
  put("f", "0123456789");
  int in = MUST(open("f", O_RDONLY)), out = MUST(open("g", O_RDWR | O_CREAT, 0644)), p[2], q[2];
  MUST(pipe(p));
  MUST(pipe(q));
  char b[100] = {0};
  T(splice(in, 0, p[1], 0, 4, 0));
  T(lseek(in, 0, SEEK_CUR));
  off_t off = 7;
  T(splice(in, &off, p[1], 0, 100, 0));
  T(off);
  T(tee(p[0], q[1], 5, 0));
  T(read(q[0], b, 100));
  print_bytes("teed", b, 5);
  off = 2;
  T(splice(p[0], 0, out, &off, 100, 0));
  T(lseek(out, 0, SEEK_CUR));
  print_file("g");
  T(splice(in, 0, out, 0, 1, 0));
  T(splice(p[0], &off, out, 0, 1, 0));
  T(splice(in, 0, p[1], &off, 1, 0));
  T(splice(p[0], 0, p[1], 0, 1, 0));
  T(splice(99, 0, p[1], 0, 1, 0));
  T(splice(in, 0, p[0], 0, 1, 0));
  T(splice(p[1], 0, out, 0, 1, 0));
  T(splice(p[0], 0, out, 0, 0, 0));
  T(splice(p[0], 0, out, 0, 1, 0x100));
  T(splice(p[0], 0, q[1], 0, 1, SPLICE_F_NONBLOCK));
  T(tee(p[0], q[1], 1, SPLICE_F_NONBLOCK));
  T(tee(p[0], p[1], 1, 0));
  T(tee(in, q[1], 1, 0));
  int ap = MUST(open("g", O_WRONLY | O_APPEND));
  write(p[1], "x", 1);
  T(splice(p[0], 0, ap, 0, 1, 0));
  // Pipe to pipe.
  T(splice(p[0], 0, q[1], 0, 10, 0));
  T(read(q[0], b, 10));
  // End of file: nothing.
  lseek(in, 0, SEEK_END);
  T(splice(in, 0, p[1], 0, 10, 0));
  // The writer gone: 0.
  int r[2];
  MUST(pipe(r));
  close(r[1]);
  T(splice(r[0], 0, out, 0, 10, 0));
  T(tee(r[0], q[1], 10, 0));
  // vmsplice
  struct iovec v[2] = {{"abc", 3}, {"defg", 4}};
  T(vmsplice(p[1], v, 2, 0));
  T(read(p[0], b, 100));
  print_bytes("vmspliced", b, 7);
  write(p[1], "hello", 5);
  struct iovec to = {b, 100};
  T(vmsplice(p[0], &to, 1, 0));
  T(vmsplice(in, v, 1, 0));
  T(vmsplice(p[1], v, -1, 0));
  struct iovec bad = {(void *)16, 5};
  T(vmsplice(p[1], &bad, 1, 0));
  // Through /dev/null and /dev/zero.
  int n = open("/dev/null", O_RDWR), z = open("/dev/zero", O_RDONLY);
  write(p[1], "hello", 5);
  T(splice(p[0], 0, n, 0, 100, 0));
  T(splice(z, 0, p[1], 0, 6, 0));
  T(read(p[0], b, 100));
  // A blocking splice waits for the writer.
  pid_t me = getpid();
  pid_t c = CHILD(until(me, 'S'); write(p[1], "late", 4));
  T(splice(p[0], 0, out, 0, 100, 0));
  REAP(c);
  return 0;
}
