// mount_namespaces(7), user_namespaces(7): what root of a user namespace may mount, and what stays as it was
#include "ns.h"
#include <sys/sysmacros.h>

static void prepare(void) {
  MUST(unshare(CLONE_NEWNS));
  MUST(mount(0, "/", 0, MS_REC | MS_PRIVATE, 0));
  MUST(chmod(".", 0755));
  MUST(mkdir("ro", 0755));
  MUST(mkdir("cover", 0755));
  MUST(mkdir("cover/secret", 0755));
  MUST(mkdir("t", 0755));
  MUST(mount("none", "ro", "tmpfs", MS_RDONLY | MS_NOSUID | MS_NOEXEC, 0));
  MUST(mount("none", "cover", "tmpfs", 0, 0));
}

static void enter(int flags) {
  become(1000);
  MUST(unshare(CLONE_NEWUSER | CLONE_NEWNS | flags));
  MUST(tell("/proc/self/uid_map", "0 1000 1"));
  MUST(tell("/proc/self/setgroups", "deny"));
  MUST(tell("/proc/self/gid_map", "0 1000 1"));
}

static void locked(void) {
  enter(0);
  T(umount("ro"));
  T(umount2("cover", MNT_DETACH));
  T(mount(0, "ro", 0, MS_REMOUNT | MS_BIND, 0));
  T(mount(0, "ro", 0, MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID, 0));
  T(mount(0, "ro", 0, MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | MS_NOEXEC | MS_NOATIME, 0));
  T(mount(0, "ro", 0, MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | MS_NOEXEC, 0));
  T(mount(0, "ro", 0, MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | MS_NOEXEC | MS_NODEV, 0));
  T(mount(0, "ro", 0, MS_REMOUNT | MS_RDONLY, 0));
  T(mount(".", "t", 0, MS_BIND, 0));
  T(mount("cover", "t", 0, MS_MOVE, 0));
  T(mount("ro", "t", 0, MS_BIND, 0));
  T(mount(0, "t", 0, MS_REMOUNT | MS_BIND, 0));
  T(umount("t"));
  T(mount(".", "t", 0, MS_BIND | MS_REC, 0));
  T(umount("t/cover"));
  T(umount("t"));
  T(umount2("t", MNT_DETACH));
  T(mount("none", "t", "tmpfs", 0, 0));
  T(mkdir("t/d", 0755));
  T(umount("t"));
  T(umount2("t", MNT_FORCE));
}

static void kinds(void) {
  enter(0);
  T(mount("none", "t", "tmpfs", 0, "mode=700"));
  struct stat s;
  MUST(stat("t", &s));
  say("tmpfs %o %d:%d\n", s.st_mode & 0777, s.st_uid, s.st_gid);
  T(mknod("t/null", S_IFCHR | 0666, makedev(1, 3)));
  T(mknod("t/fifo", S_IFIFO | 0666, 0));
  T(mknod("t/whiteout", S_IFCHR, 0));
  T(umount("t"));
  T(mount("none", "t", "tmpfs", 0, "uid=5"));
  T(mount("none", "t", "proc", 0, 0));
  T(mount("none", "t", "sysfs", 0, 0));
  T(mount("none", "t", "devtmpfs", 0, 0));
  T(mount("none", "t", "devpts", 0, "newinstance,ptmxmode=666"));
  OK(open("t/ptmx", O_RDWR | O_NOCTTY));
  T(umount2("t", MNT_DETACH));
  T(mount("none", "t", "nonsense", 0, 0));
  T(mkdir("t/x", 0700));
  T(chroot("t"));
}

static void processes(void) {
  enter(CLONE_NEWPID | CLONE_NEWNET);
  REAP(CHILD({
    T(mount("none", "t", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, 0));
    char link[32] = "";
    readlink("t/self", link, sizeof link - 1);
    say("self %s\n", link);
    say("%s\n", field("t/self/status", "NSpid"));
    say("%s\n", field("t/1/status", "Uid"));
    OK(open("t/1/environ", O_RDONLY));
    T(access("t/sys/kernel/hostname", W_OK));
    T(mount("none", "t", "sysfs", 0, 0));
  }));
}

static void pivot(void) {
  enter(CLONE_NEWPID);
  REAP(CHILD({
    T(mount("none", "t", "tmpfs", 0, 0));
    MUST(mkdir("t/old", 0755));
    MUST(mkdir("t/proc", 0755));
    T(mount("none", "t/proc", "proc", 0, 0));
    MUST(chdir("t"));
    T(syscall(SYS_pivot_root, ".", "old"));
    T(chdir("/"));
    T(access("/old/proc", F_OK));
    T(umount2("/old", MNT_DETACH));
    T(rmdir("/old"));
    say("%s", get("/proc/self/mounts")[0] ? "mounts:\n" : "none\n");
    for (char *line = strtok((char *)get("/proc/self/mounts"), "\n"); line; line = strtok(0, "\n"))
      say("%.20s\n", line);
    T(syscall(SYS_pivot_root, ".", "."));
  }));
}

static void propagation(void) {
  // Shared mounts are slaves in a less privileged namespace: what comes from above stays.
  MUST(mount(0, "/", 0, MS_REC | MS_SHARED, 0));
  Turns t = turns();
  pid_t child = CHILD({
    enter(0);
    T(mount("none", "t", "tmpfs", 0, 0));
    go(t.there);
    await(t.back);
    T(access("cover/later/f", F_OK));
    T(umount("cover/later"));
    T(mount(0, "/", 0, MS_REC | MS_PRIVATE, 0));
    T(umount("cover/later"));
  });
  await(t.there);
  MUST(mkdir("cover/later", 0755));
  MUST(mount("none", "cover/later", "tmpfs", 0, 0));
  MUST(close(MUST(open("cover/later/f", O_CREAT | O_RDWR, 0644))));
  T(umount("t"));
  go(t.back);
  REAP(child);
  MUST(umount("cover/later"));
}

static void programs(void) {
  // Set-user-ID is nothing to a namespace that the user is not mapped in.
  enter(0);
  T(setuid(0));
  say("uid %d, %s\n", getuid(), field("/proc/self/status", "CapEff"));
}

int main(void) {
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  prepare();
  APART(locked());
  APART(kinds());
  APART(processes());
  APART(pivot());
  APART(programs());
  propagation();
}
