// /proc/PID/pagemap: 8 bytes a page say whether it is present, a file's, swapped; frame numbers are root's alone.
#include "t.h"
#include <sys/prctl.h>
enum { P = 4096 };
#define BIT(n) (1ull << (n))
static int map;
static uint64_t entry(char *at) {
  uint64_t e = 0;
  MUST(pread(map, &e, 8, (uintptr_t)at / P * 8));
  return e;
}
static void show(const char *what, char *at) {
  uint64_t e = entry(at);
  say("%s:%s%s%s frame %s\n", what, e & BIT(63) ? " present" : "", e & BIT(62) ? " swapped" : "",
      e & BIT(61) ? " file" : "", e & (BIT(55) - 1) ? "shown" : "0");
}
int main(void) {
  map = MUST(open("/proc/self/pagemap", O_RDONLY));
  char *m = mmap(0, 8 * P, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  madvise(m, 8 * P, MADV_NOHUGEPAGE);
  char *s = mmap(0, P, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  int fd = MUST(open("f", O_RDWR | O_CREAT, 0644));
  MUST(ftruncate(fd, 2 * P));
  char *f = mmap(0, 2 * P, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  char *c = mmap(0, P, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
  show("untouched", m);
  m[P] = *s = *f = 1;
  show("touched", m + P);
  CHECK((entry(m + P) & BIT(56)) != 0); // mapped here alone
  show("shared", s);
  show("file", f);
  show("file untouched", f + P);
  CHECK(*c == 1);
  show("private file, read", c);
  CHECK((entry(f) & (BIT(55) - 1)) == (entry(c) & (BIT(55) - 1)));
  *c = 2;
  show("private file, written", c);
  CHECK((entry(f) & (BIT(55) - 1)) != (entry(c) & (BIT(55) - 1)));
  madvise(m + P, P, MADV_DONTNEED);
  show("dropped", m + P);
  munmap(m, 8 * P);
  show("unmapped", m);

  uint64_t many[4];
  char small[9];
  T(pread(map, many, 32, (uintptr_t)f / P * 8));
  CHECK((many[0] & BIT(63)) && !(many[1] & BIT(63)));
  T(pread(map, small, 7, 0));
  T(pread(map, small, 8, 4));
  T(pread(map, small, 0, 0));
  T(pread(map, many, 8, 1ll << 60));
  T(lseek(map, 16, SEEK_SET));
  T(lseek(map, 8, SEEK_CUR));
  T(lseek(map, 0, SEEK_END));
  T(read(map, many, 16));
  T(lseek(map, 0, SEEK_CUR));
  T(open("/proc/self/pagemap", O_WRONLY) >= 0 ? 0 : -1);

  // Who may see frame numbers is settled when the file is opened.
  int status;
  if (MUST(fork()) == 0) {
    f[0]++;
    MUST(setresgid(1000, 1000, 1000));
    MUST(setresuid(1000, 1000, 1000));
    show("opened by root", f);
    MUST(prctl(PR_SET_DUMPABLE, 1));
    map = MUST(open("/proc/self/pagemap", O_RDONLY));
    f[0]++;
    show("opened by a user", f);
    char path[40];
    snprintf(path, sizeof path, "/proc/%d/pagemap", getppid());
    T(open(path, O_RDONLY));
    _exit(0);
  }
  MUST(wait(&status));
  return 0;
}
