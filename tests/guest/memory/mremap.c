// mremap(2): grow, shrink, move, its flags and errors.
#include "t.h"
#define R(...) ({ errno = 0; void *p_ = mremap(__VA_ARGS__); say("mremap(%s): %s\n", #__VA_ARGS__, p_ == MAP_FAILED ? err(errno) : "ok"); p_; })
enum { P = 4096 };
int main(void) {
  char *base = mmap(0, 64 * P, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  munmap(base, 64 * P);
  char *m = mmap(base + 8 * P, 4 * P, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
  for (int i = 0; i < 4; i++) m[i * P] = i + 1;
  CHECK(R(m, 4 * P, 6 * P, 0) == m);
  m[5 * P] = 6;
  say("%d %d %d\n", m[3 * P], m[4 * P], m[5 * P]);
  CHECK(R(m, 6 * P, 2 * P, 0) == m);
  // Something in the way: ENOMEM without MAYMOVE.
  MUST((long)mmap(m + 2 * P, P, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0));
  R(m, 2 * P, 4 * P, 0);
  char *n = R(m, 2 * P, 4 * P, MREMAP_MAYMOVE);
  CHECK(n != m);
  say("%d %d %d\n", n[0], n[P], n[2 * P]);
  T(msync(m, P, MS_ASYNC)); // what it left is unmapped
  R(n, 4 * P, 4 * P, MREMAP_FIXED, n + P);
  R(n, 4 * P, 4 * P, MREMAP_FIXED | MREMAP_MAYMOVE, n + P);
  R(n, 4 * P, 2 * P, MREMAP_FIXED | MREMAP_MAYMOVE, n + 1);
  char *to = base + 40 * P;
  CHECK(R(n, 4 * P, 3 * P, MREMAP_FIXED | MREMAP_MAYMOVE, to) == to);
  say("%d %d %d\n", to[0], to[P], to[2 * P]);
  R(to + 1, P, P, 0);
  R(to, P, 0, 0);
  R(to, P, P, 64);
  R(base, P, 2 * P, MREMAP_MAYMOVE);
  R(to, 8 * P, 9 * P, MREMAP_MAYMOVE);
  // An old size of zero duplicates a shared mapping, and is refused for a private one.
  R(to, 0, P, MREMAP_MAYMOVE);
  char *s = mmap(0, P, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  char *d = R(s, 0, P, MREMAP_MAYMOVE);
  s[3] = 7;
  say("twin %d\n", d[3]);
  // MREMAP_DONTUNMAP leaves an empty mapping behind.
  to[0] = 9;
  char *e = R(to, 3 * P, 3 * P, MREMAP_MAYMOVE | MREMAP_DONTUNMAP, 0);
  say("moved %d left %d\n", e[0], to[0]);
  R(to, 3 * P, 2 * P, MREMAP_MAYMOVE | MREMAP_DONTUNMAP, 0);
  // A file's mapping moves with its offset.
  int fd = MUST(open("f", O_RDWR | O_CREAT, 0644));
  MUST(ftruncate(fd, 4 * P));
  MUST(pwrite(fd, "x", 1, 2 * P));
  char *f = mmap(0, P, PROT_READ | PROT_WRITE, MAP_SHARED, fd, P);
  f = R(f, P, 3 * P, MREMAP_MAYMOVE);
  say("%c\n", f[P]);
  f[P] = 'y';
  char c;
  pread(fd, &c, 1, 2 * P);
  say("%c\n", c);
  // realloc of something large keeps its content.
  char *h = malloc(1 << 20);
  for (int i = 0; i < 1 << 20; i += P) h[i] = i / P;
  h = realloc(h, 8 << 20);
  int good = 1;
  for (int i = 0; i < 1 << 20; i += P) good &= h[i] == (char)(i / P);
  CHECK(good);
  return 0;
}
