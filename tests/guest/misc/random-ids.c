// Random changes of user and group ids and capabilities: the ids after each, and what they let the process do.
#include "random.h"
#include <grp.h>
#include <linux/capability.h>
#include <sys/fsuid.h>
static void show(void) {
  uid_t r, e, s;
  gid_t rg, eg, sg;
  getresuid(&r, &e, &s);
  getresgid(&rg, &eg, &sg);
  struct __user_cap_header_struct h = {_LINUX_CAPABILITY_VERSION_3, 0};
  struct __user_cap_data_struct d[2];
  syscall(SYS_capget, &h, d);
  uint32_t m = 1 << CAP_CHOWN | 1 << CAP_DAC_OVERRIDE | 1 << CAP_FOWNER | 1 << CAP_SETGID | 1 << CAP_SETUID | 1 << CAP_KILL;
  say("  uid %d %d %d %d gid %d %d %d caps %x %x %x;", r, e, s, setfsuid(-1), rg, eg, sg, d[0].effective & m, d[0].permitted & m, d[0].inheritable & m);
  const char *files[] = {"root", "a", "b", "ga", "open"};
  for (int i = 0; i < 5; i++) {
    int fd = open(files[i], O_RDONLY);
    int w = open(files[i], O_WRONLY);
    say(" %s%s%s", files[i], fd < 0 ? "-" : "r", w < 0 ? "-" : "w");
    if (fd >= 0) close(fd);
    if (w >= 0) close(w);
  }
  say(" chmod %s", chmod("a", 0600) ? err(errno) : "0");
  say(" access %s\n", access("a", R_OK) ? err(errno) : "0");
}
int main(int argc, char **argv) {
  seed(argc, argv);
  chmod(".", 0777);
  struct { const char *n; int u, g, m; } f[] = {{"root", 0, 0, 0600}, {"a", 1001, 0, 0600}, {"b", 1002, 2002, 0640}, {"ga", 0, 2001, 0060}, {"open", 0, 0, 0666}};
  for (int i = 0; i < 5; i++) {
    put(f[i].n, "x");
    chown(f[i].n, f[i].u, f[i].g);
    chmod(f[i].n, f[i].m);
  }
  int ids[] = {-1, 0, 0, 1001, 1001, 1002}, gids[] = {-1, 0, 2001, 2001, 2002};
  for (int round = 0; round < 40; round++) {
    say("round %d\n", round);
    APART({
      for (int step = 0; step < 12; step++) {
        int x = ids[rnd(6)];
        int y = ids[rnd(6)];
        int z = ids[rnd(6)];
        int p = gids[rnd(5)];
        int q = gids[rnd(5)];
        int t = gids[rnd(5)];
        long r = 0;
        errno = 0;
        switch (rnd(14)) {
          case 0: r = setuid(x), say("setuid %d", x); break;
          case 1: r = seteuid(x), say("seteuid %d", x); break;
          case 2: r = setreuid(x, y), say("setreuid %d %d", x, y); break;
          case 3: r = setresuid(x, y, z), say("setresuid %d %d %d", x, y, z); break;
          case 4: r = setgid(p), say("setgid %d", p); break;
          case 5: r = setegid(p), say("setegid %d", p); break;
          case 6: r = setregid(p, q), say("setregid %d %d", p, q); break;
          case 7: r = setresgid(p, q, t), say("setresgid %d %d %d", p, q, t); break;
          case 8: {
            gid_t l[2] = {p < 0 ? 7 : p, q < 0 ? 8 : q};
            r = setgroups(rnd(3), l), say("setgroups %d %d", l[0], l[1]);
            break;
          }
          case 9: r = setfsuid(x), say("setfsuid %d", x); break;
          case 10: r = prctl(PR_SET_KEEPCAPS, rnd(2)), say("keepcaps"); break;
          case 11: {
            struct __user_cap_header_struct h = {_LINUX_CAPABILITY_VERSION_3, 0};
            struct __user_cap_data_struct d[2];
            syscall(SYS_capget, &h, d);
            uint32_t bit = 1u << (int[]){CAP_CHOWN, CAP_DAC_OVERRIDE, CAP_FOWNER, CAP_SETUID}[rnd(4)];
            int how = rnd(4);
            if (how == 0) d[0].effective &= ~bit;
            if (how == 1) d[0].effective |= bit;
            if (how == 2) d[0].effective &= ~bit, d[0].permitted &= ~bit;
            if (how == 3) d[0].inheritable ^= bit;
            r = syscall(SYS_capset, &h, d), say("capset %d %x", how, bit);
            break;
          }
          case 12: r = prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_DAC_OVERRIDE, 0, 0), say("ambient"); break;
          case 13: r = prctl(PR_SET_SECUREBITS, rnd(2) ? 4 : 0), say("securebits"); break;
        }
        say(": %ld %s\n", r, r < 0 ? err(errno) : "");
        show();
      }
    });
  }
  return 0;
}
