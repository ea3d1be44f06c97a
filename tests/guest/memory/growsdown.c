// The stack grows by itself to its limit; MAP_GROWSDOWN mappings too; beyond is SIGSEGV, told on an alternate stack.
#include "t.h"
#include <setjmp.h>
static sigjmp_buf back;
static void handler(int s) { siglongjmp(back, s); }
__attribute__((noinline)) static int deep(int n) {
  volatile char big[4096];
  big[0] = n;
  return n == 0 ? big[0] : deep(n - 1) + (big[0] - big[0]);
}
__attribute__((noinline)) static int endless(volatile int *n) {
  volatile char big[4096];
  big[1] = 1;
  ++*n;
  return endless(n) + big[1];
}
int main(void) {
  CHECK(deep(1500) == 0); // 6 MiB of 8
  stack_t ss = {.ss_sp = malloc(65536), .ss_size = 65536};
  sigaltstack(&ss, 0);
  struct sigaction a = {.sa_handler = handler, .sa_flags = SA_ONSTACK};
  sigaction(SIGSEGV, &a, 0);
  volatile int n = 0;
  int s = sigsetjmp(back, 1);
  if (s == 0) endless(&n);
  say("%s\n", sig(s));
  CHECK(n > 1500 && n < 2100);
  // Without the alternate stack it can't be told.
  REAP(CHILD({
    ss.ss_flags = SS_DISABLE;
    sigaltstack(&ss, 0);
    endless(&n);
  }));
  // A lower limit.
  struct rlimit l = {1 << 20, RLIM_INFINITY};
  setrlimit(RLIMIT_STACK, &l);
  REAP(CHILD(deep(100)));
  l.rlim_cur = 8 << 20;
  setrlimit(RLIMIT_STACK, &l);
  // A mapping that grows.
  char *room = mmap(0, 2 << 20, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  munmap(room, 2 << 20);
  char *g = mmap(room + (1 << 20), 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_GROWSDOWN | MAP_FIXED, -1, 0);
  if ((s = sigsetjmp(back, 1)) == 0) {
    for (int i = 1; i < 20; i++) g[-i * 4096] = i;
    say("grew %d\n", g[-19 * 4096]);
  } else say("%s\n", sig(s));
  return 0;
}
