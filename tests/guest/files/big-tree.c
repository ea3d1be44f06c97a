// A tree of many files and directories, walked, renamed and removed.
#include "t.h"
#include <ftw.h>
static int files, dirs, links;
static long bytes;
static int visit(const char *p, const struct stat *st, int type, struct FTW *f) {
  (void)p, (void)f;
  if (type == FTW_F) files++, bytes += st->st_size;
  if (type == FTW_D || type == FTW_DP) dirs++;
  if (type == FTW_SL || type == FTW_SLN) links++;
  return 0;
}
static int zap(const char *p, const struct stat *st, int type, struct FTW *f) {
  (void)st, (void)type, (void)f;
  return remove(p);
}
int main(void) {
  mkdir("t", 0755);
  char p[100], q[120];
  for (int i = 0; i < 20; i++) {
    sprintf(p, "t/d%d", i);
    mkdir(p, 0755);
    for (int j = 0; j < 20; j++) {
      sprintf(q, "%s/f%d", p, j);
      int fd = MUST(open(q, O_CREAT | O_WRONLY, 0644));
      ftruncate(fd, i * j);
      close(fd);
      if (j == 7) {
        char r[130];
        sprintf(r, "%s/link", p);
        symlink("f7", r);
      }
    }
  }
  nftw("t", visit, 10, FTW_PHYS);
  say("files %d directories %d links %d bytes %ld\n", files, dirs, links, bytes);
  for (int i = 0; i < 20; i += 2) {
    sprintf(p, "t/d%d", i);
    sprintf(q, "t/d%d/moved", i + 1);
    MUST(rename(p, q));
  }
  files = dirs = links = bytes = 0;
  nftw("t", visit, 10, FTW_PHYS);
  say("files %d directories %d links %d bytes %ld\n", files, dirs, links, bytes);
  T(nftw("t", zap, 10, FTW_PHYS | FTW_DEPTH));
  T(access("t", F_OK));
  return 0;
}
