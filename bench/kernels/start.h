/* A freestanding program: run()'s result is the exit status. Runs on Linux (riscv64, amd64, i386), qemu-user and the bare
   machine alike. With an argument N it runs N times and prints the sum of the results, so that outputs can be compared. */
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
#ifdef __riscv
enum { SYS_write = 64, SYS_exit = 93 };
static long syscall3(long number, long a, long b, long c) {
  register long a7 asm("a7") = number;
  register long a0 asm("a0") = a;
  register long a1 asm("a1") = b;
  register long a2 asm("a2") = c;
  asm volatile("ecall" : "+r"(a0) : "r"(a1), "r"(a2), "r"(a7) : "memory");
  return a0;
}
asm(".globl _start\n_start:\n .option push\n .option norelax\n la gp, __global_pointer$\n .option pop\n"
    " mv a0, sp\n andi sp, sp, -16\n call start_with");
#elif defined __i386
enum { SYS_write = 4, SYS_exit = 1 };
static long syscall3(long number, long a, long b, long c) {
  long result;
  asm volatile("int $0x80" : "=a"(result) : "a"(number), "b"(a), "c"(b), "d"(c) : "memory");
  return result;
}
asm(".globl _start\n_start: mov %esp, %eax\n and $-16, %esp\n sub $12, %esp\n push %eax\n call start_with");
#else
enum { SYS_write = 1, SYS_exit = 60 };
static long syscall3(long number, long a, long b, long c) {
  long result;
  asm volatile("syscall" : "=a"(result) : "a"(number), "D"(a), "S"(b), "d"(c) : "rcx", "r11", "memory");
  return result;
}
asm(".globl _start\n_start: mov %rsp, %rdi\n and $-16, %rsp\n call start_with");
#endif
__attribute__((used)) void start_with(long *stack) {
  long sum = 0, rounds = 1;
  const char *text = stack[0] > 1 ? (const char *)stack[2] : 0;
  if (text)
    for (rounds = 0; *text; text++) rounds = rounds * 10 + *text - '0';
  for (long i = 0; i < rounds; i++) sum += run();
  if (stack[0] > 1) {
    char line[24];
    char *end = line + sizeof line, *at = end;
    *--at = '\n';
    unsigned long rest = sum;
    do *--at = '0' + rest % 10;
    while (rest /= 10);
    syscall3(SYS_write, 1, (long)at, end - at);
    sum = 0;
  }
  syscall3(SYS_exit, sum, 0, 0);
  for (;;);
}
