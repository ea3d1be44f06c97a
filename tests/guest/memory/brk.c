// brk(2): the heap grows and shrinks by bytes; refused requests leave it as it was.
#include "t.h"
static char *brk_(void *p) { return (char *)syscall(SYS_brk, p); }
int main(void) {
  char *start = brk_(0), *top;
  CHECK(brk_(0) == start);
  top = (char *)(((uintptr_t)start + 4095) & ~4095ul);
  CHECK(brk_(top) == top);
  CHECK(brk_(top + 100) == top + 100);
  top[0] = 1;
  top[4095] = 2;
  CHECK(brk_(top + 4096 * 3 + 1) == top + 4096 * 3 + 1);
  say("%d %d %d\n", top[0], top[4095], top[4096 * 4 - 1]);
  CHECK(brk_(top) == top);
  CHECK(brk_(top + 4096) == top + 4096);
  say("zero again %d %d\n", top[0], top[4095]);
  // Below the start of the heap, or far too high: no change.
  CHECK(brk_((void *)4096) == top + 4096);
  CHECK(brk_((void *)-4096) == top + 4096);
  CHECK(brk_(top + (1ul << 45)) == top + 4096);
  // Into a mapping: no.
  char *wall = mmap(top + 4096 * 16, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
  CHECK(wall == top + 4096 * 16);
  CHECK(brk_(top + 4096 * 20) == top + 4096);
  CHECK(brk_(top + 4096 * 8) == top + 4096 * 8);
  munmap(wall, 4096);
  // The child has a heap of its own.
  reap(CHILD(brk_(top + 4096 * 30); top[4096 * 29] = 1));
  CHECK(brk_(0) == top + 4096 * 8);
  // The heap's line in maps.
  FILE *f = fopen("/proc/self/maps", "r");
  char line[512];
  bool heap = false;
  while (fgets(line, sizeof line, f))
    if (strstr(line, "[heap]")) {
      unsigned long a, b;
      sscanf(line, "%lx-%lx", &a, &b);
      heap = b == (unsigned long)top + 4096 * 8;
    }
  CHECK(heap);
  // sbrk
  void *before = sbrk(0);
  CHECK(sbrk(1000) == before);
  CHECK((char *)sbrk(-1000) == (char *)before + 1000);
  CHECK(sbrk(0) == before);
  return 0;
}
