// proc's mount options: hidepid, gid, subset.
#include "t.h"
#include <dirent.h>
#include <grp.h>
#include <mntent.h>
#include <sys/mount.h>
static void user(uid_t u, gid_t more) {
  MUST(setgroups(more ? 1 : 0, &more));
  MUST(setresgid(u, u, u));
  MUST(setresuid(u, u, u));
}
static bool hides;
static void look(pid_t other) {
  char path[64], number[16];
  sprintf(number, "%d", other);
  bool listed = false, self = false, stat_listed = false;
  DIR *d = opendir("p");
  for (struct dirent *e; d && (e = readdir(d));) {
    listed |= !strcmp(e->d_name, number);
    self |= !strcmp(e->d_name, "self");
    stat_listed |= !strcmp(e->d_name, "stat");
  }
  if (d) closedir(d);
  say("  listed %d self listed %d stat listed %d\n", listed, self, stat_listed);
  struct stat s;
  sprintf(path, "p/%d", other);
  say("  stat: %s\n", stat(path, &s) ? err(errno) : "ok");
  // Whether it is known already decides about the errno that hidepid=ptraceable gives.
  if (!hides) say("  chdir: %s\n", chdir(path) ? err(errno) : "ok");
  fchdir(9);
  sprintf(path, "p/%d/status", other);
  say("  status: %s\n", open(path, O_RDONLY) < 0 ? err(errno) : "ok");
  sprintf(path, "p/%d/exe", other);
  say("  exe: %s\n", readlink(path, number, 16) < 0 ? err(errno) : "ok");
  say("  own: %s\n", open("p/self/status", O_RDONLY) < 0 ? err(errno) : "ok");
  say("  self: %s\n", stat("p/self", &s) ? err(errno) : "ok");
  say("  thread-self: %s\n", stat("p/thread-self", &s) ? err(errno) : "ok");
  say("  uptime: %s\n", open("p/uptime", O_RDONLY) < 0 ? err(errno) : "ok");
  say("  sys: %s\n", stat("p/sys", &s) ? err(errno) : "ok");
}
int main(void) {
  static const char *options[] = {"", "hidepid=0", "hidepid=1", "hidepid=noaccess", "hidepid=2", "hidepid=invisible", "hidepid=4",
                                  "hidepid=ptraceable", "hidepid=2,gid=77", "hidepid=4,gid=77", "subset=pid", "subset=pid,hidepid=1"};
  chmod(".", 0755);
  dup2(MUST(open(".", O_RDONLY)), 9);
  mkdir("p", 0755);
  if (unshare(CLONE_NEWNS) || mount(0, "/", 0, MS_REC | MS_PRIVATE, 0)) return 1;
  pid_t mine = CHILD(user(1000, 0); pause()), theirs = CHILD(user(1001, 0); pause());
  nap(50);
  for (unsigned i = 0; i < sizeof options / sizeof *options; i++) {
    say("%s\n", options[i]);
    hides = strstr(options[i], "4") || strstr(options[i], "traceable");
    MUST(mount("proc", "p", "proc", 0, options[i]));
    FILE *f = setmntent("/proc/self/mounts", "r");
    for (struct mntent *m; (m = getmntent(f));)
      if (strlen(m->mnt_dir) > 2 && !strcmp(m->mnt_dir + strlen(m->mnt_dir) - 2, "/p")) say("  %s\n", m->mnt_opts);
    endmntent(f);
    say(" root, of a user\n");
    APART(look(theirs));
    say(" a user, of itself\n");
    APART(user(1000, 0); look(mine));
    say(" a user, of another\n");
    APART(user(1000, 0); look(theirs));
    say(" a user in the group, of another\n");
    APART(user(1000, 77); look(theirs));
    say(" a user in root's group, of another\n");
    APART(user(1000, 0); look(1));
    MUST(umount("p"));
  }
  static const char *bad[] = {"hidepid=3", "hidepid=", "hidepid=x", "hidepid", "gid=x", "gid=-1", "subset=x", "nonsense", "gid=4294967295"};
  for (unsigned i = 0; i < sizeof bad / sizeof *bad; i++) {
    say("%s: ", bad[i]);
    say("%s\n", mount("proc", "p", "proc", 0, bad[i]) ? err(errno) : "mounted");
  }
  MUST(mount("proc", "p", "proc", 0, ""));
  T(mount("proc", "p", "proc", MS_REMOUNT, "hidepid=invisible"));
  APART(user(1000, 0); look(theirs));
  T(mount("proc", "p", "proc", MS_REMOUNT, "hidepid=9"));
  kill(mine, SIGKILL), kill(theirs, SIGKILL);
  return 0;
}
