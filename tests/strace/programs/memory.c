// mask: 0x[0-9a-f]{6,}
#include "s.h"
int main(void) {
  BEGIN();
  int fd = call(memfd_create, "m", 0);
  call(ftruncate, fd, 8192);
  void *a = (void *)call(mmap, NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  void *b = (void *)call(mmap, NULL, 8192, PROT_READ, MAP_SHARED, fd, 4096);
  call(mmap, a, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_NORESERVE, -1, 0);
  call(mmap, NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_DENYWRITE | MAP_POPULATE, fd, 0);
  call(mmap, NULL, 0, 0, 0, 0, 0);
  call(mmap, NULL, 4096, 7, MAP_SHARED_VALIDATE | MAP_STACK | MAP_GROWSDOWN, 99, 1);
  call(mmap, NULL, 4096, 0x100, MAP_PRIVATE | MAP_ANONYMOUS | MAP_LOCKED | 0x80000000, -1, 0);
  call(mprotect, a, 4096, PROT_READ | PROT_WRITE | PROT_EXEC);
  call(mprotect, a, 1, PROT_NONE);
  call(mprotect, NULL, 4096, 0x01000001);
  call(madvise, a, 4096, MADV_DONTNEED);
  call(madvise, a, 4096, 3);
  call(madvise, a, 4096, 250);
  call(mlock2, a, 4096, 1);
  call(munlock, a, 4096);
  call(mlockall, 4);
  call(mlockall, 9);
  call(munlockall);
  call(msync, b, 4096, MS_SYNC);
  call(msync, b, 4096, MS_ASYNC | MS_INVALIDATE | 8);
  unsigned char vec[2];
  call(mincore, a, 8192, vec);
  call(mincore, NULL, 8192, vec);
  call(mremap, a, 4096, 16384, MREMAP_MAYMOVE);
  call(mremap, 1, 8192, 16384, 3 | 8, a);
  call(munmap, b, 8192);
  call(munmap, 1, 0);
  call(brk, 0);
  call(membarrier, 0, 0, 0);
  call(membarrier, 8, 1, 0);
  return 0;
}
