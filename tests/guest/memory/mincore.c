// mincore(2): what is resident, and its errors.
#include "t.h"
enum { P = 4096 };
static void show(char *m, int n) {
  unsigned char v[16];
  char text[17] = {0};
  if (mincore(m, n * P, v) == -1) {
    say("mincore %s\n", err(errno));
    return;
  }
  for (int i = 0; i < n; i++) text[i] = '0' + (v[i] & 1);
  say("%s\n", text);
}
int main(void) {
  char *m = mmap(0, 8 * P, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  madvise(m, 8 * P, MADV_NOHUGEPAGE);
  show(m, 8);
  m[P] = m[5 * P] = 1;
  show(m, 8);
  madvise(m + P, P, MADV_DONTNEED);
  show(m, 8);
  madvise(m + 2 * P, 2 * P, MADV_POPULATE_WRITE);
  show(m, 8);
  int fd = MUST(open("f", O_RDWR | O_CREAT, 0644));
  MUST(ftruncate(fd, 4 * P));
  MUST(pwrite(fd, "x", 1, P));
  char *f = mmap(0, 4 * P, PROT_READ, MAP_SHARED, fd, 0);
  show(f, 4); // in the page cache counts, touched or not
  unsigned char v[8];
  T(mincore(m + 1, P, v));
  T(mincore(m, 0, v));
  T(mincore(m, P, (unsigned char *)8));
  T(mincore(m, -P, v));
  munmap(m + 2 * P, P);
  T(mincore(m, 4 * P, v));
  char *l = mmap(0, 3 * P, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
  show(l, 3);
  return 0;
}
