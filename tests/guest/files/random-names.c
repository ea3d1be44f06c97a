// A long random sequence of calls on names, each with its result: every Linux gives the same.
#include "t.h"
#include <dirent.h>
static unsigned long state = 2463534242ul;
static unsigned long rnd(unsigned long n) {
  state ^= state << 13, state ^= state >> 7, state ^= state << 17;
  return state % n;
}
static char path[2][200];
static char *name(int which) {
  char *p = path[which];
  int depth = rnd(3);
  *p = 0;
  for (int i = 0; i < depth; i++) sprintf(p + strlen(p), "d%lu/", rnd(3));
  static const char *last[] = {"d0", "d1", "d2", "f0", "f1", "f2", "s0", "s1", ".", "..", "f0/", "d1/", "s0/", ""};
  return strcat(p, last[rnd(rnd(3) ? 8 : 14)]);
}
static unsigned long hash = 5381;
static void mix(const char *text) {
  for (; *text; text++) hash = hash * 33 + (unsigned char)*text;
}
static int cmp(const struct dirent **a, const struct dirent **b) {
  return strcmp((*a)->d_name, (*b)->d_name);
}
static void walk(const char *at, int depth) {
  struct dirent **list;
  int n = scandir(at, &list, 0, cmp);
  for (int i = 0; i < n; i++) {
    char p[400], line[600], target[100] = "";
    struct stat st;
    snprintf(p, sizeof p, "%s/%s", at, list[i]->d_name);
    if (strcmp(list[i]->d_name, ".") && strcmp(list[i]->d_name, "..") && lstat(p, &st) == 0) {
      if (S_ISLNK(st.st_mode)) readlink(p, target, sizeof target - 1);
      snprintf(line, sizeof line, "%s %o %d %ld %s type %d\n", p, st.st_mode, (int)st.st_nlink,
               S_ISDIR(st.st_mode) ? 0l : (long)st.st_size, target, list[i]->d_type);
      mix(line);
      if (depth == 0) say("%s", line);
      if (S_ISDIR(st.st_mode)) walk(p, depth + 1);
    }
    free(list[i]);
  }
  if (n >= 0) free(list);
}
int main(int argc, char **argv) {
  if (argc > 1) state += strtoul(argv[1], 0, 10);
  mkdir("w", 0755);
  chdir("w");
  umask(0);
  for (int step = 0; step < 4000; step++) {
    char *a = name(0), *b = name(1), line[600];
    int what = rnd(14), result;
    errno = 0;
    switch (what) {
      case 0: case 1: result = mkdir(a, 0755); break;
      case 2: result = rmdir(a); break;
      case 3: result = unlink(a); break;
      case 4: case 5: result = rename(a, b); break;
      case 6: result = link(a, b); break;
      case 7: result = symlink(b, a); break;
      case 8: result = syscall(SYS_renameat2, AT_FDCWD, a, AT_FDCWD, b, 1 + rnd(2)); break;
      case 9: {
        static const int flags[] = {O_RDONLY, O_RDWR, O_CREAT | O_RDWR, O_CREAT | O_EXCL | O_RDWR, O_DIRECTORY,
                                    O_NOFOLLOW, O_CREAT | O_NOFOLLOW | O_WRONLY, O_TRUNC | O_WRONLY};
        result = open(a, flags[rnd(8)] | O_NONBLOCK, 0644);
        if (result >= 0) {
          write(result, "x", 1);
          close(result);
          result = 0;
        }
        break;
      }
      case 10: result = open(a, O_CREAT | O_RDWR | O_NONBLOCK, 0600); if (result >= 0) close(result), result = 0; break;
      case 11: { struct stat st; result = stat(a, &st); break; }
      case 12: result = chmod(a, 0400 + rnd(0400)); break;
      default: result = mknod(a, S_IFIFO | 0644, 0); break;
    }
    snprintf(line, sizeof line, "%d %d \"%s\" \"%s\" = %s\n", step, what, a, b, result ? err(errno) : "0");
    mix(line);
    if (step % 200 == 0) {
      char here[4096];
      walk(".", step % 1000 ? 1 : 0);
      say("%d %lx %d\n", step, hash, getcwd(here, sizeof here) != 0);
    }
    if (getenv("VERBOSE")) say("%s", line);
  }
  walk(".", 0);
  say("%lx\n", hash);
  return 0;
}
