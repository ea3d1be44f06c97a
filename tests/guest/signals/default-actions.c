// The default action of every signal, as seen by the parent: ends, stops, goes on or nothing.
#include "t.h"
int main(void) {
  for (int s = 1; s <= 31; s++) {
    gate g = gate_new();
    pid_t c = CHILD({
      setpgid(0, 0);
      gate_open(g);
      for (;;) pause();
    });
    gate_wait(g);
    until(c, 'S');
    kill(c, s);
    int status = 0;
    pid_t r = 0;
    for (int i = 0; i < 15 && !r; i++) {
      r = waitpid(c, &status, WNOHANG | WUNTRACED);
      if (!r) nap(1);
    }
    status &= ~0x80 | (WIFSTOPPED(status) ? 0x80 : 0);
    say("%s: %s\n", sig(s), r ? status_text(status) : "nothing");
    if (!r || WIFSTOPPED(status)) {
      kill(c, SIGKILL);
      reap(c);
    }
    close(g.fd[0]);
    close(g.fd[1]);
  }
  // Ignored signals leave no trace, save the two that can't be.
  for (int s = 1; s <= 31; s++) {
    if (signal(s, SIG_IGN) == SIG_ERR) {
      say("%s can't be ignored: %s\n", sig(s), err(errno));
      continue;
    }
    if (s == SIGCHLD) signal(s, SIG_DFL);
    else raise(s);
  }
  say("alive\n");
  return 0;
}
