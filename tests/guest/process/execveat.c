// execveat(2): by directory, by descriptor, from a memfd; its flags and errors.
#include "t.h"
static char *av[] = {"zero", "show", 0}, *ev[] = {0};
static int at(int fd, const char *path, int flags) { return syscall(SYS_execveat, fd, path, av, ev, flags); }
#define X(fd, path, flags) do { pid_t c_ = CHILD(T(at(fd, path, flags)); _exit(9)); \
  say("%s\n", status_text(reap(c_))); } while (0)
int main(int argc, char **argv) {
  char self[PATH_MAX] = {0};
  MUST(readlink("/proc/self/exe", self, sizeof self - 1));
  if (argc > 1) {
    char name[17] = {0};
    prctl(PR_GET_NAME, name);
    say("ran: %s %s\n", argv[0], argv[1]);
    return 0;
  }
  mkdir("d", 0755);
  int in = MUST(open(self, O_RDONLY)), out = MUST(open("d/prog", O_WRONLY | O_CREAT, 0755));
  char block[65536];
  int memory = MUST(memfd_create("mem", 0));
  for (int n; (n = read(in, block, sizeof block)) > 0;) {
    MUST(write(out, block, n));
    MUST(write(memory, block, n));
  }
  close(out);
  int d = MUST(open("d", O_RDONLY | O_DIRECTORY)), f = MUST(open("d/prog", O_RDONLY)), p = MUST(open("d/prog", O_PATH));
  X(d, "prog", 0);
  X(f, "", AT_EMPTY_PATH);
  X(p, "", AT_EMPTY_PATH);
  X(memory, "", AT_EMPTY_PATH);
  X(AT_FDCWD, "d/prog", 0);
  X(-1, "d/prog", 0);
  X(f, "", 0);
  X(-1, "", AT_EMPTY_PATH);
  X(d, "none", 0);
  X(f, "prog", 0);
  X(d, "", AT_EMPTY_PATH);
  X(d, "prog", 0x8000);
  MUST(symlink("prog", "d/link"));
  X(d, "link", 0);
  X(d, "link", AT_SYMLINK_NOFOLLOW);
  X(d, "prog", AT_SYMLINK_NOFOLLOW);
  // A script by descriptor: its interpreter opens /dev/fd/N, so a descriptor that closes on exec cannot work.
  out = MUST(open("d/script", O_WRONLY | O_CREAT, 0755));
  dprintf(out, "#!d/prog\n");
  close(out);
  int s = MUST(open("d/script", O_RDONLY)), sc = MUST(open("d/script", O_RDONLY | O_CLOEXEC));
  X(s, "", AT_EMPTY_PATH);
  X(sc, "", AT_EMPTY_PATH);
  X(d, "script", 0);
  int fx = fexecve(-1, av, ev);
  say("fexecve(-1) %d %s\n", fx, err(errno));
  return 0;
}
