// Ranges that are no program's, by place or by length: what each call says of them.
#include "t.h"
int main(void) {
  char *m = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  munmap(m + 4096, 4096);
  char *places[] = {m, (char *)(1ul << 62), (char *)((1ul << 62) + 1)};
  size_t lengths[] = {1ul << 40, 1ul << 62, -1ul, -1ul - 4095, -1ul - 8191};
  unsigned char v[1];
  setrlimit(RLIMIT_MEMLOCK, &(struct rlimit){RLIM_INFINITY, RLIM_INFINITY});
  for (unsigned i = 0; i < 3; i++) {
    char *volatile p = places[i];
    say("place %u\n", i);
    T(mlock(p, 4096));
    T(munlock(p, 4096));
    T(madvise(p, 4096, MADV_NORMAL));
    for (unsigned j = 0; j < 5; j++) {
      size_t volatile n = lengths[j];
      say("length %u\n", j);
      if (i > 0 || j > 1) T(mprotect(p, n, PROT_READ | PROT_WRITE));
      T(msync(p, n, MS_SYNC));
      T(mincore(p, n, v));
      T(madvise(p, n, MADV_NORMAL));
      if (i == 2 && j == 3) continue;
      T(mlock(p, n));
      T(munlock(p, n));
      if (j > 0) T(mmap(p, n, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED ? -1 : 0);
      if (i > 0) T(munmap(p, n));
    }
  }
  return 0;
}
