// mprotect(2): its errors, partial ranges, splitting and joining of mappings.
#include "t.h"
static int maps(char *from, char *to) {
  FILE *f = fopen("/proc/self/maps", "r");
  char line[512];
  int n = 0;
  while (fgets(line, sizeof line, f)) {
    unsigned long a, b;
    char perms[5];
    if (sscanf(line, "%lx-%lx %4s", &a, &b, perms) != 3) continue;
    if (b <= (unsigned long)from || a >= (unsigned long)to) continue;
    say("  pages %ld to %ld %s\n", ((long)a - (long)from) / 4096, ((long)b - (long)from) / 4096, perms);
    n++;
  }
  fclose(f);
  return n;
}
int main(void) {
  // Guards on both sides, so that no neighbour joins.
  char *base = mmap(0, 12 * 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), *m = base + 4096;
  munmap(base, 12 * 4096);
  MUST((long)mmap(m, 10 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0));
  say("one\n");
  maps(m, m + 10 * 4096);
  T(mprotect(m + 2 * 4096, 3 * 4096, PROT_READ));
  T(mprotect(m + 7 * 4096, 1, PROT_READ | PROT_EXEC));
  maps(m, m + 10 * 4096);
  T(mprotect(m + 2 * 4096, 6 * 4096, PROT_READ | PROT_WRITE));
  say("joined\n");
  maps(m, m + 10 * 4096);
  T(mprotect(m + 1, 4096, PROT_READ));
  T(mprotect(m, 0, PROT_READ));
  T(mprotect(m, 4096, 0x80));
  T(mprotect(m, 4096, PROT_GROWSDOWN | PROT_GROWSUP));
  T(mprotect(m, 4096, PROT_GROWSDOWN | PROT_READ));
  T(mprotect((void *)0, 4096, PROT_READ));
  T(mprotect(m, -4096ul, PROT_READ));
  // A hole: what comes before it is changed.
  munmap(m + 5 * 4096, 4096);
  T(mprotect(m, 10 * 4096, PROT_READ));
  maps(m, m + 10 * 4096);
  // A shared mapping of a file opened for reading never becomes writable; a private one does.
  put("f", "content");
  int fd = MUST(open("f", O_RDONLY));
  char *s = mmap(0, 4096, PROT_READ, MAP_SHARED, fd, 0), *p = mmap(0, 4096, PROT_READ, MAP_PRIVATE, fd, 0);
  T(mprotect(s, 4096, PROT_READ | PROT_WRITE));
  T(mprotect(p, 4096, PROT_READ | PROT_WRITE));
  p[0] = 'C';
  print_bytes("private", p, 7);
  print_file("f");
  return 0;
}
