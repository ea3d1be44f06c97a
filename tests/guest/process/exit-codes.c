// Every way to end, as the parent sees it.
#include "t.h"
#include <pthread.h>
static void *group(void *code) { syscall(SYS_exit_group, (int)(long)code); return 0; }
static void *end(void *code) { syscall(SYS_exit, (int)(long)code); return 0; }
static void at_exit_one(void) { say("atexit one\n"); }
static void at_exit_two(void) { say("atexit two\n"); }
int main(void) {
  int codes[] = {0, 1, 127, 128, 255, 256, 257, -1, 0x12345};
  for (int i = 0; i < 9; i++) say("_exit(%d): %s\n", codes[i], status_text(reap(CHILD(_exit(codes[i])))));
  for (int s = 1; s < 65; s++) {
    if (s == SIGCHLD || s == SIGURG || s == SIGWINCH || s == SIGCONT || s == 32 || s == 33) continue;
    if (s == SIGSTOP || s == SIGTSTP || s == SIGTTIN || s == SIGTTOU) continue;
    pid_t c = CHILD(syscall(SYS_kill, getpid(), s); _exit(9));
    say("signal %s: %s\n", sig(s), status_text(reap(c) & ~0x80));
  }
  int harmless[] = {SIGCHLD, SIGURG, SIGWINCH, SIGCONT, 0};
  for (int i = 0; i < 5; i++) {
    pid_t c = CHILD(raise(harmless[i]); _exit(9));
    say("signal %s: %s\n", sig(harmless[i]), status_text(reap(c)));
  }
  REAP(CHILD(abort()) );
  REAP(CHILD({ signal(SIGABRT, SIG_IGN); abort(); }));
  REAP(CHILD({ atexit(at_exit_one); atexit(at_exit_two); exit(3); }));
  REAP(CHILD({ atexit(at_exit_one); _exit(4); }));
  // A thread's exit_group is everybody's.
  REAP(CHILD({ pthread_t t; pthread_create(&t, 0, group, (void *)7); for (;;) pause(); }));
  // The last thread's code counts when the first thread has gone before by the bare call.
  REAP(CHILD({ pthread_t t; pthread_create(&t, 0, end, (void *)8); pthread_join(t, 0); syscall(SYS_exit, 9); }));
  // A zombie leader waits for its threads.
  REAP(CHILD({
    pid_t me = getpid();
    pid_t w = CHILD({ until(me, 'Z'); kill(me, SIGUSR1); });
    (void)w;
    pthread_t t;
    void *sleeper(void *x) { (void)x; for (;;) pause(); return 0; }
    pthread_create(&t, 0, sleeper, 0);
    syscall(SYS_exit, 1);
  }));
  return 0;
}
