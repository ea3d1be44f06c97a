// SECCOMP_FILTER_FLAG_TSYNC: filters for all threads, and threads that can't have them.
#include "s.h"
#include <pthread.h>
#define TSYNC SECCOMP_FILTER_FLAG_TSYNC
#define ESRCH_FLAG (1u << 4)
static gate go, went;
static volatile pid_t tid;
static int own;
static void *wait_then_look(void *x UNUSED) {
  tid = syscall(SYS_gettid);
  if (own == 1) T(answer(0, SYS_getsid, SECCOMP_RET_ERRNO | EXDEV));
  if (own == 2) seccomp(SECCOMP_SET_MODE_STRICT, 0, 0);
  gate_open(went);
  gate_wait(go);
  if (own == 2) syscall(SYS_exit, 0);
  status_line("Seccomp");
  status_line("Seccomp_filters");
  status_line("NoNewPrivs");
  T(syscall(SYS_getppid, 0) > 0);
  return 0;
}
static void begin(pthread_t *t, int what) {
  own = what;
  go = gate_new();
  went = gate_new();
  pthread_create(t, 0, wait_then_look, 0);
  gate_wait(went);
}
static void finish(pthread_t t) {
  gate_open(go);
  pthread_join(t, 0);
  T(syscall(SYS_getppid, 0) > 0);
}
int main(void) {
  pthread_t t;
  APART(begin(&t, 0); T(answer(0, SYS_getppid, SECCOMP_RET_ERRNO | ESRCH)); finish(t));
  APART(begin(&t, 0); prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); T(answer(TSYNC, SYS_getppid, SECCOMP_RET_ERRNO | ESRCH)); finish(t));
  APART(begin(&t, 1); CHECK(answer(TSYNC, SYS_getppid, SECCOMP_RET_ERRNO | ESRCH) == tid); finish(t));
  APART(begin(&t, 1); T(answer(TSYNC | ESRCH_FLAG, SYS_getppid, SECCOMP_RET_ERRNO | ESRCH)); finish(t));
  APART(begin(&t, 2); CHECK(answer(TSYNC, SYS_getppid, SECCOMP_RET_ERRNO | ESRCH) == tid); finish(t));
  APART(T(answer(0, SYS_getpgid, SECCOMP_RET_ERRNO | 9)); begin(&t, 0); T(answer(TSYNC, SYS_getppid, SECCOMP_RET_ERRNO | ESRCH)); finish(t));
  APART(begin(&t, 0); CHECK(answer(TSYNC | ESRCH_FLAG | SECCOMP_FILTER_FLAG_NEW_LISTENER, SYS_getppid, SECCOMP_RET_ERRNO | ESRCH) > 2); finish(t));
  // The kind of thread that a failure leaves alone stays as it was, and no descriptor is left.
  APART(begin(&t, 1); T(answer(TSYNC | ESRCH_FLAG | SECCOMP_FILTER_FLAG_NEW_LISTENER, SYS_getppid, SECCOMP_RET_ERRNO | ESRCH)); T(dup(1) > 7); finish(t));
  return 0;
}
