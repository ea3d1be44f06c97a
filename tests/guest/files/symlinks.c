// Symbolic links: loops, depth, trailing slashes, lengths, what follows and what does not.
#include "t.h"
int main(void) {
  symlink("a", "b");
  symlink("b", "a");
  symlink("self", "self");
  T(open("a", O_RDONLY));
  T(open("self/x", O_RDONLY));
  T(chdir("self"));
  T(symlink("x", "a"));
  T(symlink("", "e"));
  T(symlink("x", ""));
  T(symlink("x", "none/y"));
  put("f", "x");
  T(symlink("x", "f/y"));
  T(symlink("x", "new/"));
  // Forty links may be followed on one path.
  symlink("f", "l0");
  char from[20], to[20];
  for (int i = 1; i <= 41; i++) {
    sprintf(to, "l%d", i - 1);
    sprintf(from, "l%d", i);
    symlink(to, from);
  }
  OK(open("l39", O_RDONLY));
  T(open("l40", O_RDONLY));
  mkdir("d", 0755);
  symlink("d", "dl");
  symlink("d/", "dls");
  symlink("f/", "fs");
  struct stat st;
  T(lstat("dl", &st));
  say("link %d size %ld mode %o\n", S_ISLNK(st.st_mode), (long)st.st_size, st.st_mode);
  T(lstat("dl/", &st));
  say("directory %d\n", S_ISDIR(st.st_mode));
  T(stat("dls", &st));
  T(stat("fs", &st));
  T(stat("f/", &st));
  T(stat("f/.", &st));
  T(stat("dl/.", &st));
  char b[20] = {0};
  T(readlink("dl", b, 20));
  T(readlink("dl", b, 0));
  T(readlink("dls", b, 1));
  T(readlink("f", b, 20));
  T(readlink("d", b, 20));
  T(readlink("none", b, 20));
  T(readlink("dl/", b, 20));
  T(readlink("dl", (char *)16, 20));
  // What acts on the link itself.
  T(unlink("dls"));
  T(rmdir("dl"));
  T(unlink("dl/"));
  T(rename("dl", "dl2"));
  T(rename("dl2/", "dl3"));
  T(link("dl2", "hard"));
  lstat("hard", &st);
  say("hard link to a link %d links %d\n", S_ISLNK(st.st_mode), (int)st.st_nlink);
  T(lchown("dl2", 5, 6));
  lstat("dl2", &st);
  say("owner %d %d\n", st.st_uid, st.st_gid);
  stat("d", &st);
  say("owner of the target %d %d\n", st.st_uid, st.st_gid);
  T(fchmodat(AT_FDCWD, "dl2", 0600, AT_SYMLINK_NOFOLLOW));
  T(mkdir("dl2", 0755));
  T(mkdir("dangle/", 0755));
  symlink("nowhere", "dang");
  T(mkdir("dang", 0755));
  T(mkdir("dang/", 0755));
  T(rename("f", "dang"));
  lstat("dang", &st);
  say("replaced the link %d\n", S_ISREG(st.st_mode));
  char long_[4200];
  memset(long_, 'x', sizeof long_);
  long_[4095] = 0;
  T(symlink(long_, "long"));
  T(lstat("long", &st));
  T(st.st_size);
  long_[4095] = 'x';
  long_[4096] = 0;
  T(symlink(long_, "longer"));
  T(open("long", O_RDONLY));
  // Names with dots and slashes.
  T(stat("d//..//d/.", &st));
  T(stat("d/../none/../d", &st));
  T(stat("../../../../../../../../../../../..", &st));
  return 0;
}
