/* A freestanding program: main's result is the exit status. Runs on Linux, qemu-user and the bare machine alike. */
#include <stddef.h>
#include <stdint.h>
long run(void);
void *memcpy(void *to, const void *from, size_t n) {
  char *t = to;
  const char *f = from;
  while (n--) *t++ = *f++;
  return to;
}
void *memset(void *to, int c, size_t n) {
  char *t = to;
  while (n--) *t++ = c;
  return to;
}
void _start(void) {
  register long a0 asm("a0") = run();
  register long a7 asm("a7") = 93;
  asm volatile("ecall" ::"r"(a0), "r"(a7));
  for (;;);
}
