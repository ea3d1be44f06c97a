// Large reads and writes: buffers whose pages are out of order, shared, copied on write, missing or mappings of the file itself.
#include "t.h"
#include <sys/socket.h>
enum { PAGE = 4096, PAGES = 40, SIZE = PAGES * PAGE };
static unsigned sum(const unsigned char *p, long n) {
  unsigned h = 1;
  for (long i = 0; i < n; i++) h = h * 31 + p[i];
  return h;
}
static void fill(unsigned char *p, long n, unsigned seed) {
  for (long i = 0; i < n; i++) p[i] = (seed = seed * 1664525 + 1013904223) >> 24;
}
static unsigned char *anonymous(void) {
  return mmap(0, SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}
static unsigned char back[SIZE];
static void show(const char *what, int fd) {
  memset(back, 0, SIZE);
  long n = pread(fd, back, SIZE, 0);
  say("%s: %ld bytes, sum %08x\n", what, n, sum(back, n > 0 ? n : 0));
}

int main(void) {
  int fd = open("f", O_RDWR | O_CREAT, 0600);
  unsigned char *a = anonymous();
  // Touched backwards: neighbours in the program are none in memory.
  for (int i = PAGES - 1; i >= 0; i--) a[i * PAGE] = i;
  fill(a, SIZE, 1);
  T(pwrite(fd, a + 100, SIZE - 100, 0));
  show("from pages in reverse", fd);
  unsigned char *b = anonymous();
  for (int i = 0; i < PAGES; i += 3) b[i * PAGE] = 1;
  T(pread(fd, b + 7, SIZE - 4000, 33));
  say("into every third page touched: %08x\n", sum(b, SIZE));
  // A page moved away and another in its place.
  mremap(b + 5 * PAGE, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, b + 9 * PAGE);
  mmap(b + 5 * PAGE, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
  T(pwrite(fd, b, SIZE, 0));
  show("from pages moved about", fd);

  // Copy on write: the child's read changes nothing of the parent's.
  unsigned before = sum(a, SIZE);
  fflush(stdout);
  if (fork() == 0) {
    pread(fd, a, SIZE, 0);
    say("child has the file: %d\n", memcmp(a, b, SIZE) == 0);
    _exit(0);
  }
  wait(0);
  say("parent keeps its own: %d\n", sum(a, SIZE) == before);

  // Holes in the program's memory: what lies before one is moved.
  mprotect(a + 6 * PAGE, PAGE, PROT_NONE);
  T(pwrite(fd, a + 2 * PAGE + 50, 20 * PAGE, 10));
  T(pread(fd, a + 2 * PAGE + 50, 20 * PAGE, 10));
  T(pwrite(fd, a + 6 * PAGE, 20 * PAGE, 10));
  T(pread(fd, a + 6 * PAGE + 8, 2 * PAGE, 10));
  mprotect(a + 6 * PAGE, PAGE, PROT_READ);
  T(pwrite(fd, a + 2 * PAGE + 50, 20 * PAGE, 10));
  T(pread(fd, a + 2 * PAGE + 50, 20 * PAGE, 10));
  T(pread(fd, a + 6 * PAGE, PAGE, 10));
  munmap(a + 6 * PAGE, PAGE);
  T(pwrite(fd, a + 2 * PAGE + 50, 20 * PAGE, 10));
  struct iovec parts[3] = {{a + 3 * PAGE, 2 * PAGE}, {a + 5 * PAGE, 2 * PAGE}, {a, PAGE}};
  T(pwritev(fd, parts, 3, 0));
  T(preadv(fd, parts, 3, 0));
  show("after the holes", fd);
  a = anonymous();
  fill(a, SIZE, 2);

  // Through the file's own mapping.
  ftruncate(fd, SIZE);
  unsigned char *m = mmap(0, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  T(pwrite(fd, a, SIZE, 0));
  say("the mapping shows it: %d\n", memcmp(m, a, SIZE) == 0);
  T(pread(fd, m + 8 * PAGE, 8 * PAGE, 20 * PAGE));
  show("read into its own mapping", fd);
  T(pwrite(fd, m + 24 * PAGE, 4 * PAGE, 0));
  show("written from its own mapping", fd);
  unsigned char *p = mmap(0, SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
  p[3 * PAGE]++;
  T(pwrite(fd, p, 6 * PAGE, 10 * PAGE));
  show("written from a private mapping, one page changed", fd);

  // Holes in the file.
  ftruncate(fd, 0);
  ftruncate(fd, SIZE);
  pwrite(fd, "x", 1, 5 * PAGE + 1);
  pwrite(fd, a, 3 * PAGE, 11 * PAGE - 5);
  memset(b, 255, SIZE);
  T(pread(fd, b, SIZE, 0));
  say("holes are zeros: %08x\n", sum(b, SIZE));
  struct stat st;
  fstat(fd, &st);
  say("pages in use: %ld\n", (long)st.st_blocks / 8);

  // Pipes and sockets, odd sizes at odd places.
  for (int kind = 0; kind < 2; kind++) {
    int ends[2];
    if (kind == 0) pipe(ends);
    else socketpair(AF_UNIX, SOCK_STREAM, 0, ends);
    pid_t child = fork();
    if (child == 0) {
      close(ends[0]);
      for (long done = 0, size = 1; done < SIZE; done += size, size = size * 7 % 9973)
        if (write(ends[1], a + done, size < SIZE - done ? size : SIZE - done) < 0) _exit(1);
      _exit(0);
    }
    close(ends[1]);
    memset(back, 0, SIZE);
    long got = 0;
    for (long n, size = 3; (n = read(ends[0], back + got, size < SIZE - got ? size : SIZE - got)) > 0; size = size * 5 % 20011) got += n;
    close(ends[0]);
    waitpid(child, 0, 0);
    say("%s: %ld bytes, equal: %d\n", kind == 0 ? "pipe" : "socket", got, memcmp(a, back, SIZE) == 0);
  }
  return 0;
}
