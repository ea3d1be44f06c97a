// Job control: who may read, write and set; the signals that stop who may not; the signals that characters send.
#include "pty.h"
static int master, slave;
static void caught(int number) { say("caught %s\n", sig(number)); }
static int stopped(pid_t pid) {
  int status = 0;
  MUST(waitpid(pid, &status, WUNTRACED));
  say("job %s\n", status_text(status));
  return status;
}
#define JOB(...) ({ pid_t job_ = CHILD({ setpgid(0, 0); nap(30); __VA_ARGS__; }); setpgid(job_, job_); job_; })
static void finish(pid_t pid) {
  kill(-pid, SIGCONT);
  stopped(pid);
}
static void session(void) {
  char c;
  say("foreground is mine: %d\n", tcgetpgrp(slave) == getpgrp());
  say("session is mine: %d\n", tcgetsid(slave) == getsid(0));
  pid_t job = JOB(read(slave, &c, 1), say("read %c\n", c));
  stopped(job);
  MUST(tcsetpgrp(slave, job));
  write(master, "k\n", 2);
  finish(job);
  signal(SIGTTOU, SIG_IGN);
  T(tcsetpgrp(slave, getpgrp()));
  signal(SIGTTOU, SIG_DFL);
  job = JOB(signal(SIGTTIN, SIG_IGN); T(read(slave, &c, 1)));
  stopped(job);
  job = JOB(T(write(slave, "w", 1)));
  stopped(job);
  set_local(slave, TOSTOP, 0);
  job = JOB(T(write(slave, "w", 1)));
  stopped(job);
  set_local(slave, 0, TOSTOP);
  finish(job);
  job = JOB(struct termios t; tcgetattr(slave, &t); T(tcsetattr(slave, TCSANOW, &t)));
  stopped(job);
  kill(-job, SIGKILL);
  stopped(job);
  job = JOB(struct sigaction a = {.sa_handler = caught}; sigaction(SIGTTOU, &a, 0); T(tcsetpgrp(slave, getpgrp())); T(tcflush(slave, TCIFLUSH)));
  stopped(job);
  job = JOB(sigset_t s; sigemptyset(&s); sigaddset(&s, SIGTTOU); sigprocmask(SIG_BLOCK, &s, 0);
            T(tcsetpgrp(slave, getpgrp())); say("foreground %d\n", tcgetpgrp(slave) == getpgrp()));
  stopped(job);
  signal(SIGTTOU, SIG_IGN);
  T(tcsetpgrp(slave, getpgrp()));
  T(tcsetpgrp(slave, -5));
  T(tcsetpgrp(slave, 999999));
  T(tcsetpgrp(slave, getppid()));
  // characters
  job = JOB(for (;;) pause());
  T(tcsetpgrp(slave, job));
  nap(60);
  write(master, "\x1a", 1);
  stopped(job);
  kill(job, SIGCONT);
  nap(20);
  write(master, "\x03", 1);
  stopped(job);
  tcsetpgrp(slave, getpgrp());
  signal(SIGQUIT, caught);
  signal(SIGINT, caught);
  signal(SIGWINCH, caught);
  set_local(slave, NOFLSH, 0);
  write(master, "ab\x1c", 3);
  nap(50);
  write(master, "c\n", 2);
  drain("kept", slave);
  set_local(slave, 0, NOFLSH);
  write(master, "ab\x03", 3);
  nap(50);
  write(master, "c\n", 2);
  drain("flushed", slave);
  struct winsize size = {30, 90, 0, 0};
  T(ioctl(master, TIOCSWINSZ, &size));
  nap(50);
  T(ioctl(master, TIOCSWINSZ, &size));
  struct winsize got = {0};
  T(ioctl(slave, TIOCGWINSZ, &got));
  say("%d %d\n", got.ws_row, got.ws_col);
  T(ioctl(master, TIOCSIG, SIGINT));
  nap(50);
  T(ioctl(master, TIOCSIG, SIGUSR1));
}
int main(void) {
  master = open_master();
  slave = MUST(slave_of(master));
  T(tcgetpgrp(slave));
  T(tcgetsid(slave));
  pid_t leader = SESSION(slave, session());
  REAP(leader);
  drain("output", master);
  return 0;
}
