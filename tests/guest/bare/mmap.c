// Anonymous memory is zero, private, can be unmapped; the heap grows by brk.
#include "start.h"
int start(long *stack) {
  (void)stack;
  long p = call(SYS_mmap, 0, 3 * 4096, 3, 0x22, -1, 0);
  volatile char *c = (volatile char *)p;
  say(p > 0 && p % 4096 == 0 ? "mapped\n" : "mmap failed\n");
  say_number(c[0] + c[4096] + c[3 * 4096 - 1]);
  c[4095] = 1;
  c[4096] = 2;
  // A misaligned store across two pages.
  *(volatile unsigned long *)(c + 4092) = 0x0807060504030201ul;
  say_number(c[4095] * 10 + c[4096]);
  say("\n");
  say_number(call(SYS_munmap, p + 4096, 4096));
  say_number(call(SYS_munmap, p + 1, 4096)); // EINVAL
  say_number(call(SYS_mprotect, p, 3 * 4096, 1)); // ENOMEM: a hole
  say("\n");
  long top = call(SYS_brk, 0);
  long more = call(SYS_brk, top + 8192);
  say_number(more - top);
  volatile char *heap = (volatile char *)top;
  heap[8191] = 3;
  say_number(heap[0] + heap[8191]);
  say("\n");
  return 0;
}
