// Two hundred children, a chain of sixty generations: every status comes back, once.
#include "t.h"
static int chain(int depth) {
  if (depth == 0) return 1;
  pid_t c = fork();
  if (c == -1) return 0;
  if (c == 0) _exit(chain(depth - 1));
  int status = reap(c);
  return WIFEXITED(status) ? (WEXITSTATUS(status) + 1) % 256 : 0;
}
int main(void) {
  enum { N = 200 };
  pid_t pids[N];
  for (int i = 0; i < N; i++) pids[i] = CHILD(_exit(i));
  int seen[N] = {0}, codes = 1, distinct = 1;
  for (int i = 0; i < N; i++)
    for (int j = 0; j < i; j++) distinct &= pids[i] != pids[j];
  for (int i = 0; i < N; i++) {
    int status;
    pid_t p = MUST(wait(&status));
    for (int j = 0; j < N; j++)
      if (pids[j] == p) {
        seen[j]++;
        codes &= WIFEXITED(status) && WEXITSTATUS(status) == j;
      }
  }
  int once = 1;
  for (int i = 0; i < N; i++) once &= seen[i] == 1;
  CHECK(distinct);
  CHECK(once);
  CHECK(codes);
  T(wait(0));
  say("chain %d\n", chain(60));
  return 0;
}
