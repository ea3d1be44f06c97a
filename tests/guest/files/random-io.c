// Random reads, writes, truncations, holes and mappings of one file, each compared with a copy in memory.
#include "t.h"
#define MAX (96 * 1024)
static unsigned char good[MAX + 1], buffer[MAX + 1];
static long size;
static unsigned long state = 88172645463325252ul;
static unsigned long rnd(unsigned long n) {
  state ^= state << 13, state ^= state >> 7, state ^= state << 17;
  return state % n;
}
static void extend(long end) {
  if (end > size) size = end;
}
static int same(int fd, const char *what, int step) {
  struct stat st;
  fstat(fd, &st);
  if (st.st_size != size) return say("step %d, %s: size %ld, not %ld\n", step, what, (long)st.st_size, size), 0;
  memset(buffer, 0xee, sizeof buffer);
  if (pread(fd, buffer, sizeof buffer, 0) != size) return say("step %d, %s: short\n", step, what), 0;
  for (long i = 0; i < size; i++)
    if (buffer[i] != good[i]) return say("step %d, %s: byte %ld is %d, not %d\n", step, what, i, buffer[i], good[i]), 0;
  return 1;
}
int main(int argc, char **argv) {
  if (argc > 1) state += strtoul(argv[1], 0, 10);
  int fd = MUST(open("f", O_RDWR | O_CREAT | O_TRUNC, 0644)), counts[8] = {0}, bad = 0;
  unsigned char *map = (void *)MUST(mmap(0, MAX, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0));
  for (int step = 0; step < 3000 && !bad; step++) {
    long at = rnd(MAX), n = rnd(rnd(4) ? 300 : 20000) + 1;
    if (at + n > MAX) n = MAX - at;
    int what = rnd(8);
    const char *name = "";
    counts[what]++;
    switch (what) {
      case 0:
        name = "pwrite";
        for (long i = 0; i < n; i++) good[at + i] = rnd(255) + 1;
        if (pwrite(fd, good + at, n, at) != n) bad = 1;
        extend(at + n);
        break;
      case 1: {
        name = "pwritev";
        for (long i = 0; i < n; i++) good[at + i] = rnd(255) + 1;
        long a = n / 3, b = n / 2;
        struct iovec v[3] = {{good + at, a}, {good + at + a, b}, {good + at + a + b, n - a - b}};
        if (pwritev(fd, v, 3, at) != n) bad = 1;
        extend(at + n);
        break;
      }
      case 2:
        name = "ftruncate";
        if (ftruncate(fd, at)) bad = 1;
        if (at < size) memset(good + at, 0, size - at);
        size = at;
        break;
      case 3:
        name = "punch";
        if (fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, at, n)) bad = 1;
        memset(good + at, 0, n);
        break;
      case 4:
        name = "fallocate";
        if (fallocate(fd, rnd(2) ? FALLOC_FL_KEEP_SIZE : 0, at, n) == 0) {
          struct stat st;
          fstat(fd, &st);
          size = st.st_size;
        } else bad = 1;
        break;
      case 5:
        name = "store";
        if (at + n > size) n = size - at;
        for (long i = 0; i < n; i++) map[at + i] = good[at + i] = rnd(255) + 1;
        break;
      case 6:
        name = "load";
        if (at + n > size) n = size - at;
        for (long i = 0; i < n && !bad; i++) bad = map[at + i] != good[at + i];
        break;
      case 7: {
        name = "pread";
        long got = pread(fd, buffer, n, at), want = at >= size ? 0 : at + n > size ? size - at : n;
        bad = got != want || memcmp(buffer, good + at, got > 0 ? got : 0) != 0;
        break;
      }
    }
    if (bad) say("step %d: %s of %ld at %ld failed: %s\n", step, name, n, at, err(errno));
    else if (step % 10 == 0 || what == 2 || what == 3) bad = !same(fd, name, step);
  }
  for (int i = 0; i < 8; i++) say("%d ", counts[i]);
  CHECK(!bad);
  // Private mappings keep their own pages, and see the file's where they have none.
  ftruncate(fd, 0);
  ftruncate(fd, 3 * 4096);
  pwrite(fd, "one", 3, 0);
  pwrite(fd, "two", 3, 4096);
  char *own = mmap(0, 3 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
  own[0] = 'O';
  pwrite(fd, "XYZ", 3, 0);
  pwrite(fd, "XYZ", 3, 4096);
  say("%.3s %.3s %.3s\n", own, own + 4096, (char *)map);
  memcpy(map + 8192, "map", 3);
  pread(fd, buffer, 3, 8192);
  say("%.3s %.3s\n", buffer, own + 8192);
  return 0;
}
