// Signals and threads: masks are a thread's own; a process's signal goes to one that takes it.
#include "t.h"
#include <pthread.h>
static volatile pid_t ran;
static void handler(int s) { (void)s; ran = syscall(SYS_gettid); }
static volatile pid_t tid;
static volatile int stop;
static void *open_(void *x) {
  (void)x;
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGUSR1);
  pthread_sigmask(SIG_UNBLOCK, &set, 0);
  tid = syscall(SYS_gettid);
  while (!stop) nap(2);
  return 0;
}
static void *pending(void *x) {
  (void)x;
  sigset_t set;
  pthread_kill(pthread_self(), SIGUSR2);
  sigpending(&set);
  say("own pending %d\n", sigismember(&set, SIGUSR2));
  return 0;
}
static void *sees(void *x) {
  sigset_t set;
  sigpending(&set);
  say("shared %d private %d\n", sigismember(&set, SIGTERM), sigismember(&set, SIGUSR2));
  return x;
}
int main(void) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGUSR1);
  sigaddset(&set, SIGUSR2);
  sigaddset(&set, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &set, 0);
  signal(SIGUSR1, handler);
  pthread_t t;
  pthread_create(&t, 0, open_, 0);
  while (!tid) nap(1);
  kill(getpid(), SIGUSR1);
  while (!ran) nap(1);
  CHECK(ran == tid);
  ran = 0;
  T(syscall(SYS_tgkill, getpid(), tid, SIGUSR1));
  while (!ran) nap(1);
  CHECK(ran == tid);
  stop = 1;
  pthread_join(t, 0);
  T(syscall(SYS_tgkill, getpid(), tid, 0));
  T(syscall(SYS_tgkill, getppid(), syscall(SYS_gettid), 0));
  T(syscall(SYS_tgkill, -1, 1, 0));
  T(syscall(SYS_tgkill, getpid(), 0, 0));
  T(syscall(SYS_tkill, -1, 0));
  T(syscall(SYS_tkill, syscall(SYS_gettid), 65));
  pthread_create(&t, 0, pending, 0);
  pthread_join(t, 0);
  // What was pending for a thread goes with it.
  sigpending(&set);
  say("after it %d\n", sigismember(&set, SIGUSR2));
  kill(getpid(), SIGTERM);
  pthread_kill(pthread_self(), SIGUSR2);
  pthread_create(&t, 0, sees, 0);
  pthread_join(t, 0);
  // Any thread may take the process's signal.
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  siginfo_t si;
  CHECK(sigwaitinfo(&set, &si) == SIGTERM);
  say("code %d\n", si.si_code);
  CHECK(si.si_pid == getpid());
  sigemptyset(&set);
  sigaddset(&set, SIGUSR2);
  CHECK(sigwaitinfo(&set, &si) == SIGUSR2);
  say("code %d\n", si.si_code);
  // A fault goes to the thread that made it; a default action ends them all.
  pid_t c = CHILD({
    void *crash(void *x) { *(volatile int *)8 = 1; return x; }
    pthread_create(&t, 0, crash, 0);
    for (;;) pause();
  });
  REAP(c);
  // Stop and continue take every thread.
  static volatile long *counter;
  counter = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  c = CHILD({
    void *count(void *x) { for (;;) ++*counter; return x; }
    pthread_create(&t, 0, count, 0);
    for (;;) pause();
  });
  while (!*counter) nap(1);
  kill(c, SIGSTOP);
  int status;
  MUST(waitpid(c, &status, WUNTRACED));
  nap(10);
  long before = *counter;
  nap(30);
  CHECK(*counter == before);
  kill(c, SIGCONT);
  nap(30);
  for (int i = 0; i < 100 && *counter == before; i++) nap(5);
  CHECK(*counter > before);
  kill(c, SIGKILL);
  REAP(c);
  return 0;
}
