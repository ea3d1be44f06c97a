// For programs that bring a kernel up: no C library, no start files; riscv64 alone.
// Each program defines `int start(long *stack)`; its result is the exit code.
#pragma once
#include <stddef.h>

static long call6(long n, long a, long b, long c, long d, long e, long f) {
  register long a7 asm("a7") = n, a0 asm("a0") = a, a1 asm("a1") = b, a2 asm("a2") = c, a3 asm("a3") = d,
                    a4 asm("a4") = e, a5 asm("a5") = f;
  asm volatile("ecall" : "+r"(a0) : "r"(a7), "r"(a1), "r"(a2), "r"(a3), "r"(a4), "r"(a5) : "memory");
  return a0;
}
#define call(n, ...) CALL_PICK(__VA_ARGS__, 6, 5, 4, 3, 2, 1)(n, __VA_ARGS__)
#define CALL_PICK(a, b, c, d, e, f, count, ...) CALL_##count
#define CALL_1(n, a) call6(n, (long)(a), 0, 0, 0, 0, 0)
#define CALL_2(n, a, b) call6(n, (long)(a), (long)(b), 0, 0, 0, 0)
#define CALL_3(n, a, b, c) call6(n, (long)(a), (long)(b), (long)(c), 0, 0, 0)
#define CALL_4(n, a, b, c, d) call6(n, (long)(a), (long)(b), (long)(c), (long)(d), 0, 0)
#define CALL_5(n, a, b, c, d, e) call6(n, (long)(a), (long)(b), (long)(c), (long)(d), (long)(e), 0)
#define CALL_6(n, a, b, c, d, e, f) call6(n, (long)(a), (long)(b), (long)(c), (long)(d), (long)(e), (long)(f))

enum { SYS_openat = 56, SYS_pipe2 = 59, SYS_read = 63, SYS_write = 64, SYS_exit = 93, SYS_exit_group = 94, SYS_kill = 129,
       SYS_rt_sigaction = 134, SYS_rt_sigreturn = 139, SYS_getpid = 172, SYS_brk = 214, SYS_munmap = 215, SYS_clone = 220,
       SYS_execve = 221, SYS_mmap = 222, SYS_mprotect = 226, SYS_wait4 = 260 };

static size_t length(const char *s) {
  size_t n = 0;
  while (s[n]) n++;
  return n;
}
__attribute__((unused)) static void say(const char *s) { call(SYS_write, 1, s, length(s)); }
__attribute__((unused)) static void say_number(long v) {
  char text[24], *p = text + sizeof text;
  unsigned long u = v < 0 ? -(unsigned long)v : (unsigned long)v;
  *--p = 0;
  do *--p = '0' + u % 10;
  while (u /= 10);
  if (v < 0) *--p = '-';
  say(p);
}

int start(long *stack);
__attribute__((used)) void enter(long *stack) { call(SYS_exit_group, start(stack)); }
asm(".globl _start\n_start: .option push\n.option norelax\nla gp, __global_pointer$\n.option pop\nmv a0, sp\nandi sp, sp, -16\ncall enter\n");
