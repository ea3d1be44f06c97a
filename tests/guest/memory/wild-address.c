// Addresses that no program has: whether one is aligned is looked at before whether anything is there.
#include "t.h"
#include <sys/shm.h>
int main(void) {
  char *places[] = {(char *)-1ul, (char *)(-1ul - 4095), (char *)(-1ul - 8191), (char *)(-1ul - 8190),
                    (char *)(1ul << 62), (char *)((1ul << 62) + 1), (char *)((1ul << 63) + 4095)};
  unsigned char v[1];
  for (unsigned i = 0; i < sizeof places / sizeof *places; i++) {
    char *volatile p = places[i];
    say("%u\n", i);
    T(msync(p, 4096, MS_SYNC));
    T(msync(p, 4096, MS_SYNC | MS_ASYNC));
    T(munmap(p, 4096));
    T(mprotect(p, 4096, PROT_READ));
    T(mprotect(p, 0, PROT_READ));
    T(mincore(p, 4096, v));
    T(mremap(p, 4096, 8192, MREMAP_MAYMOVE) == MAP_FAILED ? -1 : 0);
    if (i > 0) T(mmap(p, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == MAP_FAILED ? -1 : 0);
    T(madvise(p, 0, MADV_NORMAL));
    T(write(1, p, 1));
    T(syscall(SYS_futex, p, 1, 1, 0, 0, 0));
    T(syscall(SYS_set_robust_list, p, 1));
  }
  return 0;
}
