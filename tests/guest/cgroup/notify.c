// cgroups(7): poll(2) and inotify(7) tell of changes of cgroup.events; clone3(2) starts a process in a group; a directory
// that was given away is its owner's to manage, and no more.
#include "cgroup.h"
#include <grp.h>
#include <linux/sched.h>
#include <sys/inotify.h>

static short ready(int fd, int ms) {
  struct pollfd p = {fd, POLLIN | POLLPRI, 0};
  poll(&p, 1, ms);
  return p.revents;
}
static void drain(int fd) {
  char text[4096] __attribute__((aligned(8)));
  ssize_t n;
  while ((n = read(fd, text, sizeof text)) > 0)
    for (char *at = text; at < text + n;) {
      struct inotify_event *e = (void *)at;
      say("inotify %x %s\n", e->mask, e->len ? e->name : "");
      at += sizeof *e + e->len;
    }
}
static pid_t clone_into(int fd) {
  struct clone_args args = {.flags = CLONE_INTO_CGROUP, .exit_signal = SIGCHLD, .cgroup = fd};
  return syscall(SYS_clone3, &args, sizeof args);
}

int main(void) {
  cgroup_begin();
  MUST(mkdir("a", 0755)), MUST(mkdir("a/b", 0755));
  int fd = MUST(open("a/cgroup.events", O_RDONLY)), watch = MUST(inotify_init1(IN_NONBLOCK));
  MUST(inotify_add_watch(watch, "a/cgroup.events", IN_MODIFY));
  char text[64];
  say("unread %#x\n", ready(fd, 0));
  MUST(read(fd, text, sizeof text));
  say("read %#x\n", ready(fd, 0));
  pid_t p = sleeper("a/b/cgroup.procs");
  say("populated %#x\n", ready(fd, 500));
  nap(30);
  drain(watch);
  MUST(lseek(fd, 0, SEEK_SET)), MUST(read(fd, text, sizeof text));
  say("read %#x %.11s\n", ready(fd, 0), text);
  pid_t q = sleeper("a/cgroup.procs");
  nap(30);
  say("one more %#x\n", ready(fd, 0));
  end(q), end(p);
  say("empty %#x\n", ready(fd, 500));
  nap(30);
  drain(watch);
  close(fd), close(watch);

  say("clone3\n");
  int in = MUST(open("a/b", O_RDONLY | O_DIRECTORY)), path = MUST(open("a/b", O_PATH | O_DIRECTORY));
  p = clone_into(in);
  if (p == 0) say("in %s\n", place(getpid())), _exit(0);
  REAP(p);
  p = clone_into(path);
  if (p == 0) say("in %s\n", place(getpid())), _exit(0);
  REAP(p);
  T(clone_into(-1)), T(clone_into(1));
  int file = MUST(open("a/cgroup.procs", O_RDONLY));
  T(clone_into(file));
  MUST(rmdir("a/b"));
  T(clone_into(in));
  close(in), close(path), close(file);

  say("delegation\n");
  MUST(mkdir("a/one", 0755)), MUST(mkdir("a/two", 0755)), MUST(mkdir("other", 0755));
  MUST(chown("a", 1000, 1000)), MUST(chown("a/cgroup.procs", 1000, 1000)), MUST(chown("a/cgroup.subtree_control", 1000, 1000));
  MUST(chown("a/one/cgroup.procs", 1000, 1000)), MUST(chown("a/two/cgroup.procs", 1000, 1000));
  p = CHILD({
    set_pid("a/one/cgroup.procs", getpid());
    MUST(setgroups(0, 0)), MUST(setresgid(1000, 1000, 1000)), MUST(setresuid(1000, 1000, 1000));
    SET("a/two/cgroup.procs", "0");
    say("in %s\n", place(getpid()));
    SET("a/cgroup.procs", "0");
    SET("cgroup.procs", "0"), SET("other/cgroup.procs", "0"), SET("a/cgroup.max.depth", "1"), SET("a/cgroup.freeze", "1");
    SET("a/one/cgroup.freeze", "1"), SET("a/cgroup.subtree_control", "");
    T(mkdir("a/mine", 0755)), T(mkdir("mine", 0755)), T(mkdir("a/one/mine", 0755));
    struct stat s;
    MUST(stat("a/mine/cgroup.freeze", &s));
    say("owner %d:%d\n", s.st_uid, s.st_gid);
    SET("a/mine/cgroup.procs", "0");
    say("in %s\n", place(getpid()));
    SET("a/one/cgroup.procs", "0");
    SET("a/mine/cgroup.freeze", "0"), SET("a/mine/cgroup.max.depth", "3");
    int dir = open("other", O_RDONLY | O_DIRECTORY);
    T(clone_into(dir));
    T(rmdir("a/mine")), T(rmdir("a/one")), T(rmdir("other"));
    // The right to the group that both are in is asked for: another's process outside can't be drawn in.
    char pid[16];
    snprintf(pid, sizeof pid, "%d", getppid());
    say("parent: %s\n", err(set("a/two/cgroup.procs", pid)));
  });
  REAP(p);

  say("whoever opened the file counts, not who writes\n");
  int procs = MUST(open("other/cgroup.procs", O_WRONLY));
  p = CHILD({
    MUST(setresuid(1000, 1000, 1000));
    T(write(procs, "0", 1));
    say("in %s\n", place(getpid()));
  });
  REAP(p);
  MUST(rmdir("a/one")), MUST(rmdir("a/two")), MUST(rmdir("a")), MUST(rmdir("other")), MUST(chdir("/"));
  T(rmdir(top));
  return 0;
}
