// /proc/PID/mem belongs to the program that ran when it was opened, and to who may trace it.
#include "ptrace/p.h"

static long secret = 0x5ec2e7;

int main(int argc, char **argv) {
  if (argc > 1) {
    raise(SIGSTOP);
    return 0;
  }
  gate hold = gate_new();
  pid_t pid = CHILD({
    gate_wait(hold);
    execl(argv[0], argv[0], "again", NULL);
  });
  char path[64];
  snprintf(path, sizeof path, "/proc/%d/mem", pid);
  int fd = MUST(open(path, O_RDWR));
  long value = 0;
  T(pread(fd, &value, sizeof value, (long)&secret));
  CHECK(value == secret);
  value = 7;
  T(pwrite(fd, &value, sizeof value, (long)&secret));
  T(pread(fd, &value, 0, (long)&secret));
  T(lseek(fd, 16, SEEK_SET));
  T(lseek(fd, 16, SEEK_CUR));
  T(lseek(fd, 0, SEEK_END));
  gate_open(hold);
  int status;
  MUST(waitpid(pid, &status, WUNTRACED));
  T(pread(fd, &value, sizeof value, (long)&secret));
  T(pwrite(fd, &value, sizeof value, (long)&secret));
  int again = MUST(open(path, O_RDWR));
  OK(pread(again, &value, sizeof value, (long)&secret));
  MUST(kill(pid, SIGCONT));
  REAP(pid);
  T(pread(again, &value, sizeof value, (long)&secret));
  T(open(path, O_RDONLY));
  T(open("/proc/self/mem", O_RDONLY) >= 0);
  return 0;
}
