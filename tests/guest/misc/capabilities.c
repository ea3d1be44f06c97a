// capget, capset, and what setuid does to capability sets.
#include "t.h"
#include <linux/capability.h>
#include <linux/securebits.h>
static void show(const char *what) {
  struct __user_cap_header_struct h = {_LINUX_CAPABILITY_VERSION_3, 0};
  struct __user_cap_data_struct d[2];
  if (syscall(SYS_capget, &h, d)) {
    say("%s: %s\n", what, err(errno));
    return;
  }
  // CHOWN, KILL, SETUID, NET_BIND_SERVICE: four that every root has.
  uint32_t m = 1 << CAP_CHOWN | 1 << CAP_KILL | 1 << CAP_SETUID | 1 << CAP_NET_BIND_SERVICE;
  say("%s: effective %x permitted %x inheritable %x\n", what, d[0].effective & m, d[0].permitted & m, d[0].inheritable & m);
}
static int set(uint32_t e, uint32_t p, uint32_t i) {
  struct __user_cap_header_struct h = {_LINUX_CAPABILITY_VERSION_3, 0};
  struct __user_cap_data_struct d[2] = {{e, p, i}, {0, 0, 0}};
  return syscall(SYS_capset, &h, d);
}
int main(int argc, char **argv) {
  if (argc > 1) {
    show(argv[1]);
    return 0;
  }
  show("root");
  struct __user_cap_header_struct h = {0, 0};
  struct __user_cap_data_struct d[2];
  T(syscall(SYS_capget, &h, d));
  say("version %x\n", h.version);
  T(syscall(SYS_capget, &h, 0));
  h.pid = -1;
  T(syscall(SYS_capget, &h, d));
  h.pid = 999999;
  T(syscall(SYS_capget, &h, d));
  T(syscall(SYS_capget, 16, d));
  h.pid = getppid();
  T(syscall(SYS_capset, &h, d));
  APART(seteuid(1000); show("seteuid to a user"); seteuid(0); show("and back"));
  APART(setuid(1000); show("setuid to a user"));
  APART(prctl(PR_SET_KEEPCAPS, 1); setuid(1000); show("setuid with keepcaps"); T(set(1 << CAP_KILL, 1 << CAP_KILL | 1 << CAP_CHOWN, 0)); show("set"));
  APART(prctl(PR_SET_SECUREBITS, SECBIT_NO_SETUID_FIXUP); setuid(1000); show("no fixup"));
  APART({
    T(set(1 << CAP_KILL, 1 << CAP_KILL, 0));
    show("dropped");
    T(set(1 << CAP_CHOWN, 1 << CAP_CHOWN, 0));
    T(set(0, 1 << CAP_KILL, 1 << CAP_KILL));
    show("inheritable");
    T(set(1 << CAP_KILL, 0, 0));
    // Root without the capability is refused.
    put("f", "x");
    T(chown("f", 5, 5));
    T(setuid(1000));
    T(setgid(5));
  });
  APART({
    T(prctl(PR_CAPBSET_DROP, CAP_CHOWN));
    T(prctl(PR_CAPBSET_READ, CAP_CHOWN));
    T(prctl(PR_CAPBSET_DROP, 99));
    show("bounding set lowered");
    execl("/proc/self/exe", "x", "after exec", (char *)0);
  });
  APART({
    uint32_t k = 1 << CAP_KILL;
    prctl(PR_SET_KEEPCAPS, 1);
    setuid(1000);
    T(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_KILL, 0, 0));
    T(set(k, k, k));
    T(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_KILL, 0, 0));
    T(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, CAP_KILL, 0, 0));
    execl("/proc/self/exe", "x", "ambient through exec", (char *)0);
  });
  APART({
    setuid(1000);
    execl("/proc/self/exe", "x", "user's exec", (char *)0);
  });
  return 0;
}
