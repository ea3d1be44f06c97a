// getrlimit, setrlimit, prlimit64: the rules, and limits that bite.
#include "t.h"
static void handler(int s) { say("handler %s\n", sig(s)); }
static int set(int what, long cur, long max) {
  struct rlimit l = {cur, max};
  return setrlimit(what, &l);
}
int main(void) {
  struct rlimit l;
  T(getrlimit(99, &l));
  T(setrlimit(-1, &l));
  T(getrlimit(RLIMIT_NOFILE, (struct rlimit *)8));
  T(set(RLIMIT_NOFILE, 100, 50));
  T(syscall(SYS_prlimit64, 999999, RLIMIT_NOFILE, 0, &l));
  // Descriptors.
  T(set(RLIMIT_NOFILE, 12, 20));
  int n = 0, last = -1, fd;
  while ((fd = dup(1)) >= 0) n++, last = fd;
  say("%s at %d\n", err(errno), last);
  T(open("/", O_RDONLY));
  T(dup2(1, 12));
  T(fcntl(1, F_DUPFD, 12));
  T(fcntl(1, F_DUPFD, 5));
  int p[2];
  close(11);
  T(pipe(p));
  close(10);
  T(pipe(p));
  // What is open above a lowered limit stays open.
  T(set(RLIMIT_NOFILE, 5, 20));
  OK(fcntl(9, F_GETFD));
  T(dup(1));
  for (int i = 3; i < 12; i++) close(i);
  T(set(RLIMIT_NOFILE, 20, 20));
  APART({
    MUST(setresuid(1000, 1000, 1000));
    T(set(RLIMIT_NOFILE, 10, 30));
    T(set(RLIMIT_NOFILE, 10, 15));
    T(set(RLIMIT_NOFILE, 10, 20));
    T(set(RLIMIT_NOFILE, 15, 15));
  });
  // File size: a signal, and EFBIG when it is ignored; a write that crosses is short.
  APART({
    signal(SIGXFSZ, handler);
    T(set(RLIMIT_FSIZE, 100, 100));
    fd = MUST(open("f", O_WRONLY | O_CREAT, 0644));
    char b[80] = {0};
    T(write(fd, b, 80));
    T(write(fd, b, 80));
    T(write(fd, b, 80));
    T(ftruncate(fd, 101));
    T(ftruncate(fd, 99));
    T(pwrite(fd, b, 10, 95));
    T(pwrite(fd, b, 10, 200));
    T(fallocate(fd, 0, 0, 200));
  });
  int status = reap(CHILD(set(RLIMIT_FSIZE, 10, 10); fd = open("g", O_WRONLY | O_CREAT, 0644); write(fd, "0123456789", 10);
                          write(fd, "x", 1)));
  say("unhandled: %s\n", status_text(status));
  // Memory.
  APART({
    T(set(RLIMIT_AS, 64 << 20, 64 << 20));
    void *m = mmap(0, 128 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    say("too much: %s\n", m == MAP_FAILED ? err(errno) : "allowed");
    m = mmap(0, 128 << 20, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    say("even unused: %s\n", m == MAP_FAILED ? err(errno) : "allowed");
    m = mmap(0, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    say("little: %s\n", m == MAP_FAILED ? err(errno) : "allowed");
  });
  APART({
    void *top = sbrk(0);
    (void)top;
    T(set(RLIMIT_DATA, 4 << 20, 4 << 20));
    CHECK(sbrk(16 << 20) == (void *)-1 && errno == ENOMEM);
    void *m = mmap(0, 16 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    say("private writable counts as data: %s\n", m == MAP_FAILED ? err(errno) : "allowed");
    m = mmap(0, 16 << 20, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    say("read-only doesn't: %s\n", m == MAP_FAILED ? err(errno) : "allowed");
  });
  // CPU seconds: SIGXCPU at the soft limit, SIGKILL at the hard one.
  status = reap(CHILD({
    set(RLIMIT_CPU, 1, 2);
    for (;;) {
    }
  }));
  say("cpu: %s\n", status_text(status));
  // Inherited; and another process's, by prlimit.
  T(set(RLIMIT_NOFILE, 17, 19));
  gate g = gate_new();
  pid_t c = CHILD({
    gate_wait(g);
    getrlimit(RLIMIT_NOFILE, &l);
    say("child %d %d\n", (int)l.rlim_cur, (int)l.rlim_max);
  });
  struct rlimit new = {16, 18}, old;
  T(prlimit(c, RLIMIT_NOFILE, &new, &old));
  say("old %d %d\n", (int)old.rlim_cur, (int)old.rlim_max);
  gate_open(g);
  REAP(c);
  return 0;
}
