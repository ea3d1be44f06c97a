// Directories read by getdents64 and readdir: every name once, types, seekdir, changes meanwhile.
#include "t.h"
#include <dirent.h>
static int cmp(const void *a, const void *b) { return strcmp(*(char **)a, *(char **)b); }
static void list(const char *path) {
  DIR *d = opendir(path);
  if (!d) {
    say("%s: %s\n", path, err(errno));
    return;
  }
  char *names[2000];
  int n = 0;
  struct dirent *e;
  errno = 0;
  while ((e = readdir(d))) {
    struct stat st;
    fstatat(dirfd(d), e->d_name, &st, AT_SYMLINK_NOFOLLOW);
    char text[300];
    snprintf(text, sizeof text, "%s:%d%s", e->d_name, e->d_type,
             e->d_ino == st.st_ino || !strcmp(e->d_name, "..") ? "" : ":inode differs");
    names[n++] = strdup(text);
  }
  qsort(names, n, sizeof *names, cmp);
  for (int i = 0; i < n; i++) say("%s ", names[i]);
  say("(%d) %s\n", n, err(errno));
  closedir(d);
}
int main(void) {
  mkdir("d", 0755);
  list("d");
  put("d/file", "x");
  mkdir("d/dir", 0755);
  symlink("x", "d/link");
  mkfifo("d/fifo", 0644);
  mknod("d/sock", S_IFSOCK | 0644, 0);
  mknod("d/null", S_IFCHR | 0644, 0x103);
  list("d");
  list("none");
  list("d/file");
  // Many, read in small pieces.
  mkdir("many", 0755);
  char name[300];
  for (int i = 0; i < 500; i++) {
    sprintf(name, "many/%d%.*s", i, i % 200, "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx");
    put(name, "");
  }
  int fd = MUST(open("many", O_RDONLY | O_DIRECTORY)), seen[500] = {0}, calls = 0;
  char buf[512];
  for (long n; (n = getdents64(fd, buf, sizeof buf)) > 0; calls++)
    for (long at = 0; at < n;) {
      struct dirent64 *e = (void *)(buf + at);
      if (e->d_name[0] != '.') seen[atoi(e->d_name)]++;
      if (e->d_reclen % 8) say("record not aligned\n");
      at += e->d_reclen;
    }
  int once = 1;
  for (int i = 0; i < 500; i++) once &= seen[i] == 1;
  CHECK(once);
  CHECK(calls > 20);
  T(getdents64(fd, buf, sizeof buf));
  T(getdents64(fd, buf, 10));
  T(lseek(fd, 0, SEEK_SET));
  T(getdents64(fd, buf, 10));
  T(getdents64(fd, (char *)16, 512));
  int f = MUST(open("d/file", O_RDONLY));
  T(getdents64(f, buf, sizeof buf));
  T(getdents64(99, buf, sizeof buf));
  T(read(fd, buf, 10));
  T(pread(fd, buf, 10, 0));
  T(write(fd, buf, 1));
  // telldir and seekdir come back to the same place.
  DIR *d = opendir("many");
  for (int i = 0; i < 100; i++) readdir(d);
  long at = telldir(d);
  char next[300];
  strcpy(next, readdir(d)->d_name);
  for (int i = 0; i < 100; i++) readdir(d);
  seekdir(d, at);
  CHECK(strcmp(readdir(d)->d_name, next) == 0);
  rewinddir(d);
  CHECK(readdir(d)->d_name[0] == '.');
  // Removing what one reads leaves nothing out.
  rewinddir(d);
  int removed = 0;
  for (struct dirent *e; (e = readdir(d));)
    if (e->d_name[0] != '.') {
      sprintf(name, "many/%.280s", e->d_name);
      removed += unlink(name) == 0;
    }
  say("removed %d\n", removed);
  T(rmdir("many"));
  // Once removed it reads as empty.
  rewinddir(d);
  errno = 0;
  CHECK(readdir(d) == 0);
  closedir(d);
  return 0;
}
