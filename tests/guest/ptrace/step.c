// Single steps, and breakpoints that a tracer writes into code.
#include "ptrace/p.h"
#include <elf.h>

#if defined(__riscv)
static const uint32_t trap = 0x00100073; // ebreak
#define TRAP_SIZE 4
#define PC(r) ((r)[0])
#define PC_BACK 0
#else
static const uint32_t trap = 0xcc; // int3
#define TRAP_SIZE 1
#define PC(r) ((r)[16])
#define PC_BACK 1
#endif

static unsigned long registers[64];
static size_t get(pid_t pid) {
  struct iovec v = {registers, sizeof registers};
  MUST(ptrace(PTRACE_GETREGSET, pid, NT_PRSTATUS, &v));
  return v.iov_len;
}
static void set(pid_t pid, size_t n) {
  struct iovec v = {registers, n};
  MUST(ptrace(PTRACE_SETREGSET, pid, NT_PRSTATUS, &v));
}

__attribute__((noinline, aligned(8))) static int target(int n) {
  __asm__ volatile("" : : : "memory");
  return n * 3;
}
static int volatile calls;
static void handler(int s) { say("handler %s\n", sig(s)); }

int main(void) {
  say("-- steps\n");
  pid_t pid = TRACED({
    for (volatile int i = 0; i < 100; i++) calls++;
    _exit(calls);
  });
  long steps = 0;
  siginfo_t info;
  int status;
  for (;;) {
    MUST(ptrace(PTRACE_SINGLESTEP, pid, 0, 0));
    MUST(waitpid(pid, &status, 0));
    if (!WIFSTOPPED(status)) break;
    if (++steps == 50) {
      MUST(ptrace(PTRACE_GETSIGINFO, pid, 0, &info));
      say("%s code %d status %#x\n", sig(info.si_signo), info.si_code, status);
    }
  }
  say_status("stepped", status);
  CHECK(steps > 300);

  say("-- a step into a handler\n");
  pid = TRACED({
    signal(SIGUSR1, handler);
    raise(SIGUSR1);
    _exit(0);
  });
  go(pid, 0);
  next("signal", pid);
  MUST(ptrace(PTRACE_SINGLESTEP, pid, 0, SIGUSR1));
  next("stepped", pid);
  get(pid);
  CHECK(PC(registers) == (unsigned long)handler);
  go(pid, 0);
  next("end", pid);

  say("-- a breakpoint\n");
  pid = TRACED({
    int sum = 0;
    for (int i = 0; i < 3; i++) sum += target(i);
    _exit(sum);
  });
  errno = 0;
  long old = ptrace(PTRACE_PEEKTEXT, pid, target, 0);
  CHECK(errno == 0);
  unsigned long mask = (1UL << (TRAP_SIZE * 8)) - 1;
  T(ptrace(PTRACE_POKETEXT, pid, target, (old & ~mask) | trap));
  CHECK(target(1) == 3);
  for (int i = 0; i < 3; i++) {
    go(pid, 0);
    next("breakpoint", pid);
    size_t n = get(pid);
    CHECK(PC(registers) - PC_BACK == (unsigned long)target);
    PC(registers) = (unsigned long)target;
    set(pid, n);
    MUST(ptrace(PTRACE_POKETEXT, pid, target, old));
    MUST(ptrace(PTRACE_SINGLESTEP, pid, 0, 0));
    MUST(waitpid(pid, &status, 0));
    get(pid);
    if (PC(registers) == (unsigned long)target || !WIFSTOPPED(status)) say("did not step\n");
    MUST(ptrace(PTRACE_POKETEXT, pid, target, (old & ~mask) | trap));
  }
  go(pid, 0);
  next("end", pid);

  say("-- register sets\n");
  pid = TRACED({ _exit(0); });
  size_t whole = get(pid);
  CHECK(whole >= 200 && whole % 8 == 0);
  struct iovec v = {registers, 8};
  T(ptrace(PTRACE_GETREGSET, pid, NT_PRSTATUS, &v));
  say("%zu\n", v.iov_len);
  v.iov_len = 9;
  T(ptrace(PTRACE_GETREGSET, pid, NT_PRSTATUS, &v));
  v.iov_len = 8;
  T(ptrace(PTRACE_GETREGSET, pid, 0x7777, &v));
  v.iov_base = (void *)8;
  T(ptrace(PTRACE_GETREGSET, pid, NT_PRSTATUS, &v));
  T(ptrace(PTRACE_GETREGSET, pid, NT_PRSTATUS, 8));
  T(ptrace(0x7000, pid, 0, 0));
  go(pid, SIGKILL);
  next("end", pid);
  return 0;
}
