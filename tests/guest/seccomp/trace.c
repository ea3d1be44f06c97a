// SECCOMP_RET_TRACE: the tracer sees the call and may change it; filters read back; PTRACE_O_SUSPEND_SECCOMP.
#include "s.h"
#include <elf.h>
#include <sys/ptrace.h>
#include <linux/ptrace.h>
#define CALL SYS_getsid
#ifdef __riscv
struct regs { unsigned long pc, ra, sp, gp, tp, t0, t1, t2, s0, s1, a0, a1, a2, a3, a4, a5, a6, a7, more[14]; };
#define NUMBER a7
#define RESULT a0
#else
#include <sys/user.h>
#define regs user_regs_struct
#define NUMBER orig_rax
#define RESULT rax
#endif
static struct regs r;
static void take(pid_t p) {
  struct iovec v = {&r, sizeof r};
  MUST(ptrace(PTRACE_GETREGSET, p, NT_PRSTATUS, &v));
}
static void set(pid_t p) {
  struct iovec v = {&r, sizeof r};
  MUST(ptrace(PTRACE_SETREGSET, p, NT_PRSTATUS, &v));
}
static int stop(pid_t p, int how) {
  int status = 0;
  if (how >= 0) ptrace(how, p, 0, 0);
  waitpid(p, &status, __WALL);
  unsigned long message = 0;
  if (WIFSTOPPED(status)) {
    ptrace(PTRACE_GETEVENTMSG, p, 0, &message);
    if (status >> 16) say("event %d message %lu\n", status >> 16, status >> 16 == PTRACE_EVENT_SECCOMP ? message : 0);
    else say("%s\n", status_text(status));
  } else say("%s\n", status_text(status));
  return status;
}
static void info(pid_t p) {
  struct { uint8_t op, pad[3]; uint32_t arch; uint64_t ip, sp, nr, args[6]; uint32_t data; } i = {0};
  long n = ptrace(PTRACE_GET_SYSCALL_INFO, p, sizeof i, &i);
  say("info %s op %d arch %d call %d first %lx data %d\n", n > 80 ? "long" : "short", i.op, i.arch == ARCH, i.nr == CALL, (long)i.args[0], i.data);
}
static pid_t begin(uint32_t action, int options) {
  pid_t p = CHILD({
    ptrace(PTRACE_TRACEME, 0, 0, 0);
    raise(SIGSTOP);
    MUST(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
    MUST(answer(0, CALL, action));
    T(syscall(CALL, 0x1122334455ul) > 0);
    T(syscall(CALL, 0x1122334455ul));
  });
  waitpid(p, 0, __WALL);
  T(ptrace(PTRACE_SETOPTIONS, p, 0, options));
  return p;
}
int main(void) {
  pid_t p = begin(SECCOMP_RET_TRACE | 42, PTRACE_O_TRACESECCOMP);
  say("the call as it is, then another in its place\n");
  stop(p, PTRACE_CONT);
  info(p);
  take(p);
  CHECK(r.NUMBER == CALL);
  r.NUMBER = SYS_getpid;
  set(p);
  stop(p, PTRACE_CONT);
  stop(p, PTRACE_CONT);

  p = begin(SECCOMP_RET_TRACE | 7, PTRACE_O_TRACESECCOMP);
  say("no call, and a result\n");
  for (int i = 0; i < 2; i++) {
    stop(p, PTRACE_CONT);
    take(p);
    r.NUMBER = -1;
    if (i == 1) r.RESULT = 12;
    set(p);
  }
  stop(p, PTRACE_CONT);

  p = begin(SECCOMP_RET_TRACE | 7, 0);
  say("nobody asked for the event\n");
  stop(p, PTRACE_CONT);

  p = begin(SECCOMP_RET_TRACE | 9, PTRACE_O_TRACESECCOMP | PTRACE_O_TRACESYSGOOD);
  say("before the filter comes the stop at the call's entry\n");
  bool seen = false;
  for (int i = 0; i < 60 && !seen; i++) {
    int status = 0;
    ptrace(PTRACE_SYSCALL, p, 0, 0);
    waitpid(p, &status, __WALL);
    take(p);
    if (r.NUMBER == CALL) seen = true, say("%s\n", status_text(status)), info(p);
  }
  stop(p, PTRACE_SYSCALL);
  info(p);
  stop(p, PTRACE_SYSCALL);
  info(p);
  kill(p, SIGKILL);
  stop(p, -1);

  p = begin(SECCOMP_RET_KILL_PROCESS, PTRACE_O_TRACEEXIT);
  say("the filter's end of it is no signal that its tracer sees\n");
  stop(p, PTRACE_CONT);
  stop(p, PTRACE_CONT);

  p = begin(SECCOMP_RET_TRAP | 3, 0);
  say("but this one is\n");
  stop(p, PTRACE_CONT);
  siginfo_t i;
  ptrace(PTRACE_GETSIGINFO, p, 0, &i);
  say("code %d errno %d\n", i.si_code, i.si_errno);
  kill(p, SIGKILL);
  stop(p, -1);

  p = begin(SECCOMP_RET_KILL_PROCESS, PTRACE_O_SUSPEND_SECCOMP);
  say("suspended\n");
  stop(p, PTRACE_CONT);

  // Reading filters back.
  p = CHILD({
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    answer(0, CALL, SECCOMP_RET_ERRNO | 1);
    struct sock_filter one = RET(SECCOMP_RET_ALLOW);
    filter(SECCOMP_FILTER_FLAG_LOG, &one, 1);
    raise(SIGSTOP);
  });
  until(p, 'T');
  T(ptrace(PTRACE_SEIZE, p, 0, 0));
  T(ptrace(PTRACE_INTERRUPT, p, 0, 0));
  waitpid(p, 0, __WALL);
  struct sock_filter back[8];
  for (long n = 0; n < 3; n++) {
    T(ptrace(PTRACE_SECCOMP_GET_FILTER, p, n, 0));
    T(ptrace(PTRACE_SECCOMP_GET_FILTER, p, n, 8));
    long length = ptrace(PTRACE_SECCOMP_GET_FILTER, p, n, back);
    for (long k = 0; k < length; k++) say("%02x %d %d %s\n", back[k].code, back[k].jt, back[k].jf, back[k].k == CALL ? "call" : back[k].k == SECCOMP_RET_ALLOW ? "allow" : "else");
    uint64_t meta[2] = {n, 0};
    T(ptrace(0x420d, p, 16, meta));
    say("flags %d\n", (int)meta[1]);
  }
  uint64_t meta[2] = {0, 0};
  T(ptrace(0x420d, p, 8, meta));
  T(ptrace(0x420d, p, 100, meta));
  T(ptrace(0x420d, p, 4, meta));
  T(ptrace(0x420d, p, 16, 8));
  kill(p, SIGKILL);
  REAP(p);
  // Of whom no filter is asked, and who may not.
  p = CHILD(raise(SIGSTOP));
  until(p, 'T');
  T(ptrace(PTRACE_SEIZE, p, 0, 0));
  T(ptrace(PTRACE_INTERRUPT, p, 0, 0));
  waitpid(p, 0, __WALL);
  T(ptrace(PTRACE_SECCOMP_GET_FILTER, p, 0, 0));
  struct sock_filter one = RET(SECCOMP_RET_ALLOW);
  T(filter(0, &one, 1));
  T(ptrace(PTRACE_SECCOMP_GET_FILTER, p, 0, 0));
  T(ptrace(0x420d, p, 16, meta));
  T(ptrace(PTRACE_SETOPTIONS, p, 0, PTRACE_O_SUSPEND_SECCOMP));
  kill(p, SIGKILL);
  REAP(p);
  return 0;
}
