// Rulesets for this folder's programs.
#pragma once
#include "../t.h"
#include <ftw.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#define COUNT(a) (sizeof(a) / sizeof *(a))
enum { EXECUTE = 1 << 0, WRITE_FILE = 1 << 1, READ_FILE = 1 << 2, READ_DIR = 1 << 3, REMOVE_DIR = 1 << 4, REMOVE_FILE = 1 << 5, MAKE_CHAR = 1 << 6,
       MAKE_DIR = 1 << 7, MAKE_REG = 1 << 8, MAKE_SOCK = 1 << 9, MAKE_FIFO = 1 << 10, MAKE_BLOCK = 1 << 11, MAKE_SYM = 1 << 12, REFER = 1 << 13,
       TRUNCATE = 1 << 14, IOCTL_DEV = 1 << 15, ALL = 0xffff, BIND_TCP = 1, CONNECT_TCP = 2, SCOPE_SOCKET = 1, SCOPE_SIGNAL = 2 };
struct ruleset { uint64_t fs, net, scoped; };
struct beneath { uint64_t access; int32_t fd; } __attribute__((packed));
struct port { uint64_t access, port; };
UNUSED static long create(uint64_t fs, uint64_t net, uint64_t scoped) {
  struct ruleset a = {fs, net, scoped};
  return syscall(444, &a, sizeof a, 0);
}
UNUSED static long allow(int ruleset, const char *path, uint64_t access) {
  struct beneath b = {access, open(path, O_PATH | O_CLOEXEC | O_NOFOLLOW)};
  long r = syscall(445, ruleset, 1, &b, 0);
  int saved = errno;
  if (b.fd >= 0) close(b.fd);
  errno = saved;
  return r;
}
UNUSED static long allow_port(int ruleset, uint64_t number, uint64_t access) {
  struct port p = {access, number};
  return syscall(445, ruleset, 2, &p, 0);
}
UNUSED static long restrict_self(int ruleset) { return syscall(446, ruleset, 0); }
// What one path is allowed of all that is handled.
UNUSED static void only(uint64_t handled, const char *path, uint64_t access) {
  int r = MUST(create(handled, 0, 0));
  if (access) MUST(allow(r, path, access));
  MUST(restrict_self(r));
  close(r);
}

static int open_and_close(const char *path, int flags, int mode) {
  int fd = open(path, flags, mode);
  if (fd >= 0) close(fd);
  return fd < 0 ? -1 : 0;
}
#define OPENED(path, flags, mode, ...) open_and_close(path, flags, mode)
#define opened(...) OPENED(__VA_ARGS__, 0, 0)

static int pull(const char *path, const struct stat *s UNUSED, int type UNUSED, struct FTW *f) { return f->level ? remove(path) : 0; }
// An empty directory but for these directories and files, which begin anew.
UNUSED static void plant(const char *directories, const char *files) {
  char text[256], *name, *rest;
  nftw(".", pull, 8, FTW_DEPTH | FTW_PHYS);
  strcpy(text, directories);
  for (name = strtok_r(text, " ", &rest); name; name = strtok_r(0, " ", &rest)) {
    char part[256];
    for (char *slash = name; slash; slash = strchr(slash + 1, '/')) {
      if (slash == name) continue;
      memcpy(part, name, slash - name), part[slash - name] = 0;
      mkdir(part, 0755);
    }
    mkdir(name, 0755);
  }
  strcpy(text, files);
  for (name = strtok_r(text, " ", &rest); name; name = strtok_r(0, " ", &rest)) put(name, name);
}
