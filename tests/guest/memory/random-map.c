// Random mappings, protections, moves and advice over a small range: layout and content after each step.
#include "random.h"
enum { P = 4096, N = 32 };
static char *base;
static int fd;
static void layout(void) {
  // What can be asked without faulting: which pages are mapped, and what they hold.
  char text[N * 8] = "";
  int at = 0;
  for (int i = 0; i < N; i++) {
    char c;
    int p[2];
    if (msync(base + i * P, P, MS_ASYNC)) {
      text[at++] = '.';
      continue;
    }
    // write(2) tells whether it can be read.
    MUST(pipe(p));
    if (write(p[1], base + i * P + 1, 1) == 1) {
      read(p[0], &c, 1);
      at += sprintf(text + at, "%c", c == 0 ? '0' : c);
    } else text[at++] = '-';
    close(p[0]);
    close(p[1]);
  }
  text[at] = 0;
  say("    %s\n", text);
}
// Newer Linuxes move several mappings at once, and how far neighbours are joined is a kernel's own business: moves keep to
// what one call made and no other has touched.
static int made[N], calls;
static bool one(int at, int n) {
  for (int i = at; i < at + n; i++)
    if (!made[i] || made[i] != made[at]) return false;
  return true;
}
static void touched(int at, int n, bool there) {
  calls++;
  for (int i = at; i < at + n && i < N; i++) made[i] = there ? calls : 0;
}
static void perms(void) {
  FILE *f = fopen("/proc/self/maps", "r");
  char line[512], text[N * 12] = "";
  int at = 0;
  while (fgets(line, sizeof line, f)) {
    unsigned long a, b, off, ino;
    char p[5];
    if (sscanf(line, "%lx-%lx %4s %lx %*s %lu", &a, &b, p, &off, &ino) < 5) continue;
    for (unsigned long page = a; page < b; page += P) {
      long i = ((long)page - (long)base) / P;
      if (page < (unsigned long)base || i < 0 || i >= N) continue;
      at += sprintf(text + at, " %ld%s", i, p);
      if (ino) at += sprintf(text + at, "%ld", (long)(off + page - a) / P);
    }
  }
  fclose(f);
  say("   %s\n", text);
}
int main(int argc, char **argv) {
  seed(argc, argv);
  fd = MUST(open("f", O_RDWR | O_CREAT, 0644));
  for (int i = 0; i < 16; i++) {
    char page[P];
    memset(page, 'A' + i, P);
    MUST(write(fd, page, P));
  }
  base = mmap(0, (N + 2) * P, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  base += P;
  munmap(base, N * P);
  int prots[] = {PROT_NONE, PROT_READ, PROT_READ | PROT_WRITE, PROT_READ | PROT_WRITE, PROT_READ | PROT_EXEC};
  for (int step = 0; step < 300; step++) {
    int at = rnd(N), n = rnd(6) + 1, prot = prots[rnd(5)];
    if (at + n > N) n = N - at;
    long r = 0;
    errno = 0;
    switch (rnd(11)) {
      case 0:
      case 1:
        r = (long)mmap(base + at * P, n * P, prot, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
        touched(at, n, true);
        say("%d anonymous %d+%d prot %d", step, at, n, prot);
        break;
      case 2:
        r = (long)mmap(base + at * P, n * P, prot, MAP_SHARED | MAP_FIXED, fd, rnd(10) * P);
        touched(at, n, true);
        say("%d shared %d+%d prot %d", step, at, n, prot);
        break;
      case 3:
        r = (long)mmap(base + at * P, n * P, prot, MAP_PRIVATE | MAP_FIXED, fd, rnd(10) * P);
        touched(at, n, true);
        say("%d private %d+%d prot %d", step, at, n, prot);
        break;
      case 4:
        r = munmap(base + at * P, n * P);
        touched(at, n, false);
        say("%d munmap %d+%d", step, at, n);
        break;
      case 5:
        r = mprotect(base + at * P, n * P, prot);
        for (int i = at; i < at + n; i++)
          if (made[i]) touched(i, 1, true);
        say("%d mprotect %d+%d prot %d", step, at, n, prot);
        break;
      case 6: {
        int to = rnd(N), m = rnd(6) + 1;
        if (to + m > N) m = N - to;
        if (!one(at, n)) continue;
        r = (long)mremap(base + at * P, n * P, m * P, MREMAP_MAYMOVE | MREMAP_FIXED, base + to * P);
        if (r != -1) touched(at, n, false), touched(to, m, true);
        say("%d mremap %d+%d to %d+%d", step, at, n, to, m);
        break;
      }
      case 7: {
        int m = rnd(6) + 1;
        if (at + m > N) m = N - at;
        if (!one(at, n)) continue;
        r = (long)mremap(base + at * P, n * P, m * P, 0);
        if (r != -1) touched(at, n, false), touched(at, m, true);
        say("%d mremap %d+%d in place %d", step, at, n, m);
        break;
      }
      case 8: {
        int advice[] = {MADV_DONTNEED, MADV_DONTNEED, MADV_WILLNEED, MADV_SEQUENTIAL, MADV_POPULATE_READ};
        int a = advice[rnd(4)];
        r = madvise(base + at * P, n * P, a);
        for (int i = at; i < at + n; i++)
          if (made[i]) touched(i, 1, true);
        say("%d madvise %d+%d %d", step, at, n, a);
        break;
      }
      case 9: {
        // A byte written by the kernel, where that is allowed.
        int z = open("/proc/self/comm", O_RDONLY);
        r = read(z, base + at * P + 1, 1);
        close(z);
        say("%d write %d", step, at);
        if (r == 1) base[at * P + 1] = 'a' + rnd(26);
        break;
      }
      case 10: {
        char c = 'a' + rnd(26);
        int k = rnd(16);
        r = pwrite(fd, &c, 1, k * P + 1);
        say("%d file page %d = %c", step, k, c);
        break;
      }
    }
    say(": %s\n", r == -1 ? err(errno) : "ok");
    layout();
    if (step % 5 == 0) perms();
    if (step % 40 == 20) reap(CHILD(for (int i = 0; i < N; i++) { int z = open("/proc/self/comm", O_RDONLY); read(z, base + i * P + 1, 1); close(z); } layout()));
  }
  return 0;
}
