// MADV_PAGEOUT, MADV_COLD, MADV_FREE: what is in the pages afterwards, and what may not be advised; process_madvise.
#include "t.h"
#include <sys/pidfd.h>
#define N 64
#define PAGE 4096
#ifndef MADV_COLD
#define MADV_COLD 20
#define MADV_PAGEOUT 21
#endif
static void fill(char *m, int seed) {
  for (int i = 0; i < N * PAGE; i++) m[i] = seed + i / PAGE + i % 251;
}
static int wrong(const char *m, int seed) {
  int bad = 0;
  for (int i = 0; i < N * PAGE; i++) bad += m[i] != (char)(seed + i / PAGE + i % 251);
  return bad;
}
static char *anon(int flags) {
  char *m = mmap(0, N * PAGE, PROT_READ | PROT_WRITE, flags | MAP_ANONYMOUS, -1, 0);
  fill(m, 3);
  return m;
}
int main(void) {
  char *m = anon(MAP_PRIVATE);
  T(madvise(m, N * PAGE, MADV_PAGEOUT));
  CHECK(wrong(m, 3) == 0);
  T(madvise(m, N * PAGE, MADV_COLD));
  T(madvise(m, N * PAGE, MADV_PAGEOUT));
  m[5 * PAGE] = 77;
  T(madvise(m, N * PAGE, MADV_PAGEOUT));
  CHECK(m[5 * PAGE] == 77);
  fill(m, 9);
  // A child's pages are its own.
  APART({
    T(madvise(m, N * PAGE, MADV_PAGEOUT));
    fill(m, 11);
    T(madvise(m, N * PAGE, MADV_PAGEOUT));
    CHECK(wrong(m, 11) == 0);
  });
  CHECK(wrong(m, 9) == 0);
  T(mprotect(m, N * PAGE, PROT_NONE));
  T(madvise(m, N * PAGE, MADV_PAGEOUT));
  T(mprotect(m, N * PAGE, PROT_READ));
  CHECK(wrong(m, 9) == 0);
  T(mprotect(m, N * PAGE, PROT_READ | PROT_WRITE));
  char *moved = mremap(m, N * PAGE, N * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, anon(MAP_PRIVATE));
  CHECK(wrong(moved, 9) == 0);
  // Shared memory.
  char *s = anon(MAP_SHARED);
  T(madvise(s, N * PAGE, MADV_PAGEOUT));
  APART({
    CHECK(wrong(s, 3) == 0);
    fill(s, 21);
    T(madvise(s, N * PAGE, MADV_PAGEOUT));
  });
  CHECK(wrong(s, 21) == 0);
  T(madvise(s, N * PAGE, MADV_DONTNEED));
  CHECK(wrong(s, 21) == 0);
  // A file.
  int fd = MUST(open("f", O_RDWR | O_CREAT | O_TRUNC, 0644));
  MUST(ftruncate(fd, N * PAGE));
  char *f = mmap(0, N * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  fill(f, 5);
  T(madvise(f, N * PAGE, MADV_PAGEOUT));
  CHECK(wrong(f, 5) == 0);
  char *p = mmap(0, N * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
  p[PAGE] = 1;
  T(madvise(p, N * PAGE, MADV_PAGEOUT));
  CHECK(p[PAGE] == 1 && p[0] == f[0]);
  // Freed pages keep what is written later.
  T(madvise(moved, N * PAGE, MADV_FREE));
  fill(moved, 33);
  T(madvise(moved, N * PAGE, MADV_PAGEOUT));
  CHECK(wrong(moved, 33) == 0);
  T(madvise(moved, N * PAGE, MADV_FREE));
  moved[7 * PAGE + 3] = 42;
  int zero = pipe((int[2]){0, 0});
  (void)zero;
  CHECK(moved[7 * PAGE + 3] == 42);
  int ends[2];
  MUST(pipe(ends));
  T(madvise(moved, N * PAGE, MADV_FREE));
  MUST(write(ends[1], "kernel", 6));
  T(read(ends[0], moved + 9 * PAGE, 6));
  T(madvise(moved, N * PAGE, MADV_PAGEOUT));
  CHECK(memcmp(moved + 9 * PAGE, "kernel", 6) == 0);
  T(madvise(f, N * PAGE, MADV_FREE));
  // Locked pages stay.
  T(mlock(s, 4 * PAGE));
  T(madvise(s, 4 * PAGE, MADV_PAGEOUT));
  T(madvise(s, 4 * PAGE, MADV_COLD));
  T(madvise(moved, N * PAGE, 26));
  T(madvise(moved + 1, N * PAGE, MADV_COLD));
  // Another process.
  gate g = gate_new();
  pid_t c = CHILD({
    gate_wait(g);
    say("other process: %d wrong\n", wrong(f, 5));
    _exit(0);
  });
  int pidfd = MUST(pidfd_open(c, 0));
  struct iovec v[2] = {{f, 4 * PAGE}, {f + 8 * PAGE, 2 * PAGE}};
  T(syscall(SYS_process_madvise, pidfd, v, 2, MADV_PAGEOUT, 0));
  T(syscall(SYS_process_madvise, pidfd, v, 2, MADV_COLD, 0));
  T(syscall(SYS_process_madvise, pidfd, v, 2, MADV_DONTNEED, 0));
  T(syscall(SYS_process_madvise, pidfd, v, 2, MADV_COLD, 1));
  T(syscall(SYS_process_madvise, 99, v, 2, MADV_COLD, 0));
  gate_open(g);
  REAP(c);
  return 0;
}
