// fork(2): what a child has of its own, what it shares, what it does not get.
#include "t.h"
static int data = 1;
static void ignore(int s) { (void)s; }
int main(void) {
  int local = 1, *heap = malloc(sizeof *heap);
  *heap = 1;
  int *shared = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  pid_t parent = getpid();
  pid_t c = CHILD({
    data = local = *heap = *shared = 2;
    CHECK(getppid() == parent);
    CHECK(getpid() != parent);
    CHECK(getpid() == (pid_t)syscall(SYS_gettid));
  });
  REAP(c);
  say("data %d local %d heap %d shared %d\n", data, local, *heap, *shared);

  // An open file description is shared: its offset too. Descriptors are not.
  put("f", "0123456789");
  int fd = MUST(open("f", O_RDONLY));
  c = CHILD({
    char b[3];
    MUST(read(fd, b, 3));
    close(fd);
  });
  REAP(c);
  T(lseek(fd, 0, SEEK_CUR));
  // File status flags belong to the description, the close-on-exec flag to the descriptor.
  c = CHILD({
    MUST(fcntl(fd, F_SETFL, O_APPEND));
    MUST(fcntl(fd, F_SETFD, FD_CLOEXEC));
  });
  REAP(c);
  CHECK((fcntl(fd, F_GETFL) & O_APPEND) != 0);
  T(fcntl(fd, F_GETFD));

  // Mask and dispositions are inherited; pending signals and alarms are not.
  sigset_t set, got;
  sigemptyset(&set);
  sigaddset(&set, SIGUSR1);
  sigprocmask(SIG_BLOCK, &set, 0);
  signal(SIGUSR2, ignore);
  raise(SIGUSR1);
  alarm(100);
  c = CHILD({
    sigpending(&got);
    say("child: pending %d", sigismember(&got, SIGUSR1));
    sigprocmask(SIG_BLOCK, 0, &got);
    say(" blocked %d alarm %u", sigismember(&got, SIGUSR1), alarm(0));
    struct sigaction a;
    sigaction(SIGUSR2, 0, &a);
    say(" handler kept %d\n", a.sa_handler == ignore);
  });
  REAP(c);
  sigpending(&got);
  say("parent: pending %d alarm set %d\n", sigismember(&got, SIGUSR1), alarm(0) > 90);

  // umask, cwd and nice are inherited, and changes in the child stay there.
  umask(027);
  mkdir("d", 0777);
  c = CHILD({
    say("umask %03o\n", umask(0));
    MUST(chdir("d"));
    MUST(nice(3));
  });
  REAP(c);
  say("umask %03o nice %d here %d\n", umask(022), getpriority(PRIO_PROCESS, 0), access("d", F_OK));
  // CPU time starts at zero.
  burn(20);
  c = CHILD({
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    CHECK(u.ru_utime.tv_sec == 0 && u.ru_utime.tv_usec < 15000);
  });
  REAP(c);
  return 0;
}
