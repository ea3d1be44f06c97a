// An illegal instruction, a breakpoint: signal, code, address; going on after them.
#include "t.h"
#include <setjmp.h>
#include <ucontext.h>
static sigjmp_buf b;
static siginfo_t got;
static void handler(int s, siginfo_t *i, void *u) {
  (void)u;
  got = *i;
  siglongjmp(b, s);
}
int main(void) {
  struct sigaction a = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO};
  sigaction(SIGILL, &a, 0);
  sigaction(SIGTRAP, &a, 0);
  unsigned char *m = mmap(0, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
#if defined __riscv
  memset(m, 0, 16); // a zero word is illegal by definition
#else
  memcpy(m, "\x0f\x0b", 2); // ud2
#endif
  __builtin___clear_cache((char *)m, (char *)m + 16);
  int r = sigsetjmp(b, 1);
  if (r == 0) ((void (*)(void))m)();
  say("%s positive code %d at the instruction %d\n", sig(r), got.si_code > 0, got.si_addr == m);
  r = sigsetjmp(b, 1);
  if (r == 0) {
#if defined __riscv
    asm volatile("ebreak");
#else
    asm volatile("int3");
#endif
  }
  say("%s\n", sig(r));
  REAP(CHILD(signal(SIGILL, SIG_DFL); ((void (*)(void))m)()));
  REAP(CHILD(signal(SIGILL, SIG_IGN); ((void (*)(void))m)()));
  REAP(CHILD(sigset_t s; sigfillset(&s); sigprocmask(SIG_BLOCK, &s, 0); ((void (*)(void))m)()));
  return 0;
}
