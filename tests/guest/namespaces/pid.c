// pid_namespaces(7): numbers at each level, the first process and signals to it, its death, orphans, waiting
#include "ns.h"
#include <sys/socket.h>
#include <linux/capability.h>

// Since Linux 6.11: the number of a process of one namespace in another.
#define NS_GET_PID_FROM_PIDNS _IOR(0xb7, 6, int)
#define NS_GET_PID_IN_PIDNS _IOR(0xb7, 8, int)
#define NS_GET_TGID_IN_PIDNS _IOR(0xb7, 9, int)

static pid_t make(int flags) {
  return syscall(SYS_clone, flags | SIGCHLD, 0, 0, 0, 0);
}

static void numbers(void) {
  pid_t outer = getpid();
  int ours = MUST(open("/proc/self/ns/pid", O_RDONLY));
  int status;
  pid_t child = make(CLONE_NEWPID);
  if (child == 0) {
    say("pid %d tid %ld ppid %d pgrp %d sid %d\n", getpid(), syscall(SYS_gettid), getppid(), getpgrp(), getsid(0));
    pid_t inner = make(CLONE_NEWPID);
    if (inner == 0) {
      say("inner pid %d ppid %d\n", getpid(), getppid());
      T(kill(outer, 0));
      T(kill(2, 0));
      T(setsid());
      say("sid %d pgrp %d\n", getsid(0), getpgrp());
      _exit(5);
    }
    T(waitpid(inner, &status, 0));
    say("%s\n", status_text(status));
    say("inner is called %d\n", inner);
    CHECK(ioctl(ours, NS_GET_PID_IN_PIDNS, 1) > 1);
    T(ioctl(ours, NS_GET_PID_FROM_PIDNS, outer));
    T(ioctl(ours, NS_GET_PID_IN_PIDNS, 77));
    pid_t next = CHILD(say("next pid %d ppid %d\n", getpid(), getppid()));
    say("next is called %d\n", next);
    reap(next);
    T(getpgid(outer));
    T(setpgid(0, 0));
    T(getpgrp());
    _exit(0);
  }
  T(kill(child, 0));
  CHECK(child > 1);
  CHECK(ioctl(ours, NS_GET_TGID_IN_PIDNS, child) == child);
  REAP(child);
}

static volatile int caught;
static siginfo_t last;
static void note(int signal, siginfo_t *info, void *c) {
  (void)c;
  caught = signal;
  last = *info;
}

static void init(void) {
  // Signals from inside that it has no handler for do nothing, not even SIGKILL; from outside SIGKILL and SIGSTOP do.
  Turns t = turns();
  pid_t child = make(CLONE_NEWPID);
  if (child == 0) {
    T(kill(1, SIGTERM));
    T(kill(1, SIGKILL));
    T(kill(getpid(), SIGSTOP));
    T(raise(SIGINT));
    reap(CHILD(T(kill(1, SIGKILL)); T(kill(1, SIGUSR1)); T(kill(-1, SIGTERM))));
    struct sigaction action = { .sa_sigaction = note, .sa_flags = SA_SIGINFO | SA_RESTART };
    sigaction(SIGUSR1, &action, 0);
    reap(CHILD(T(kill(1, SIGUSR1))));
    say("caught %s from %d\n", sig(caught), last.si_pid);
    caught = 0;
    go(t.there);
    await(t.back);
    say("caught %s from %d uid %d\n", sig(caught), last.si_pid, last.si_uid);
    go(t.there);
    for (;;) pause();
  }
  await(t.there);
  T(kill(child, SIGUSR1));
  T(kill(child, SIGTERM));
  go(t.back);
  await(t.there);
  int status;
  T(kill(child, SIGSTOP));
  CHECK(waitpid(child, &status, WUNTRACED) == child);
  say("%s\n", status_text(status));
  T(kill(child, SIGCONT));
  T(kill(child, SIGKILL));
  REAP(child);
}

static void ending(void) {
  // With the first process all others end; orphans go to it; nobody comes in any more.
  Turns t = turns();
  pid_t child = make(CLONE_NEWPID);
  if (child == 0) {
    pid_t middle = CHILD({
      pid_t last = CHILD({
        while (getppid() != 1) usleep(1000);
        say("orphan's parent %d\n", getppid());
        go(t.there);
        for (;;) pause();
      });
      (void)last;
    });
    reap(middle);
    await(t.there);
    int fds[2];
    MUST(pipe(fds));
    CHILD({ say("nested too\n"); MUST(unshare(CLONE_NEWPID)); CHILD({ go(t.there); for (;;) pause(); }); for (;;) pause(); });
    await(t.there);
    _exit(9);
  }
  REAP(child);
  // The pipe's other ends are closed only when all have gone.
  close(t.there[1]);
  char c;
  T(read(t.there[0], &c, 1));
}

static void forChildren(void) {
  // unshare: the next child is the first; when it has gone, no more.
  APART({
    T(unshare(CLONE_NEWPID));
    CHECK(getpid() != 1);
    T(unshare(CLONE_NEWPID));
    pid_t first = CHILD(say("first %d\n", getpid()); for (;;) pause());
    (void)first;
    usleep(20000);
    pid_t second = CHILD(say("second %d parent %d\n", getpid(), getppid()));
    reap(second);
    T(unshare(CLONE_NEWPID));
    kill(first, SIGKILL);
    REAP(first);
    pid_t third = fork();
    if (third == 0) _exit(0);
    if (third == -1) say("fork: %s\n", err(errno));
    else reap(third);
    pid_t thread = syscall(SYS_clone, CLONE_THREAD | CLONE_SIGHAND | CLONE_VM | SIGCHLD, 0, 0, 0, 0);
    say("thread: %s\n", thread == -1 ? err(errno) : "made");
  });
  T(make(CLONE_NEWPID | CLONE_THREAD | CLONE_SIGHAND | CLONE_VM));
  T(make(CLONE_NEWNS | CLONE_FS));
  T(make(CLONE_NEWUSER | CLONE_FS));
  T(make(CLONE_NEWIPC | CLONE_SYSVSEM));
}

static void passing(void) {
  // Credentials over a socket, locks, owners of files: in the reader's numbers.
  int pair[2];
  MUST(socketpair(AF_UNIX, SOCK_DGRAM, 0, pair));
  int on = 1;
  MUST(setsockopt(pair[0], SOL_SOCKET, SO_PASSCRED, &on, sizeof on));
  MUST(setsockopt(pair[1], SOL_SOCKET, SO_PASSCRED, &on, sizeof on));
  Turns t = turns();
  int lock = MUST(open("lock", O_CREAT | O_RDWR, 0600));
  pid_t child = make(CLONE_NEWPID);
  char control[256];
  char byte;
  struct iovec iov = { &byte, 1 };
  struct msghdr message = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control };
  if (child == 0) {
    MUST(send(pair[1], "x", 1, 0));
    await(t.back);
    message.msg_controllen = sizeof control;
    MUST(recvmsg(pair[1], &message, 0));
    struct ucred *from = (struct ucred *)CMSG_DATA(CMSG_FIRSTHDR(&message));
    say("from above: pid %d uid %d\n", from->pid, from->uid);
    struct flock wanted = { .l_type = F_WRLCK };
    T(fcntl(lock, F_GETLK, &wanted));
    say("locked by %d\n", wanted.l_pid);
    T(fcntl(pair[1], F_SETOWN, getpid()));
    T(fcntl(pair[1], F_GETOWN));
    T(fcntl(pair[1], F_SETOWN, 77));
    _exit(0);
  }
  message.msg_controllen = sizeof control;
  MUST(recvmsg(pair[0], &message, 0));
  struct ucred *from = (struct ucred *)CMSG_DATA(CMSG_FIRSTHDR(&message));
  CHECK(from->pid == child);
  MUST(send(pair[0], "x", 1, 0));
  struct flock mine = { .l_type = F_WRLCK };
  MUST(fcntl(lock, F_SETLK, &mine));
  go(t.back);
  REAP(child);
}

int main(void) {
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  numbers();
  init();
  ending();
  forChildren();
  passing();
}
