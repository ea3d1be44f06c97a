// mq_overview(7): the queues of an IPC namespace as files
#include "ns.h"
#include <dirent.h>
#include <mqueue.h>

static void list(const char *path) {
  DIR *d = opendir(path);
  for (struct dirent *e; d && (e = readdir(d));)
    if (e->d_name[0] != '.') say("%s: %s\n", path, e->d_name);
  if (d) closedir(d);
}

int main(void) {
  MUST(unshare(CLONE_NEWNS | CLONE_NEWIPC));
  MUST(mount(0, "/", 0, MS_REC | MS_PRIVATE, 0));
  MUST(mkdir("q", 0755));
  MUST(mkdir("r", 0755));
  T(mount("none", "q", "mqueue", 0, 0));
  struct stat s;
  MUST(stat("q", &s));
  say("%o %d:%d\n", s.st_mode, s.st_uid, s.st_gid);
  struct mq_attr attr = { .mq_maxmsg = 2, .mq_msgsize = 8 };
  mqd_t q = MUST(mq_open("/one", O_CREAT | O_RDWR, 0640, &attr));
  list("q");
  MUST(stat("q/one", &s));
  say("%o %d:%d size %ld\n", s.st_mode, s.st_uid, s.st_gid, (long)s.st_size);
  MUST(mq_send(q, "abc", 3, 0));
  say("%s", get("q/one"));
  T(chmod("q/one", 0600));
  T(chown("q/one", 5, 6));
  MUST(stat("q/one", &s));
  say("%o %d:%d\n", s.st_mode, s.st_uid, s.st_gid);
  APART(become(1000); T(unlink("q/one")); OK(open("q/one", O_RDONLY)));
  T(mkdir("q/d", 0755));
  APART({
    MUST(unshare(CLONE_NEWIPC));
    T(mount("none", "r", "mqueue", 0, 0));
    list("r");
    list("q");
  });
  T(unlink("q/one"));
  T(unlink("q/one"));
  T(mq_open("/one", O_RDWR));
  list("q");
  T(mq_send(q, "abc", 3, 0));
}
