// SIGSEGV and SIGBUS: si_code, si_addr, and what the handler can do about it.
#include "t.h"
#include <setjmp.h>
static sigjmp_buf back;
static siginfo_t got;
static void *want;
static void handler(int s, siginfo_t *i, void *u) {
  (void)u, (void)s;
  got = *i;
  siglongjmp(back, 1);
}
static void report(const char *what, int r) {
  if (!r) {
    say("%s: fine\n", what);
    return;
  }
  const char *code = got.si_signo == SIGSEGV ? got.si_code == SEGV_MAPERR ? "SEGV_MAPERR" : got.si_code == SEGV_ACCERR ? "SEGV_ACCERR" : "?"
                     : got.si_code == BUS_ADRERR ? "BUS_ADRERR" : got.si_code == BUS_ADRALN ? "BUS_ADRALN" : "?";
  say("%s: %s %s at the address: %d\n", what, sig(got.si_signo), code, got.si_addr == want);
}
#define TRY(what, address, ...) do { want = (void *)(address); \
  if (sigsetjmp(back, 1) == 0) { __VA_ARGS__; report(what, 0); } else report(what, 1); } while (0)
int main(void) {
  struct sigaction a = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO};
  sigaction(SIGSEGV, &a, 0);
  sigaction(SIGBUS, &a, 0);
  volatile char sink;
  char *m = mmap(0, 4 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  memset(m, 0xc3, 4 * 4096);
  TRY("null read", 0, sink = *(volatile char *)want);
  TRY("null write", 16, *(volatile char *)want = 1);
  munmap(m + 3 * 4096, 4096);
  TRY("unmapped", m + 3 * 4096 + 5, sink = *(volatile char *)want);
  mprotect(m, 4096, PROT_READ);
  TRY("read of read-only", m + 7, sink = *(volatile char *)want);
  TRY("write to read-only", m + 7, *(volatile char *)want = 1);
  mprotect(m, 4096, PROT_NONE);
  TRY("read of none", m + 9, sink = *(volatile char *)want);
  TRY("write of none", m + 9, *(volatile char *)want = 1);
  TRY("jump to non-executable", m + 4096, ((void (*)(void))want)());
  TRY("jump to unmapped", m + 3 * 4096, ((void (*)(void))want)());
  TRY("jump to null", 0, ((void (*)(void))want)());
  // An access across a page's end reports the page that is missing.
  want = m + 3 * 4096;
  TRY("across into unmapped", m + 3 * 4096, *(volatile long *)(m + 3 * 4096 - 4) = 1);
  mprotect(m + 4096, 4096, PROT_READ);
  // Files: beyond the last page is SIGBUS.
  int fd = MUST(open("f", O_RDWR | O_CREAT, 0644));
  MUST(ftruncate(fd, 5000));
  char *f = mmap(0, 4 * 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  char *p = mmap(0, 4 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
  TRY("tail of the last page", f + 8191, *(volatile char *)want = 1);
  TRY("beyond the end, read", f + 8192, sink = *(volatile char *)want);
  TRY("beyond the end, write", f + 8200, *(volatile char *)want = 1);
  TRY("beyond the end, private", p + 8192, *(volatile char *)want = 1);
  f[4096] = 1;
  MUST(ftruncate(fd, 4096));
  TRY("cut off", f + 4096, sink = *(volatile char *)want);
  TRY("cut off, private and never touched", p + 4096, sink = *(volatile char *)want);
  MUST(ftruncate(fd, 16384));
  TRY("grown again", f + 8192, sink = *(volatile char *)want);
  // The kernel answers EFAULT where user code would fault.
  mprotect(m, 4096, PROT_NONE);
  T(write(1, m, 1));
  T(pwrite(fd, m + 4096 - 2, 4, 0));
  int null = open("/dev/zero", O_RDONLY);
  T(read(null, m, 10));
  T(read(null, m + 4096, 10));
  T(read(null, m + 2 * 4096 + 4090, 20));
  MUST(ftruncate(fd, 4096));
  T(read(null, f + 4096, 1));
  // Without a handler, or with it blocked, the process ends.
  REAP(CHILD(signal(SIGSEGV, SIG_IGN); *(volatile int *)8 = 1));
  REAP(CHILD(sigset_t s; sigfillset(&s); sigprocmask(SIG_BLOCK, &s, 0); *(volatile int *)8 = 1));
  REAP(CHILD(signal(SIGBUS, SIG_DFL); *(volatile char *)(f + 4096) = 1));
  (void)sink;
  return 0;
}
