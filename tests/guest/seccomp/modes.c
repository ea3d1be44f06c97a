// seccomp(2): what it takes and refuses, strict mode, chains, no_new_privs, fork and exec.
#include "s.h"
int main(int argc, char **argv) {
  if (argc > 1) {
    status_line("Seccomp");
    status_line("Seccomp_filters");
    T(syscall(SYS_getppid, 1));
    T(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0));
    return 0;
  }
  struct sock_filter allow[] = {RET(SECCOMP_RET_ALLOW)};
  struct sock_fprog p = {1, allow}, none = {0, allow}, null = {1, 0}, far = {1, (void *)8}, big = {4097, allow};
  status_line("Seccomp");
  status_line("Seccomp_filters");
  T(prctl(PR_GET_SECCOMP));
  T(seccomp(9, 0, 0));
  T(seccomp(SECCOMP_SET_MODE_STRICT, 1, 0));
  T(seccomp(SECCOMP_SET_MODE_STRICT, 0, &p));
  T(seccomp(SECCOMP_SET_MODE_FILTER, 64, &p));
  T(seccomp(SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV, &p));
  T(seccomp(SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC | SECCOMP_FILTER_FLAG_NEW_LISTENER, &p));
  T(seccomp(SECCOMP_SET_MODE_FILTER, 0, 0));
  T(seccomp(SECCOMP_SET_MODE_FILTER, 0, (void *)8));
  T(seccomp(SECCOMP_SET_MODE_FILTER, 0, &none));
  T(seccomp(SECCOMP_SET_MODE_FILTER, 0, &null));
  T(seccomp(SECCOMP_SET_MODE_FILTER, 0, &far));
  T(seccomp(SECCOMP_SET_MODE_FILTER, 0, &big));
  T(prctl(PR_SET_SECCOMP, 0, 0));
  T(prctl(PR_SET_SECCOMP, 3, 0));
  T(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, 0));
  uint32_t actions[] = {SECCOMP_RET_KILL_PROCESS, SECCOMP_RET_KILL_THREAD, SECCOMP_RET_TRAP, SECCOMP_RET_ERRNO,
                        SECCOMP_RET_USER_NOTIF, SECCOMP_RET_TRACE, SECCOMP_RET_LOG, SECCOMP_RET_ALLOW, 1, 0x7fff0001, 0x10000};
  for (unsigned i = 0; i < COUNT(actions); i++) T(seccomp(SECCOMP_GET_ACTION_AVAIL, 0, &actions[i]));
  T(seccomp(SECCOMP_GET_ACTION_AVAIL, 1, &actions[0]));
  T(seccomp(SECCOMP_GET_ACTION_AVAIL, 0, (void *)8));
  uint16_t sizes[3];
  T(seccomp(SECCOMP_GET_NOTIF_SIZES, 0, sizes));
  say("%d %d %d\n", sizes[0], sizes[1], sizes[2]);
  T(seccomp(SECCOMP_GET_NOTIF_SIZES, 1, sizes));
  T(seccomp(SECCOMP_GET_NOTIF_SIZES, 0, 0));
  print_file("/proc/sys/kernel/seccomp/actions_avail");
  print_file("/proc/sys/kernel/seccomp/actions_logged");

  // Strict mode.
  APART(T(seccomp(SECCOMP_SET_MODE_STRICT, 0, 0)); syscall(SYS_exit, 3));
  APART(T(prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT)); char c; T(read(-1, &c, 1)); T(syscall(SYS_getpid)));
  APART(seccomp(SECCOMP_SET_MODE_STRICT, 0, 0); T(seccomp(SECCOMP_SET_MODE_STRICT, 0, 0)));
  APART(seccomp(SECCOMP_SET_MODE_STRICT, 0, 0); syscall(SYS_exit_group, 0));
  APART(T(filter(0, allow, 1)); T(seccomp(SECCOMP_SET_MODE_STRICT, 0, 0)); T(prctl(PR_GET_SECCOMP)));

  // Without CAP_SYS_ADMIN only with no_new_privs.
  APART({
    MUST(setuid(1000));
    T(filter(0, allow, 1));
    T(seccomp(SECCOMP_SET_MODE_FILTER, 0, &null));
    T(seccomp(SECCOMP_SET_MODE_FILTER, 0, (void *)8));
    T(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
    T(filter(0, allow, 1));
    T(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &p));
    status_line("Seccomp");
    status_line("Seccomp_filters");
    status_line("NoNewPrivs");
  });
  // Inherited by fork and exec.
  APART({
    MUST(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
    T(answer(0, SYS_getppid, SECCOMP_RET_ERRNO | EXDEV));
    T(answer(0, SYS_getsid, SECCOMP_RET_ERRNO | ESRCH));
    APART(T(syscall(SYS_getppid, 0)); T(syscall(SYS_getsid, 0)); status_line("Seccomp_filters"));
    execl("/proc/self/exe", "x", "exec", (char *)0);
  });
  // Too many instructions in all.
  APART({
    static struct sock_filter long_one[4096];
    for (int i = 0; i < 4096; i++) long_one[i] = (struct sock_filter)RET(SECCOMP_RET_ALLOW);
    int n = 0;
    while (n < 100 && filter(0, long_one, 4096) == 0) n++;
    CHECK(n < 100);
    say("then %s\n", err(errno));
  });
  return 0;
}
