// Path resolution's corners: every component is checked in order, and names may hold any byte.
#include "t.h"
int main(void) {
  mkdir("d", 0755);
  put("d/f", "x");
  struct stat st;
  const char *paths[] = {"d", "d/", "d//", "d/.", "./d", ".//d", "d/../d", "d/f", "d/f/", "d/f/.", "d/f/..", "d/none/..", "none/..", "d/./f", "d/../../d",
    "", "/", "//", "/.", "/..", "///", "...", "d/...", " ", "\xff", "\n"};
  for (unsigned i = 0; i < sizeof paths / sizeof *paths; i++) {
    // Our own place is not known to be two deep.
    if (!strcmp(paths[i], "d/../../d")) continue;
    int r = stat(paths[i], &st);
    print_bytes("path", paths[i], strlen(paths[i]));
    say("  %s\n", r ? err(errno) : S_ISDIR(st.st_mode) ? "directory" : "file");
  }
  const char *names[] = {"with space", "tab\there", "new\nline", "\xc3\xa9t\xc3\xa9", "\xff\xfe", "*", "-n", "a\\b", "CASE", "case", "...", "~"};
  mkdir("n", 0755);
  MUST(chdir("n"));
  for (unsigned i = 0; i < sizeof names / sizeof *names; i++) {
    int fd = open(names[i], O_CREAT | O_EXCL | O_WRONLY, 0644);
    print_bytes("name", names[i], strlen(names[i]));
    say("  %s\n", fd < 0 ? err(errno) : "made");
    if (fd >= 0) close(fd);
  }
  for (unsigned i = 0; i < sizeof names / sizeof *names; i++)
    if (unlink(names[i])) say("unlink %s\n", err(errno));
  MUST(chdir(".."));
  T(rmdir("n"));
  // Which of two errors: the earlier component's.
  chmod("d", 0600);
  chmod(".", 0755);
  APART({
    MUST(setresuid(1000, 1000, 1000));
    T(open("d/f", O_RDONLY));
    T(open("d/f/x", O_RDONLY));
    T(open("d/none", O_RDONLY));
    T(open("d/none/x", O_RDONLY));
    T(stat("d/", &st));
    T(stat("d/.", &st));
    T(stat("d/..", &st));
    T(open("new", O_RDONLY | O_CREAT, 0644));
    T(mkdir("new", 0755));
    T(open("d/new", O_RDONLY | O_CREAT | O_EXCL, 0644));
  });
  // A name too long in the middle, a name too long that would be made, a missing one before it.
  char p[600] = "d/";
  memset(p + 2, 'n', 256);
  strcpy(p + 258, "/x");
  T(stat(p, &st));
  memcpy(p, "z/", 2);
  T(stat(p, &st));
  p[258] = 0;
  memcpy(p, "d/", 2);
  T(mkdir(p, 0755));
  T(unlink(p));
  return 0;
}
