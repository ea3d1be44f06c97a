// munmap, mmap over parts, fork with many mappings: /proc/self/maps tells what is left.
#include "t.h"
enum { P = 4096 };
static void maps(char *from, char *to) {
  FILE *f = fopen("/proc/self/maps", "r");
  char line[512];
  while (fgets(line, sizeof line, f)) {
    unsigned long a, b, off;
    char perms[5], dev[16];
    unsigned long ino;
    int at = 0;
    if (sscanf(line, "%lx-%lx %4s %lx %15s %lu %n", &a, &b, perms, &off, dev, &ino, &at) < 6) continue;
    if (b <= (unsigned long)from || a >= (unsigned long)to) continue;
    char *name = strrchr(line + at, '/');
    if (name) name[strcspn(name, "\n")] = 0;
    say("  %ld-%ld %s offset %ld %s\n", ((long)a - (long)from) / P, ((long)b - (long)from) / P, perms, (long)off / P,
        name ? name : "-");
  }
  fclose(f);
}
int main(void) {
  char *base = mmap(0, 40 * P, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), *m = base + P;
  munmap(base, 40 * P);
  mmap(m, 16 * P, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
  for (int i = 0; i < 16; i++) m[i * P] = i;
  T(munmap(m + 3 * P, 2 * P));
  T(munmap(m, P));
  T(munmap(m + 15 * P, P));
  T(munmap(m + 8 * P, 1));
  maps(m, m + 20 * P);
  say("%d %d %d\n", m[2 * P], m[5 * P], m[9 * P]);
  // Over everything at once.
  T(munmap(m, 20 * P));
  maps(m, m + 20 * P);
  // A file's mapping in pieces keeps its offsets; neighbours in file and memory join.
  int fd = MUST(open("f", O_RDWR | O_CREAT, 0644));
  MUST(ftruncate(fd, 20 * P));
  mmap(m, 8 * P, PROT_READ, MAP_SHARED | MAP_FIXED, fd, 2 * P);
  T(munmap(m + 3 * P, P));
  maps(m, m + 20 * P);
  mmap(m + 3 * P, P, PROT_READ, MAP_SHARED | MAP_FIXED, fd, 5 * P);
  maps(m, m + 20 * P);
  mmap(m + 3 * P, P, PROT_READ, MAP_SHARED | MAP_FIXED, fd, 9 * P);
  maps(m, m + 20 * P);
  mmap(m + 2 * P, 3 * P, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
  maps(m, m + 20 * P);
  // Deleted files say so.
  unlink("f");
  maps(m, m + P);
  // Many small mappings, all inherited.
  enum { N = 500 };
  char *many = mmap(0, 2 * N * P, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  for (int i = 0; i < N; i++) {
    many[2 * i * P] = i;
    munmap(many + (2 * i + 1) * P, P);
  }
  REAP(CHILD({
    int good = 1;
    for (int i = 0; i < N; i++) good &= many[2 * i * P] == (char)i;
    CHECK(good);
  }));
  T(munmap(many, 2 * N * P));
  return 0;
}
