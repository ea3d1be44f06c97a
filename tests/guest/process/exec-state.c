// execve(2): what survives and what is reset.
#include "t.h"
static void handler(int s) { (void)s; }
int main(int argc, char **argv) {
  if (argc > 1) {
    struct sigaction a;
    sigaction(SIGUSR1, 0, &a);
    say("handled is default: %d\n", a.sa_handler == SIG_DFL);
    say("flags gone: %d\n", a.sa_flags == 0);
    sigaction(SIGUSR2, 0, &a);
    say("ignored stays: %d\n", a.sa_handler == SIG_IGN);
    sigset_t set;
    sigprocmask(SIG_BLOCK, 0, &set);
    say("mask %d %d\n", sigismember(&set, SIGTERM), sigismember(&set, SIGINT));
    sigpending(&set);
    say("pending %d %d\n", sigismember(&set, SIGTERM), sigismember(&set, SIGINT));
    stack_t ss;
    sigaltstack(0, &ss);
    say("altstack off: %d\n", (ss.ss_flags & SS_DISABLE) != 0);
    say("alarm kept: %d\n", alarm(0) > 50);
    OK(fcntl(20, F_GETFD));
    OK(fcntl(21, F_GETFD));
    T(lseek(20, 0, SEEK_CUR));
    say("umask %03o\n", umask(0));
    char cwd[PATH_MAX];
    say("cwd ends in d: %d\n", strcmp(strrchr(getcwd(cwd, sizeof cwd), '/'), "/d") == 0);
    say("pid kept: %d\n", getpid() == atoi(argv[1]));
    char name[17] = {0};
    prctl(PR_GET_NAME, name);
    say("name %s\n", name);
    T(prctl(PR_GET_KEEPCAPS));
    T(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0));
    int death = -1;
    prctl(PR_GET_PDEATHSIG, &death);
    say("pdeathsig %d\n", death);
    T(getpriority(PRIO_PROCESS, 0));
    struct rlimit l;
    getrlimit(RLIMIT_NOFILE, &l);
    say("nofile %d\n", (int)l.rlim_cur);
    struct itimerval it;
    getitimer(ITIMER_VIRTUAL, &it);
    say("virtual timer kept: %d\n", it.it_value.tv_sec > 50);
    T(timer_gettime((timer_t)0, &(struct itimerspec){{0, 0}, {0, 0}}));
    // A lock held by the process stays held.
    struct flock fl = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    pid_t c = CHILD({
      MUST(fcntl(20, F_GETLK, &fl));
      say("lock held %d by the parent %d\n", fl.l_type == F_WRLCK, fl.l_pid == getppid());
    });
    REAP(c);
    return 0;
  }
  signal(SIGUSR2, SIG_IGN);
  struct sigaction a = {.sa_handler = handler, .sa_flags = SA_RESTART | SA_NODEFER};
  sigaction(SIGUSR1, &a, 0);
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigprocmask(SIG_BLOCK, &set, 0);
  raise(SIGTERM);
  stack_t ss = {.ss_sp = malloc(65536), .ss_size = 65536};
  sigaltstack(&ss, 0);
  alarm(100);
  struct itimerval it = {.it_value = {100, 0}};
  setitimer(ITIMER_VIRTUAL, &it, 0);
  timer_t timer;
  struct sigevent ev = {.sigev_notify = SIGEV_NONE};
  MUST(timer_create(CLOCK_MONOTONIC, &ev, &timer));
  put("f", "0123456789");
  int fd = MUST(open("f", O_RDWR));
  MUST(lseek(fd, 4, SEEK_SET));
  MUST(dup2(fd, 20));
  MUST(dup3(fd, 21, O_CLOEXEC));
  struct flock fl = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
  MUST(fcntl(20, F_SETLK, &fl));
  umask(031);
  mkdir("d", 0755);
  MUST(chdir("d"));
  prctl(PR_SET_NAME, "before");
  prctl(PR_SET_KEEPCAPS, 1);
  prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  prctl(PR_SET_PDEATHSIG, SIGUSR1);
  nice(2);
  struct rlimit l = {99, 100};
  setrlimit(RLIMIT_NOFILE, &l);
  char pid[20], self[PATH_MAX] = {0};
  sprintf(pid, "%d", getpid());
  MUST(readlink("/proc/self/exe", self, sizeof self - 1));
  MUST(symlink(self, "another-name-that-is-long"));
  execl("another-name-that-is-long", "argument zero", pid, (char *)0);
  say("execl = %s\n", err(errno));
  return 1;
}
