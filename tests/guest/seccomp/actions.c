// seccomp(2): what each action does, which of several counts, and what a handler of SIGSYS is told.
#include "s.h"
#include <pthread.h>
#include <ucontext.h>
#define CALL SYS_getppid
static void on_sys(int signal, siginfo_t *info, void *context UNUSED) {
  say("%s code %d errno %d call %s arch %s address %s\n", sig(signal), info->si_code, info->si_errno,
      info->si_syscall == CALL ? "right" : "wrong", info->si_arch == ARCH ? "right" : "wrong", info->si_call_addr ? "set" : "null");
}
static void handle(void) {
  struct sigaction a = {.sa_sigaction = on_sys, .sa_flags = SA_SIGINFO};
  sigaction(SIGSYS, &a, 0);
}
static void *call(void *x UNUSED) {
  syscall(CALL);
  say("not reached\n");
  return 0;
}
static void *call_exit(void *x UNUSED) {
  syscall(CALL);
  return 0;
}
int main(void) {
  MUST(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
  APART(answer(0, CALL, SECCOMP_RET_ERRNO | ENOTDIR); T(syscall(CALL)));
  APART(answer(0, CALL, SECCOMP_RET_ERRNO); T(syscall(CALL)));
  APART(answer(0, CALL, SECCOMP_RET_ERRNO | 4095); say("%d\n", syscall(CALL) == -1 ? errno : 0));
  APART(answer(0, CALL, SECCOMP_RET_ERRNO | 0xffff); say("%d\n", syscall(CALL) == -1 ? errno : 0));
  APART(answer(0, CALL, SECCOMP_RET_LOG); CHECK(syscall(CALL) > 0));
  APART(answer(0, CALL, SECCOMP_RET_TRACE | 7); T(syscall(CALL)));
  APART(answer(0, CALL, SECCOMP_RET_USER_NOTIF); T(syscall(CALL)));
  APART(answer(0, CALL, SECCOMP_RET_TRAP | 77); T(syscall(CALL)));
  APART(handle(); answer(0, CALL, SECCOMP_RET_TRAP | 77); syscall(CALL); say("went on\n"));
  APART(signal(SIGSYS, SIG_IGN); answer(0, CALL, SECCOMP_RET_TRAP); syscall(CALL); say("not reached\n"));
  APART({
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGSYS);
    handle();
    sigprocmask(SIG_BLOCK, &set, 0);
    answer(0, CALL, SECCOMP_RET_TRAP);
    syscall(CALL);
    say("not reached\n");
  });
  APART(handle(); answer(0, CALL, SECCOMP_RET_KILL_PROCESS); syscall(CALL); say("not reached\n"));
  APART(handle(); answer(0, CALL, SECCOMP_RET_KILL_THREAD); syscall(CALL); say("not reached\n"));
  APART(answer(0, CALL, 0x12340000); syscall(CALL); say("not reached\n"));
  APART(answer(0, CALL, 0x7fff0001); CHECK(syscall(CALL) > 0));
  // A thread alone, or all of them.
  APART({
    pthread_t t;
    answer(0, CALL, SECCOMP_RET_KILL_THREAD);
    pthread_create(&t, 0, call, 0);
    pthread_join(t, 0);
    say("the thread is gone\n");
  });
  APART({
    pthread_t t;
    answer(0, CALL, SECCOMP_RET_KILL_PROCESS);
    pthread_create(&t, 0, call_exit, 0);
    pthread_join(t, 0);
    say("not reached\n");
  });
  // Of several filters the one that is the least permissive; of two alike the newest.
  uint32_t actions[] = {SECCOMP_RET_ERRNO | 5, SECCOMP_RET_TRAP, SECCOMP_RET_ALLOW, SECCOMP_RET_LOG, SECCOMP_RET_KILL_THREAD,
                        SECCOMP_RET_TRACE, SECCOMP_RET_ERRNO | 6, SECCOMP_RET_KILL_PROCESS, SECCOMP_RET_USER_NOTIF};
  for (unsigned i = 0; i < COUNT(actions); i++)
    for (unsigned j = 0; j < COUNT(actions); j++)
      APART({
        answer(0, CALL, actions[i]);
        answer(0, CALL, actions[j]);
        long r = syscall(CALL);
        say("%x then %x: %s\n", actions[i], actions[j], r > 0 ? "made" : err(errno));
      });
  // By architecture, by arguments: both halves of each.
  APART({
    struct sock_filter f[] = {LOAD(4), BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ARCH, 1, 0), RET(SECCOMP_RET_KILL_PROCESS), LOAD(0), NR(CALL), LOAD(ARG(5) + 4), RET(SECCOMP_RET_ALLOW)};
    f[4].jf = 1;
    T(filter(0, f, COUNT(f)));
    for (int arg = 0; arg < 6; arg++)
      for (int half = 0; half < 2; half++) {
        struct sock_filter g[] = {LOAD(0), BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, CALL, 0, 4), LOAD(ARG(arg) + 4 * half), BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0x80000001u + arg, 0, 2), BPF_STMT(BPF_MISC | BPF_TAX, 0), RET(SECCOMP_RET_ERRNO | 100), RET(SECCOMP_RET_ALLOW)};
        g[5].k += arg * 2 + half;
        APART({
          unsigned long a[6] = {0};
          T(filter(0, g, COUNT(g)));
          CHECK(syscall(CALL, 0, 0, 0, 0, 0, 0) > 0);
          a[arg] = (0x80000001ul + arg) << (32 * half);
          long r = syscall(CALL, a[0], a[1], a[2], a[3], a[4], a[5]);
          say("argument %d half %d: %d\n", arg, half, r < 0 ? errno : 0);
        });
      }
  });
  // A number that no call has.
  APART(T(answer(0, 999, SECCOMP_RET_ERRNO | EDOM)); T(syscall(999)); T(syscall(998)));
  APART(T(answer(0, -1, SECCOMP_RET_ERRNO | EDOM)); T(syscall(-1)));
  return 0;
}
