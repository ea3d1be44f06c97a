// Random children that are stopped, continued, killed, told to exit and waited for in every way.
#include "random.h"
enum { N = 5 };
static pid_t kid[N];
static int tell[N][2];
static volatile int told;
static void count(int s) { (void)s; told++; }
static int index_of(pid_t p) {
  for (int i = 0; i < N; i++)
    if (kid[i] == p) return i;
  return -1;
}
static void settle(int i, const char *states) {
  // Until the child is where the last order leads.
  for (int k = 0; k < 2000; k++) {
    char s = state_of(kid[i]);
    if (s == 0 || strchr(states, s)) return;
    nap(1);
  }
  say("child %d is in state %c\n", i, state_of(kid[i]));
}
int main(int argc, char **argv) {
  seed(argc, argv);
  struct sigaction a = {.sa_handler = count, .sa_flags = SA_RESTART};
  sigaction(SIGCHLD, &a, 0);
  bool stopped[N] = {0}, over[N] = {0};
  for (int step = 0; step < 160; step++) {
    int i = rnd(N), st = 0;
    pid_t r = 0;
    errno = 0;
    switch (rnd(10)) {
      case 0:
      case 1: {
        if (kid[i]) continue;
        MUST(pipe2(tell[i], O_CLOEXEC));
        bool own = rnd(2);
        kid[i] = CHILD({
          if (own) setpgid(0, 0);
          unsigned char c;
          if (read(tell[i][0], &c, 1) == 1) _exit(c);
          _exit(255);
        });
        if (own) setpgid(kid[i], kid[i]);
        settle(i, "S");
        stopped[i] = over[i] = false;
        say("%d fork %d%s\n", step, i, own ? " in a group of its own" : "");
        break;
      }
      case 2: {
        if (!kid[i]) continue;
        unsigned char c = rnd(256);
        write(tell[i][1], &c, 1);
        if (!stopped[i]) settle(i, "Z"), over[i] = true;
        say("%d tell %d to exit with %d\n", step, i, c);
        break;
      }
      case 3: {
        if (!kid[i]) continue;
        int sigs[] = {SIGSTOP, SIGSTOP, SIGTSTP, SIGTTIN};
        int s = sigs[rnd(4)];
        kill(kid[i], s);
        if (!over[i]) settle(i, "TZ"), stopped[i] = state_of(kid[i]) == 'T';
        say("%d %s to %d: %c\n", step, sig(s), i, state_of(kid[i]));
        break;
      }
      case 4:
        if (!kid[i]) continue;
        kill(kid[i], SIGCONT);
        stopped[i] = false;
        nap(2);
        settle(i, "SZ");
        over[i] = state_of(kid[i]) == 'Z';
        say("%d SIGCONT to %d: %c\n", step, i, state_of(kid[i]));
        break;
      case 5: {
        if (!kid[i] || rnd(3)) continue;
        int sigs[] = {SIGKILL, SIGTERM, SIGUSR1, SIGCHLD, SIGHUP};
        int s = sigs[rnd(5)];
        kill(kid[i], s);
        nap(2);
        if (s == SIGKILL || (s != SIGCHLD && !stopped[i])) settle(i, "Z");
        over[i] = state_of(kid[i]) == 'Z';
        if (over[i]) stopped[i] = false;
        say("%d %s to %d: %c\n", step, sig(s), i, state_of(kid[i]));
        break;
      }
      case 6:
      case 7: {
        int options = WNOHANG | (rnd(2) ? WUNTRACED : 0) | (rnd(2) ? WCONTINUED : 0);
        int who = rnd(4);
        pid_t target = who == 0 ? -1 : who == 1 ? 0 : who == 2 ? (kid[i] ? -kid[i] : -1) : (kid[i] ? kid[i] : -1);
        // Of several that are ready the order is the kernel's: ask for one, unless only one can be meant.
        if (who < 2) {
          int live = 0;
          for (int k = 0; k < N; k++) live += kid[k] != 0;
          if (live > 1) target = kid[i] ? kid[i] : 999999;
        }
        r = waitpid(target, &st, options);
        say("%d waitpid(%s, %x): %s", step, target == -1 ? "any" : target == 0 ? "group" : target < 0 ? "its group" : "it", options, r < 0 ? err(errno) : r == 0 ? "nothing" : "");
        if (r > 0) {
          int k = index_of(r);
          say("%d %s", k, status_text(st));
          if (WIFEXITED(st) || WIFSIGNALED(st)) close(tell[k][0]), close(tell[k][1]), kid[k] = 0;
        }
        say("\n");
        break;
      }
      case 8: {
        if (!kid[i]) continue;
        siginfo_t si = {0};
        int options = WNOHANG | (rnd(2) ? WEXITED : 0) | (rnd(2) ? WSTOPPED : 0) | (rnd(2) ? WCONTINUED : 0) | (rnd(3) ? 0 : WNOWAIT);
        int w = waitid(P_PID, kid[i], &si, options);
        say("%d waitid(%d, %x): %d %s signo %d code %d status %d\n", step, i, options, w, w < 0 ? err(errno) : "", si.si_signo, si.si_code, si.si_status);
        if (w == 0 && si.si_pid && !(options & WNOWAIT) && (si.si_code == CLD_EXITED || si.si_code == CLD_KILLED || si.si_code == CLD_DUMPED)) {
          close(tell[i][0]), close(tell[i][1]);
          kid[i] = 0;
        }
        break;
      }
      case 9: {
        int how = rnd(3);
        a.sa_handler = how == 0 ? SIG_DFL : count;
        a.sa_flags = SA_RESTART | (how == 1 ? SA_NOCLDSTOP : 0);
        sigaction(SIGCHLD, &a, 0);
        say("%d SIGCHLD %d\n", step, how);
        break;
      }
    }
  }
  for (int i = 0; i < N; i++)
    if (kid[i]) kill(kid[i], SIGKILL), waitpid(kid[i], 0, 0);
  return 0;
}
