// rename(2), renameat2(2): replacing, directories, flags, loops, the same file.
#include "t.h"
static ino_t ino(const char *p) {
  struct stat st;
  return lstat(p, &st) ? 0 : st.st_ino;
}
int main(void) {
  put("a", "A");
  put("b", "B");
  mkdir("d", 0755);
  mkdir("e", 0755);
  mkdir("full", 0755);
  put("full/x", "x");
  T(rename("none", "x"));
  T(rename("", "x"));
  T(rename("a", ""));
  T(rename("a", "none/x"));
  T(rename("a", "b/x"));
  T(rename("a/", "c"));
  T(rename("a", "c/"));
  T(rename("a", "d"));
  T(rename("d", "a"));
  T(rename("d", "full"));
  T(rename("d", "d/x"));
  T(rename("d", "d"));
  T(rename("full", "full/x/y"));
  T(rename(".", "x"));
  T(rename("d/.", "x"));
  T(rename("d/..", "x"));
  T(rename("a", "."));
  T(rename("a", "a"));
  ino_t i = ino("a");
  T(rename("a", "b"));
  CHECK(ino("b") == i && ino("a") == 0);
  print_file("b");
  T(rename("d/", "d2/"));
  T(rename("d2", "e")); // over an empty directory
  T(access("d2", F_OK));
  // Two names of one file: nothing happens.
  link("b", "b2");
  T(rename("b", "b2"));
  CHECK(ino("b") == i && ino("b2") == i);
  // An open file that is replaced lives on.
  put("old", "old");
  put("new", "new");
  int fd = MUST(open("old", O_RDONLY));
  T(rename("new", "old"));
  char c[4] = {0};
  T(read(fd, c, 3));
  say("%s\n", c);
  print_file("old");
  // Flags.
#define R2(a, b, f) T(renameat2(AT_FDCWD, a, AT_FDCWD, b, f))
  R2("old", "b", RENAME_NOREPLACE);
  R2("old", "fresh", RENAME_NOREPLACE);
  R2("fresh", "none", RENAME_EXCHANGE);
  R2("fresh", "b", RENAME_NOREPLACE | RENAME_EXCHANGE);
  R2("fresh", "b", 64);
  ino_t f = ino("fresh"), b = ino("b");
  R2("fresh", "b", RENAME_EXCHANGE);
  CHECK(ino("fresh") == b && ino("b") == f);
  ino_t e = ino("e");
  R2("e", "b", RENAME_EXCHANGE); // a directory and a file
  CHECK(ino("b") == e && ino("e") == f);
  mkdir("deep", 0755);
  mkdir("deep/er", 0755);
  R2("deep", "deep/er", RENAME_EXCHANGE);
  R2("deep/er", "deep", RENAME_EXCHANGE);
  R2("deep/er", "deep", 0);
  R2("fresh", "fresh", RENAME_NOREPLACE);
  // '..' of a moved directory.
  mkdir("p", 0755);
  mkdir("q", 0755);
  mkdir("p/c", 0755);
  T(rename("p/c", "q/c"));
  struct stat s1, s2;
  stat("q/c/..", &s1);
  stat("q", &s2);
  CHECK(s1.st_ino == s2.st_ino);
  stat("p", &s1);
  stat("q", &s2);
  say("links %d %d\n", (int)s1.st_nlink, (int)s2.st_nlink);
  // Sticky directories: only the owner of the file or the directory.
  mkdir("sticky", 01777);
  chmod("sticky", 01777);
  put("sticky/root", "r");
  put("sticky/user", "u");
  chown("sticky/user", 1000, 1000);
  chmod(".", 0777);
  APART({
    MUST(setresuid(1000, 1000, 1000));
    T(rename("sticky/root", "sticky/x"));
    T(rename("sticky/user", "sticky/mine"));
    T(rename("sticky/mine", "sticky/root"));
    T(unlink("sticky/root"));
    T(rename("sticky/mine", "out"));
    T(rename("p", "p2"));
  });
  // Moving a directory to another parent needs to write it.
  mkdir("locked", 0555);
  chown("locked", 1000, 1000);
  APART({
    MUST(setresuid(1000, 1000, 1000));
    T(mkdir("mine", 0755));
    T(rename("locked", "mine/locked"));
    T(rename("locked", "renamed"));
  });
  return 0;
}
