// What execve makes of identities and capability sets: random users, sets, secure bits, file capabilities and modes.
#include "random.h"
#include <grp.h>
#include <linux/capability.h>
#include <linux/securebits.h>
#include <sys/auxv.h>
#include <sys/personality.h>
#include <sys/xattr.h>
static const int caps[] = {CAP_CHOWN, CAP_KILL, CAP_SETUID, CAP_SETPCAP, CAP_NET_BIND_SERVICE};
#define MASK (1u << CAP_CHOWN | 1u << CAP_KILL | 1u << CAP_SETUID | 1u << CAP_SETPCAP | 1u << CAP_NET_BIND_SERVICE)
static char self[PATH_MAX];
static uint32_t some(void) {
  uint32_t set = 0;
  for (int i = 0; i < 5; i++)
    if (rnd(2)) set |= 1u << caps[i];
  return set;
}
static void show(void) {
  struct __user_cap_header_struct h = {_LINUX_CAPABILITY_VERSION_3, 0};
  struct __user_cap_data_struct d[2];
  uid_t r, e, s;
  gid_t rg, eg, sg;
  uint32_t ambient = 0, bounding = 0;
  int death = -1;
  getresuid(&r, &e, &s);
  getresgid(&rg, &eg, &sg);
  syscall(SYS_capget, &h, d);
  for (int i = 0; i < 5; i++) {
    if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, caps[i], 0, 0) == 1) ambient |= 1u << caps[i];
    if (prctl(PR_CAPBSET_READ, caps[i]) == 1) bounding |= 1u << caps[i];
  }
  prctl(PR_GET_PDEATHSIG, &death);
  struct rlimit stack;
  getrlimit(RLIMIT_STACK, &stack);
  say("  uid %d %d %d gid %d %d %d p %x e %x i %x a %x b %x bits %d secure %ld dumpable %d death %d persona %x stack %d\n", r, e, s, rg, eg, sg,
      d[0].permitted & MASK, d[0].effective & MASK, d[0].inheritable & MASK, ambient, bounding, prctl(PR_GET_SECUREBITS), getauxval(AT_SECURE),
      prctl(PR_GET_DUMPABLE) == 1, death, personality(0xffffffff), (int)(stack.rlim_cur >> 20));
}
static void copy(const char *to) {
  int in = MUST(open(self, O_RDONLY)), out = MUST(open(to, O_WRONLY | O_CREAT, 0755));
  char block[65536];
  for (int n; (n = read(in, block, sizeof block)) > 0;) MUST(write(out, block, n));
  close(in);
  close(out);
}
static int linger(void *x UNUSED) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  return pause();
}
int main(int argc, char **argv) {
  if (argc > 1 && !strcmp(argv[1], "show")) {
    show();
    return 0;
  }
  seed(argc, argv);
  MUST(readlink("/proc/self/exe", self, sizeof self - 1));
  chmod(".", 0755);
  copy("program");
  MUST(setgroups(0, 0));
  for (int round = 0; round < 250; round++) {
    static const int modes[] = {0755, 0755, 04755, 02755, 06755, 02745};
    uid_t owner = rnd(3) ? 0 : 1234, user = rnd(4) == 0 ? 0 : rnd(2) ? 1000 : 1234;
    int mode = modes[rnd(6)];
    int kind = rnd(5);
    MUST(chown("program", owner, rnd(2) ? 0 : 777));
    MUST(chmod("program", mode));
    removexattr("program", "security.capability");
    uint32_t fp = some(), fi = some(), fe = rnd(2);
    if (kind == 1 || kind == 2) {
      uint32_t v2[5] = {0x02000000 | fe, fp, fi, 0, 0};
      MUST(setxattr("program", "security.capability", v2, sizeof v2, 0));
    } else if (kind == 3) {
      uint32_t v3[6] = {0x03000000 | fe, fp, fi, 0, 0, rnd(3) ? 0 : 1000};
      MUST(setxattr("program", "security.capability", v3, sizeof v3, 0));
    }
    uint32_t p = some() | some(), e = p & some(), i = some() & p, a = rnd(2) ? p & i & some() : 0, drop = rnd(3) ? 0 : some() & some();
    int bits = rnd(4) == 0 ? SECBIT_NOROOT : 0;
    bool locked = rnd(4) == 0, alive = rnd(5) == 0;
    say("%d: user %d, p %x e %x i %x a %x without %x bits %d%s; file of %d mode %o kind %d p %x i %x e %d\n", round, user, p, e, i, a, drop, bits,
        locked ? " locked" : "", owner, mode, kind, fp, fi, fe);
    APART({
      struct __user_cap_header_struct h = {_LINUX_CAPABILITY_VERSION_3, 0};
      struct __user_cap_data_struct d[2] = {{e, p, i}, {0, 0, 0}};
      struct rlimit stack = {16 << 20, RLIM_INFINITY};
      for (int c = 0; c < 5; c++)
        if (drop & 1u << caps[c]) MUST(prctl(PR_CAPBSET_DROP, caps[c]));
      MUST(prctl(PR_SET_SECUREBITS, bits | SECBIT_KEEP_CAPS));
      MUST(setresgid(user, user, user));
      MUST(setresuid(user, user, user));
      if (syscall(SYS_capset, &h, d)) say("  capset %s\n", err(errno));
      for (int c = 0; c < 5; c++)
        if (a & 1u << caps[c] && prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, caps[c], 0, 0)) say("  ambient %s\n", err(errno));
      if (locked) prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
      prctl(PR_SET_PDEATHSIG, SIGUSR1);
      personality(ADDR_NO_RANDOMIZE | UNAME26);
      setrlimit(RLIMIT_STACK, &stack);
      if (alive) {
        // Another process shares the working directory and the root with this one.
        static char other[65536] __attribute__((aligned(16)));
        pid_t with = clone(linger, other + sizeof other, CLONE_FS | SIGCHLD, 0);
        if (with < 0) say("  clone %s\n", err(errno));
      }
      execl("./program", "x", "show", (char *)0);
      say("  execl %s\n", err(errno));
    });
  }
  return 0;
}
