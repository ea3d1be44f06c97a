// A SIGSEGV handler that makes the page good: the instruction runs again. The basis of garbage collectors.
#include "t.h"
static char *m;
static volatile int faults;
static void handler(int s, siginfo_t *i, void *u) {
  (void)s, (void)u;
  faults++;
  mprotect((void *)((uintptr_t)i->si_addr & ~4095ul), 4096, PROT_READ | PROT_WRITE);
}
int main(void) {
  struct sigaction a = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO};
  sigaction(SIGSEGV, &a, 0);
  m = mmap(0, 64 * 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  for (int i = 0; i < 64; i++) m[i * 4096 + 1] = i;
  int sum = 0;
  for (int i = 0; i < 64; i++) sum += m[i * 4096 + 1];
  say("faults %d sum %d\n", faults, sum);
  mprotect(m, 64 * 4096, PROT_READ);
  for (int i = 0; i < 64; i += 2) m[i * 4096 + 1] += 1;
  say("faults %d\n", faults);
  // An access over two pages needs two repairs.
  mprotect(m, 64 * 4096, PROT_NONE);
  faults = 0;
  *(volatile uint64_t *)(m + 4092) = 0x1122334455667788;
  say("faults %d value %lx\n", faults, (long)*(volatile uint64_t *)(m + 4092));
  // Floating-point state is kept across the handler.
  volatile double d = 1.5;
  double x = d * 2, y = d * 3, z = d * 4;
  mprotect(m, 4096, PROT_NONE);
  m[0] = 1;
  say("%.1f %.1f %.1f\n", x, y, z);
  return 0;
}
