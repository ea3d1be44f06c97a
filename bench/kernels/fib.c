#include "start.h"
__attribute__((noinline)) static long fib(long n) { return n < 2 ? n : fib(n - 1) + fib(n - 2); }
long run(void) { return fib(32) & 0xff; }
