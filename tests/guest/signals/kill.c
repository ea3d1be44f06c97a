// kill(2): who may send what to whom, by pid, group and to all.
#include "t.h"
static volatile int hits;
static void handler(int s) { (void)s; hits++; }
int main(void) {
  T(kill(999999, 0));
  T(kill(-999999, 0));
  T(kill(getpid(), 65));
  T(kill(getpid(), -1));
  T(kill(999999, 65));
  T(kill(getpid(), 0));
  T(kill(INT_MIN, 0));
  T(kill(1, 0));
  signal(SIGUSR1, handler);
  T(kill(getpid(), SIGUSR1));
  say("delivered before kill returns %d\n", hits);
  // To one's own group.
  pid_t c = CHILD({
    setpgid(0, 0);
    hits = 0;
    pid_t k = CHILD(for (;;) pause());
    T(kill(0, SIGUSR1));
    say("own %d\n", hits);
    kill(k, SIGKILL);
    say("%s\n", status_text(reap(k)));
  });
  REAP(c);
  // Users: real or effective uid of the sender against real or saved uid of the target.
  gate g = gate_new();
  uid_t uids[4][3] = {{1000, 1000, 1000}, {1000, 2000, 2000}, {2000, 1000, 2000}, {2000, 2000, 1000}};
  for (int t = 0; t < 4; t++) {
    pid_t target = CHILD({
      MUST(setresuid(uids[t][0], uids[t][1], uids[t][2]));
      gate_open(g);
      for (;;) pause();
    });
    gate_wait(g);
    for (int s = 0; s < 4; s++) {
      pid_t sender = CHILD({
        MUST(setresuid(uids[s][0], uids[s][1], uids[s][2]));
        int r = kill(target, 0);
        say("%d/%d/%d to %d/%d/%d: %s\n", uids[s][0], uids[s][1], uids[s][2], uids[t][0], uids[t][1], uids[t][2],
            r ? err(errno) : "0");
      });
      reap(sender);
    }
    kill(target, SIGKILL);
    reap(target);
  }
  // SIGCONT within a session needs no such right.
  c = CHILD(MUST(setresuid(1000, 1000, 1000)); gate_open(g); for (;;) pause());
  gate_wait(g);
  APART({
    MUST(setresuid(2000, 2000, 2000));
    T(kill(c, SIGTERM));
    T(kill(c, SIGCONT));
    setsid();
    T(kill(c, SIGCONT));
  });
  kill(c, SIGKILL);
  reap(c);
  // A group of which one member may be signalled: success.
  pid_t a = CHILD(setpgid(0, 0); gate_open(g); for (;;) pause());
  gate_wait(g);
  pid_t b = CHILD(setpgid(0, a); MUST(setresuid(1000, 1000, 1000)); gate_open(g); for (;;) pause());
  gate_wait(g);
  APART({
    MUST(setresuid(1000, 1000, 1000));
    T(kill(-a, SIGTERM));
    T(kill(a, SIGTERM));
  });
  REAP(b);
  kill(a, SIGKILL);
  REAP(a);
  // To everyone one may reach, save oneself and init.
  a = CHILD(MUST(setresuid(31341, 31341, 31341)); gate_open(g); for (;;) pause());
  gate_wait(g);
  APART({
    MUST(setresuid(31341, 31341, 31341));
    signal(SIGTERM, handler);
    hits = 0;
    T(kill(-1, SIGTERM));
    say("self %d\n", hits);
    T(kill(1, SIGTERM));
  });
  REAP(a);
  return 0;
}
