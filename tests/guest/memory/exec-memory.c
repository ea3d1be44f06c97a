// Code written at run time: mprotect to executable, fence, run; then changed and run again.
#include "t.h"
#if defined __riscv
static size_t emit(unsigned char *at, int value) {
  uint32_t li = 0x00000513 | (uint32_t)value << 20, ret = 0x00008067;
  memcpy(at, &li, 4);
  memcpy(at + 4, &ret, 4);
  return 8;
}
#else
static size_t emit(unsigned char *at, int value) {
  at[0] = 0xb8;
  memcpy(at + 1, &value, 4);
  at[5] = 0xc3;
  return 6;
}
#endif
int main(void) {
  unsigned char *m = mmap(0, 2 * 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  int (*f)(void) = (int (*)(void))m;
  int sum = 0;
  for (int i = 0; i < 200; i++) {
    size_t n = emit(m, i);
    __builtin___clear_cache((char *)m, (char *)m + n);
    sum += f();
  }
  say("sum %d\n", sum);
  // Across a page's end.
  unsigned char *e = m + 4096 - 4;
  size_t n = emit(e, 77);
  __builtin___clear_cache((char *)e, (char *)e + n);
  say("%d\n", ((int (*)(void))e)());
  // Write, then make executable.
  unsigned char *w = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  emit(w, 5);
  mprotect(w, 4096, PROT_READ | PROT_EXEC);
  __builtin___clear_cache((char *)w, (char *)w + 8);
  say("%d\n", ((int (*)(void))w)());
  REAP(CHILD(w[0] = 1));
  // Two mappings of one file, one to write, one to run.
  int fd = MUST(memfd_create("jit", 0));
  MUST(ftruncate(fd, 4096));
  unsigned char *rw = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  unsigned char *rx = mmap(0, 4096, PROT_READ | PROT_EXEC, MAP_SHARED, fd, 0);
  for (int i = 0; i < 5; i++) {
    emit(rw, 100 + i);
    __builtin___clear_cache((char *)rx, (char *)rx + 8);
    say("%d ", ((int (*)(void))rx)());
  }
  say("\n");
  // The child's copy changes alone.
  pid_t c = CHILD({
    emit(m, 9);
    __builtin___clear_cache((char *)m, (char *)m + 8);
    _exit(f());
  });
  REAP(c);
  say("%d\n", f());
  // Replaced by another mapping at the same address.
  mmap(m, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
  emit(m, 55);
  __builtin___clear_cache((char *)m, (char *)m + 8);
  say("%d\n", f());
  return 0;
}
