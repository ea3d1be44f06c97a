// truncate, ftruncate, fallocate with its modes, sparse files.
#include "t.h"
static void show(int fd, const char *what) {
  struct stat st;
  fstat(fd, &st);
  say("%s: size %ld blocks %ld\n", what, (long)st.st_size, (long)st.st_blocks);
}
int main(void) {
  put("f", "0123456789");
  T(truncate("f", 4));
  print_file("f");
  T(truncate("f", 7));
  print_file("f");
  T(truncate("f", -1));
  T(truncate("none", 1));
  mkdir("d", 0755);
  T(truncate("d", 1));
  T(truncate("f/", 1));
  T(truncate("f/x", 1));
  mkfifo("p", 0644);
  T(truncate("p", 1));
  T(truncate("/dev/null", 1));
  int fd = MUST(open("f", O_RDWR)), ro = MUST(open("f", O_RDONLY)), null = MUST(open("/dev/null", O_RDWR));
  T(ftruncate(ro, 1));
  T(ftruncate(fd, -1));
  T(ftruncate(null, 0));
  T(ftruncate(99, 0));
  int pipes[2];
  pipe(pipes);
  T(ftruncate(pipes[1], 0));
  T(ftruncate(fd, 1l << 40));
  show(fd, "a terabyte");
  T(ftruncate(fd, 0));
  show(fd, "empty");
  // The offset stays; a write beyond the end leaves zeros.
  T(write(fd, "abc", 3));
  T(ftruncate(fd, 0));
  T(write(fd, "def", 3));
  print_file("f");
  // fallocate
  T(ftruncate(fd, 0));
  T(fallocate(fd, 0, 0, 10000));
  show(fd, "allocated");
  T(fallocate(fd, FALLOC_FL_KEEP_SIZE, 0, 20000));
  show(fd, "kept size");
  T(fallocate(fd, 0, 0, 0));
  T(fallocate(fd, 0, -1, 10));
  T(fallocate(fd, 0, 10, -1));
  T(fallocate(ro, 0, 0, 10));
  T(fallocate(pipes[1], 0, 0, 10));
  T(fallocate(null, 0, 0, 10));
  T(fallocate(fd, 0, LONG_MAX, 10));
  T(fallocate(fd, 0x4000, 0, 10));
  T(fallocate(fd, FALLOC_FL_PUNCH_HOLE, 0, 4096));
  T(fallocate(fd, FALLOC_FL_COLLAPSE_RANGE, 0, 4096));
  T(fallocate(fd, FALLOC_FL_ZERO_RANGE | FALLOC_FL_PUNCH_HOLE, 0, 4096));
  int dfd = open("d", O_RDONLY);
  T(fallocate(dfd, 0, 0, 10));
  T(ftruncate(dfd, 0));
  // A hole in the middle: zeros, fewer blocks.
  int h = MUST(open("h", O_RDWR | O_CREAT, 0644));
  char b[16384];
  memset(b, 'x', sizeof b);
  pwrite(h, b, sizeof b, 0);
  show(h, "full");
  T(fallocate(h, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 4096, 8192));
  show(h, "with a hole");
  pread(h, b, sizeof b, 0);
  say("%c %d %d %c\n", b[4095], b[4096], b[12287], b[12288]);
  T(fallocate(h, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 100, 50));
  pread(h, b, 200, 0);
  say("%c %d %d %c\n", b[99], b[100], b[149], b[150]);
  T(posix_fallocate(h, 0, 30000));
  show(h, "posix_fallocate");
  T(posix_fallocate(ro, 0, 10));
  return 0;
}
