// clone(2): what each sharing flag shares, and the combinations that are refused.
#include "t.h"
static char stack[65536] __attribute__((aligned(16)));
static volatile int word;
static int fd;
static int change(void *x) {
  (void)x;
  word = 7;
  close(fd);
  chdir("d");
  umask(077);
  signal(SIGUSR1, SIG_IGN);
  return 11;
}
static void try(const char *name, int flags) {
  word = 1;
  fd = MUST(dup(1));
  umask(022);
  signal(SIGUSR1, SIG_DFL);
  pid_t c = MUST(clone(change, stack + sizeof stack, flags | SIGCHLD, 0));
  int status = reap(c);
  bool moved = access("inside", F_OK) == 0;
  say("%s: %s; word %d; fd %s; cwd %s; umask %03o; SIGUSR1 %s\n", name, status_text(status), word,
      fcntl(fd, F_GETFD) == -1 ? "closed" : "open", moved ? "moved" : "same", umask(022),
      signal(SIGUSR1, SIG_DFL) == SIG_IGN ? "ignored" : "default");
  if (moved) MUST(chdir(".."));
  close(fd);
}
static int idle(void *x) { (void)x; return 0; }
#define BAD(flags) do { pid_t c_ = clone(idle, stack + sizeof stack, (flags) | SIGCHLD, 0); \
  if (c_ == -1) say("%s: %s\n", #flags, err(errno)); else { say("%s: allowed\n", #flags); waitpid(c_, 0, __WALL); } } while (0)
static int tids(void *x) {
  pid_t *box = x;
  say("child sees own tid: %d\n", box[1] == (pid_t)syscall(SYS_gettid));
  return 0;
}
int main(void) {
  mkdir("d", 0755);
  put("d/inside", "");
  try("none", 0);
  try("VM", CLONE_VM);
  try("FILES", CLONE_FILES);
  try("FS", CLONE_FS);
  try("VM|SIGHAND", CLONE_VM | CLONE_SIGHAND);
  try("VM|FILES|FS|SIGHAND", CLONE_VM | CLONE_FILES | CLONE_FS | CLONE_SIGHAND);
  BAD(CLONE_SIGHAND);
  BAD(CLONE_THREAD);
  BAD(CLONE_THREAD | CLONE_SIGHAND);
  BAD(CLONE_FS | CLONE_NEWNS);
  BAD(CLONE_NEWIPC | CLONE_SYSVSEM);
  BAD(CLONE_NEWPID | CLONE_THREAD | CLONE_SIGHAND | CLONE_VM);
  BAD(CLONE_PIDFD | CLONE_PARENT_SETTID);
  // The tid is written in the parent, in the child, or cleared at the child's end.
  static pid_t box[2];
  pid_t c = MUST(clone(tids, stack + sizeof stack, CLONE_VM | CLONE_PARENT_SETTID | CLONE_CHILD_SETTID | SIGCHLD, box,
                       &box[0], 0, &box[1]));
  reap(c);
  CHECK(box[0] == c && box[1] == c);
  box[1] = 99;
  c = MUST(clone(idle, stack + sizeof stack, CLONE_VM | CLONE_CHILD_CLEARTID | SIGCHLD, box, 0, 0, &box[1]));
  reap(c);
  CHECK(box[1] == 0);
  // CHILD_SETTID without CLONE_VM writes the child's memory alone.
  box[1] = 5;
  c = MUST(clone(tids, stack + sizeof stack, CLONE_CHILD_SETTID | SIGCHLD, box, 0, 0, &box[1]));
  reap(c);
  CHECK(box[1] == 5);
  // CLONE_PIDFD
  int pidfd = -1;
  c = MUST(clone(idle, stack + sizeof stack, CLONE_PIDFD | SIGCHLD, 0, &pidfd));
  siginfo_t si;
  T(waitid(P_PIDFD, pidfd, &si, WEXITED));
  CHECK(si.si_pid == c);
  // CLONE_PARENT makes a sibling.
  pid_t mid = CHILD({
    MUST(clone(idle, stack + sizeof stack, CLONE_PARENT | SIGCHLD, 0));
    T(wait(0));
  });
  REAP(mid);
  CHECK(wait(0) > 0);
  T(wait(0));
  // CLONE_VFORK waits.
  word = 0;
  c = MUST(clone(change, stack + sizeof stack, CLONE_VM | CLONE_VFORK | SIGCHLD, 0));
  CHECK(word == 7);
  REAP(c);
  return 0;
}
