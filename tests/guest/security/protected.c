// fs.protected_symlinks, protected_hardlinks, protected_regular and protected_fifos, as they are set here: in a directory
// that all may write to, and in others.
#include "t.h"
#include <grp.h>
static int level(const char *name) {
  char path[64], text[8] = {0};
  snprintf(path, sizeof path, "/proc/sys/fs/protected_%s", name);
  int fd = open(path, O_RDONLY);
  read(fd, text, 7);
  close(fd);
  return atoi(text);
}
static void as(uid_t u) {
  MUST(setgroups(0, 0));
  MUST(setresgid(u, u, u));
  MUST(setresuid(u, u, u));
}
// What is refused by the rule, and only by it, is said to be as the level says.
static void expect(const char *what, bool refuses, long result, int error, int denied) {
  bool right = refuses ? result == -1 && error == denied : result != -1;
  say("%s: %s\n", what, right ? "as the level says" : result == -1 ? err(error) : "done");
}
int main(void) {
  int symlinks = level("symlinks"), hardlinks = level("hardlinks"), regular = level("regular"), fifos = level("fifos");
  static const struct { const char *name; mode_t mode; } places[] = {{"sticky", 01777}, {"group", 01775}, {"open", 0777}, {"plain", 0755}};
  umask(0);
  chmod(".", 0755);
  put("target", "x");
  put("private", "x");
  chmod("private", 0600);
  put("suid", "x");
  chmod("suid", 04777);
  for (unsigned i = 0; i < 4; i++) {
    const char *d = places[i].name;
    mkdir(d, 0755);
    char link[64], file[64], fifo[64], theirs[64];
    snprintf(link, 64, "%s/link", d), snprintf(file, 64, "%s/file", d), snprintf(fifo, 64, "%s/fifo", d), snprintf(theirs, 64, "%s/by-root", d);
    symlink("../target", link);
    lchown(link, 1001, 1001);
    symlink("../target", theirs);
    put(file, "x");
    chmod(file, 0666);
    chown(file, 1001, 1001);
    mkfifo(fifo, 0666);
    chown(fifo, 1001, 1001);
    chmod(d, places[i].mode);
    bool shared = (places[i].mode & 01002) == 01002, sticky = places[i].mode & 01000;
    static const uid_t who[] = {1000, 1001, 0};
    for (int u = 0; u < 3; u++) {
      say("%s, user %d\n", d, who[u]);
      APART({
        as(who[u]);
        bool foreign = who[u] != 1001;
        long r = open(link, O_RDONLY);
        expect("a symlink of another's", symlinks && shared && foreign, r, errno, EACCES);
        r = open(theirs, O_RDONLY);
        expect("a symlink of the directory's owner", false, r, errno, EACCES);
        r = readlink(link, (char[8]){0}, 8);
        expect("reading it", false, r, errno, EACCES);
        struct stat s;
        expect("looking at it", false, lstat(link, &s), errno, EACCES);
        r = open(file, O_RDWR);
        expect("a file of another's", false, r, errno, EACCES);
        r = open(file, O_RDWR | O_CREAT, 0600);
        bool covered = sticky && ((regular >= 1 && places[i].mode & 002) || (regular >= 2 && places[i].mode & 020));
        expect("the same with O_CREAT", covered && foreign, r, errno, EACCES);
        r = open(fifo, O_RDWR | O_CREAT | O_NONBLOCK, 0600);
        covered = sticky && ((fifos >= 1 && places[i].mode & 002) || (fifos >= 2 && places[i].mode & 020));
        expect("a FIFO of another's with O_CREAT", covered && foreign, r, errno, EACCES);
      });
    }
  }
  mkdir("links", 0777);
  static const char *files[] = {"target", "private", "suid"};
  for (int u = 0; u < 2; u++)
    for (int i = 0; i < 3; i++)
      APART({
        char name[64];
        snprintf(name, 64, "links/%d-%d", u, i);
        as(u ? 1000 : 0);
        long r = link(files[i], name);
        // "target" may be read but not written.
        expect(files[i], hardlinks && u, r, errno, EPERM);
      });
  return 0;
}
