// Landlock: links and renames between directories: LANDLOCK_ACCESS_FS_REFER, and no gain of rights by moving.
#include "l.h"
#include "../random.h"
static const char *places[] = {"a", "a/b", "a/b/c", "d", "d/e"};
static const char *rulers[] = {".", "a", "a/b", "a/b/c", "d", "d/e", "a/f", "a/b/g", "d/f"};
static const char *what[] = {"a/f", "a/b/g", "a/b/c", "d/f", "d/e/h", "d/e", "a/b"};
static uint64_t rights(void) {
  static const uint64_t some[] = {REFER, REFER | MAKE_REG | REMOVE_FILE, ALL, MAKE_REG | REMOVE_FILE | MAKE_DIR | REMOVE_DIR, READ_FILE, REFER | READ_FILE, EXECUTE | READ_FILE, REFER | MAKE_DIR | REMOVE_DIR | MAKE_REG | REMOVE_FILE, WRITE_FILE};
  uint64_t r = some[rnd(COUNT(some))];
  return rnd(3) ? r : r | 1ul << rnd(16);
}
int main(int argc, char **argv) {
  seed(argc, argv);
  for (int round = 0; round < 150; round++) {
    plant("a/b/c d/e", "a/f a/b/g d/f d/e/h");
    int layers = 1 + rnd(2);
    int set[2];
    for (int l = 0; l < layers; l++) {
      uint64_t handled = rnd(3) ? rights() | REFER : rights();
      set[l] = MUST(create(handled, 0, 0));
      for (int n = rnd(4); n > 0; n--) {
        const char *where = rulers[rnd(COUNT(rulers))];
        uint64_t access = rights() & handled;
        if (access) allow(set[l], where, access);
      }
    }
    APART({
      for (int l = 0; l < layers; l++) MUST(restrict_self(set[l]));
      for (int i = 0; i < 6; i++) {
        char to[64];
        const char *from = what[rnd(COUNT(what))];
        const char *name = rnd(2) ? "new" : strrchr(what[rnd(COUNT(what))], '/') + 1;
        sprintf(to, "%s/%s", places[rnd(COUNT(places))], name);
        int how = rnd(3);
        long r = how == 0 ? link(from, to) : syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, how == 1 ? 0 : 2);
        say("%d %s %s %s: %s\n", round, how == 0 ? "link" : how == 1 ? "rename" : "exchange", from, to, r ? err(errno) : "ok");
      }
    });
    for (int l = 0; l < layers; l++) close(set[l]);
  }
  return 0;
}
