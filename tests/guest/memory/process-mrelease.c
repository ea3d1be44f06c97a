// process_mrelease(2): takes the memory of a process that SIGKILL has been sent to, and of no other.
#include "t.h"
#include <sys/pidfd.h>
#ifndef SYS_process_mrelease
#define SYS_process_mrelease 448
#endif
#define process_mrelease(fd, flags) syscall(SYS_process_mrelease, fd, flags)
int main(void) {
  int status;
  pid_t child = MUST(fork());
  if (child == 0) for (;;) pause();
  int fd = MUST(syscall(SYS_pidfd_open, child, 0));
  T(process_mrelease(-1, 0));
  T(process_mrelease(0, 0));
  T(process_mrelease(fd, 1));
  T(process_mrelease(-1, 1));
  T(process_mrelease(fd, 0));
  CHECK(kill(child, 0) == 0);
  T(kill(child, SIGKILL));
  int result = process_mrelease(fd, 0);
  CHECK(result == 0 || errno == ESRCH); // it may be gone by now
  MUST(waitpid(child, &status, 0));
  CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
  T(process_mrelease(fd, 0));
  return 0;
}
