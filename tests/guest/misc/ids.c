// setuid and its family: the whole matrix of real, effective and saved ids, for root and for users.
#include "t.h"
#include <grp.h>
#include <sys/fsuid.h>
static void show(void) {
  uid_t r, e, s;
  getresuid(&r, &e, &s);
  say("    %d %d %d fs %d\n", r, e, s, setfsuid(-1));
}
#define C(...) do { T(__VA_ARGS__); show(); } while (0)
int main(void) {
  APART(C(setuid(1000)); C(setuid(0)); C(seteuid(0)));
  APART(C(seteuid(1000)); C(setuid(1000)); C(seteuid(0)); C(setuid(0)));
  APART(C(setreuid(1000, -1)); C(setreuid(-1, 1000)); C(setreuid(-1, 0)));
  APART(C(setreuid(1000, 2000)); C(setreuid(2000, 1000)); C(setuid(2000)));
  APART(C(setresuid(1, 2, 3)); C(setresuid(2, 3, 1)); C(setresuid(-1, 1, -1)); C(setresuid(4, -1, -1)); C(setresuid(-1, -1, 2)); C(setreuid(3, -1)); C(setuid(3)); C(setfsuid(2)); C(setfsuid(77)));
  APART(C(setresuid(-1, 1000, 0)); C(seteuid(0)); C(setresuid(5, 5, 5)));
  APART(C(setuid(-1)); C(setreuid(-1, -1)); C(setresuid(-1, -1, -1)));
  APART({
    gid_t r;
    gid_t e;
    gid_t s;
    T(setresgid(10, 20, 30));
    T(setgid(40));
    getresgid(&r, &e, &s);
    say("%d %d %d\n", r, e, s);
    T(setresuid(1000, 1000, 1000));
    T(setgid(50));
    T(setegid(40));
    T(setregid(50, -1));
    T(setresgid(40, 40, 40));
  });
  // Groups.
  gid_t g[70];
  for (int i = 0; i < 70; i++) g[i] = 100 + i;
  T(setgroups(3, g));
  T(getgroups(0, 0));
  gid_t h[70];
  T(getgroups(70, h));
  say("%d %d %d\n", h[0], h[1], h[2]);
  T(getgroups(2, h));
  T(getgroups(-1, h));
  T(setgroups(-1, g));
  T(setgroups(65537, g));
  g[0] = 300, g[1] = 100, g[2] = 200;
  T(setgroups(3, g));
  getgroups(3, h);
  say("sorted %d %d %d\n", h[0], h[1], h[2]);
  T(setgroups(0, 0));
  T(getgroups(70, h));
  APART({
    MUST(setresuid(1000, 1000, 1000));
    T(setgroups(0, 0));
    T(setgroups(1, g));
  });
  T(getresuid((void *)16, (void *)16, (void *)16));
  T(getuid() + geteuid() + getgid());
  return 0;
}
