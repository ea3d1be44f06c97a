// Pipes and vectors, O_DIRECT packets, fcntl on ends, readers of odd sizes.
#include "t.h"
int main(void) {
  int p[2];
  char b[10000];
  MUST(pipe2(p, O_DIRECT | O_NONBLOCK));
  CHECK((fcntl(p[1], F_GETFL) & O_DIRECT) != 0);
  T(write(p[1], "first", 5));
  T(write(p[1], "second", 6));
  T(write(p[1], b, 5000)); // two packets
  T(read(p[0], b, 3)); // the rest of the packet is lost
  T(read(p[0], b, 100));
  T(read(p[0], b, 10000));
  T(read(p[0], b, 10000));
  T(read(p[0], b, 10000));
  T(write(p[1], b, 0));
  T(read(p[0], b, 10));
  T(fcntl(p[1], F_SETFL, O_NONBLOCK));
  T(write(p[1], "a", 1));
  T(write(p[1], "b", 1));
  T(read(p[0], b, 10));
  T(fcntl(p[1], F_SETFL, O_DIRECT));
  MUST(pipe2(p, O_NONBLOCK));
  struct iovec v[3] = {{"abc", 3}, {"", 0}, {"defgh", 5}};
  T(writev(p[1], v, 3));
  char x[2], y[3], z[10];
  struct iovec r[3] = {{x, 2}, {y, 3}, {z, 10}};
  T(readv(p[0], r, 3));
  print_bytes("z", z, 3);
  // A bad address in the middle of a write: what came before it stays.
  struct iovec bad[2] = {{"good", 4}, {(void *)16, 4}};
  T(writev(p[1], bad, 2));
  T(read(p[0], b, 10));
  T(write(p[1], (void *)16, 4));
  T(read(p[0], (void *)16, 4));
  write(p[1], "keep", 4);
  T(read(p[0], (void *)16, 4));
  T(read(p[0], b, 4));
  int n;
  write(p[1], "12345", 5);
  T(ioctl(p[0], FIONREAD, &n));
  say("%d\n", n);
  T(ioctl(p[1], FIONREAD, &n));
  say("%d\n", n);
  struct stat st;
  fstat(p[0], &st);
  say("size %ld\n", (long)st.st_size);
  T(fsync(p[1]));
  T(lseek(p[1], 0, SEEK_CUR));
  T(ftruncate(p[1], 0));
  T(fallocate(p[1], 0, 0, 1));
  return 0;
}
