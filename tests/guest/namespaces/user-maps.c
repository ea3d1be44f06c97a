// user_namespaces(7): who may write uid_map, gid_map and setgroups, in which order, and what they then show
#include "ns.h"

static void show(void) {
  say("uid %d %d gid %d %d\n", getuid(), geteuid(), getgid(), getegid());
}

static void unprivileged(void) {
  become(1000);
  T(unshare(CLONE_NEWUSER));
  show();
  T(tell("/proc/self/uid_map", "0 1001 1"));
  T(tell("/proc/self/uid_map", "0 1000 2"));
  T(tell("/proc/self/uid_map", "0 1000"));
  T(tell("/proc/self/uid_map", "0 1000 0"));
  T(tell("/proc/self/uid_map", "0 1000 1 1"));
  T(tell("/proc/self/uid_map", "x 1000 1"));
  T(tell("/proc/self/uid_map", "-1 1000 1"));
  T(tell("/proc/self/uid_map", "4294967295 1000 1"));
  T(tell("/proc/self/uid_map", "0 4294967295 1"));
  T(tell("/proc/self/uid_map", "0 1000 1\n0 1001 1"));
  T(tell("/proc/self/uid_map", "0 1000 1\n\n"));
  T(tell("/proc/self/uid_map", "  0\t1000   1  \n"));
  say("%s", get("/proc/self/uid_map"));
  T(tell("/proc/self/uid_map", "0 1000 1"));
  show();
  T(tell("/proc/self/gid_map", "0 1000 1"));
  say("setgroups %s", get("/proc/self/setgroups"));
  T(tell("/proc/self/setgroups", "den"));
  T(tell("/proc/self/setgroups", "denyx"));
  T(tell("/proc/self/setgroups", "deny  and"));
  T(tell("/proc/self/setgroups", "deny\n"));
  T(tell("/proc/self/setgroups", "deny"));
  T(tell("/proc/self/setgroups", "allow"));
  T(tell("/proc/self/gid_map", "0 1001 1"));
  T(tell("/proc/self/gid_map", "0 1000 1"));
  say("setgroups %s", get("/proc/self/setgroups"));
  T(setgroups(0, 0));
  show();
  T(tell("/proc/self/projid_map", "0 0 10"));
  T(setuid(1));
  T(setreuid(0, 1));
  T(setuid(0));
  say("projid %s", get("/proc/self/projid_map"));
  say("%s\n", field("/proc/self/status", "CapEff"));
  say("%s\n", field("/proc/self/status", "CapBnd"));
}

static void privileged(void) {
  Turns t = turns();
  pid_t child = CHILD({
    MUST(unshare(CLONE_NEWUSER));
    go(t.there);
    await(t.back);
    show();
    T(setgroups(2, (gid_t[]){ 5, 6 }));
    T(setgroups(1, (gid_t[]){ 70 }));
    T(setresgid(3, 3, 3));
    T(setresuid(2, 2, 2));
    show();
    gid_t list[8];
    int n = getgroups(8, list);
    for (int i = 0; i < n; i++) say("group %d\n", list[i]);
    say("%s\n", field("/proc/self/status", "Uid"));
    say("%s\n", field("/proc/self/status", "Groups"));
    say("%s\n", field("/proc/self/status", "CapEff"));
    struct stat s;
    MUST(close(MUST(open("f", O_CREAT | O_RDWR, 0644))));
    MUST(stat("f", &s));
    say("f is %d:%d\n", s.st_uid, s.st_gid);
    MUST(stat("/proc/1", &s));
    say("/proc/1 is %d:%d\n", s.st_uid, s.st_gid);
    T(chown("f", 100, -1));
    T(chown("f", -1, 5));
    go(t.there);
    await(t.back);
  });
  await(t.there);
  T(tell(format("/proc/%d/gid_map", child), "0 50 10\n"));
  T(tell(format("/proc/%d/setgroups", child), "deny"));
  T(tell(format("/proc/%d/uid_map", child), "0 1000 5\n5 2000 5\n7 3000 1\n"));
  T(tell(format("/proc/%d/uid_map", child), "0 1000 5\n5 1004 5\n"));
  T(tell(format("/proc/%d/uid_map", child), "0 1000 5\n5 2000 5\n"));
  say("%s", get(format("/proc/%d/uid_map", child)));
  say("%s\n", field(format("/proc/%d/status", child), "Uid"));
  MUST(chmod(".", 0777));
  go(t.back);
  await(t.there);
  struct stat s;
  MUST(stat("f", &s));
  say("f is %d:%d\n", s.st_uid, s.st_gid);
  say("%s\n", field(format("/proc/%d/status", child), "Uid"));
  go(t.back);
  REAP(child);
}

static void nested(void) {
  // Namespaces within namespaces, until there are too many.
  int levels = 0, error = 0;
  pid_t child = CHILD({
    for (;;) {
      if (unshare(CLONE_NEWUSER) == -1) {
        error = errno;
        break;
      }
      levels++;
      if (tell("/proc/self/uid_map", "0 0 1") || (tell("/proc/self/setgroups", "deny") && levels == 1) || tell("/proc/self/gid_map", "0 0 1")) {
        say("mapping: %s\n", err(errno));
        break;
      }
    }
    say("%d levels, then %s\n", levels, err(error));
  });
  REAP(child);
  // Whoever has no number can make none.
  APART(MUST(unshare(CLONE_NEWUSER)); T(unshare(CLONE_NEWUSER)));
  // Nor can who is in a chroot.
  APART({
    MUST(mkdir("root", 0755));
    MUST(chroot("root"));
    T(unshare(CLONE_NEWUSER));
  });
}

static void parentsRoot(void) {
  // Mapping the parent's root takes CAP_SETFCAP there.
  APART({
    struct __user_cap_header { uint32_t version; int pid; } head = { 0x20080522, 0 };
    struct { uint32_t e, p, i; } data[2];
    MUST(syscall(SYS_capget, &head, data));
    data[0].e &= ~(1u << 31);
    MUST(syscall(SYS_capset, &head, data));
    MUST(unshare(CLONE_NEWUSER));
    T(tell("/proc/self/uid_map", "0 0 1"));
    T(tell("/proc/self/uid_map", "0 1 1"));
  });
  T(tell("/proc/self/uid_map", "0 0 1"));
  T(tell("/proc/self/setgroups", "deny"));
  say("%s", get("/proc/self/uid_map"));
}

int main(void) {
  APART(unprivileged());
  privileged();
  nested();
  parentsRoot();
}
