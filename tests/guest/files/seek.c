// lseek(2) with all its whences, holes and data, limits.
#include "t.h"
int main(void) {
  int fd = MUST(open("f", O_RDWR | O_CREAT, 0644));
  T(lseek(fd, 0, SEEK_END));
  T(lseek(fd, 100, SEEK_SET));
  T(lseek(fd, -50, SEEK_CUR));
  T(lseek(fd, -51, SEEK_CUR));
  T(lseek(fd, 0, SEEK_CUR));
  T(lseek(fd, -1, SEEK_SET));
  T(lseek(fd, 0, 99));
  T(lseek(fd, LONG_MAX, SEEK_SET));
  T(lseek(fd, 1, SEEK_CUR));
  T(lseek(99, 0, SEEK_SET));
  char c;
  T(read(fd, &c, 1));
  T(write(fd, "x", 1));
  int p[2];
  pipe(p);
  T(lseek(p[0], 0, SEEK_SET));
  T(lseek(p[0], 0, 99));
  int z = open("/dev/zero", O_RDONLY), n = open("/dev/null", O_RDWR);
  T(lseek(z, 100, SEEK_SET));
  T(lseek(n, 100, SEEK_SET));
  // Data and holes, by pages.
  lseek(fd, 0, SEEK_SET);
  T(lseek(fd, 0, SEEK_DATA));
  T(lseek(fd, 0, SEEK_HOLE));
  ftruncate(fd, 20 * 4096);
  pwrite(fd, "x", 1, 3 * 4096 + 5);
  pwrite(fd, "x", 1, 8 * 4096);
  pwrite(fd, "x", 1, 9 * 4096);
  off_t at[] = {0, 1, 3 * 4096, 3 * 4096 + 10, 4 * 4096, 8 * 4096, 9 * 4096 + 1, 10 * 4096, 20 * 4096 - 1, 20 * 4096, 21 * 4096, -1};
  for (int i = 0; i < 12; i++) {
    off_t d = lseek(fd, at[i], SEEK_DATA);
    int de = errno;
    off_t h = lseek(fd, at[i], SEEK_HOLE);
    say("from %ld: data %ld %s hole %ld %s\n", (long)at[i], (long)d, d < 0 ? err(de) : "", (long)h, h < 0 ? err(errno) : "");
  }
  // A large offset: the file is sparse.
  T(pwrite(fd, "end", 3, 5l << 32));
  T(lseek(fd, 0, SEEK_END));
  T(pread(fd, (char[4]){0}, 4, 5l << 32));
  T(lseek(fd, 20 * 4096, SEEK_DATA) == (5l << 32));
  int d = open(".", O_RDONLY);
  T(lseek(d, 0, SEEK_SET));
  T(pwrite(fd, "x", 1, -1));
  T(pread(fd, &c, 1, -1));
  T(pwrite(p[1], "x", 1, 0));
  T(pread(p[0], &c, 1, 0));
  return 0;
}
